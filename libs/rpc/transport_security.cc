#include "rpc/transport_security.h"

#include <algorithm>
#include <functional>
#include <vector>

#include <grpcpp/channel.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>
#include <grpcpp/security/server_credentials.h>
#include <grpcpp/security/tls_certificate_provider.h>
#include <grpcpp/security/tls_certificate_verifier.h>
#include <grpcpp/security/tls_credentials_options.h>
#include <sys/stat.h>

#include "absl/strings/str_cat.h"
#include "base/private_file.h"
#include "base/status_macros.h"

namespace holdfast::rpc {
namespace {

using grpc::experimental::CertificateVerifier;
using grpc::experimental::ExternalCertificateVerifier;
using grpc::experimental::FileWatcherCertificateProvider;
using grpc::experimental::TlsCustomVerificationCheckRequest;

constexpr std::string_view kTrustDomain = "spiffe://holdfast/";
constexpr int kMaxAnswerBytes = 64 << 20;

// Asks the name in the certificate beside the chain, which the library has verified: a service of
// this environment, and no other name beside it.
class SameEnvironment final : public ExternalCertificateVerifier {
 public:
  explicit SameEnvironment(std::string environment) : environment_(std::move(environment)) {}

  bool Verify(TlsCustomVerificationCheckRequest* request, std::function<void(grpc::Status)>,
              grpc::Status* status) override {
    const std::vector<grpc::string_ref> names = request->uri_names();
    const bool good =
        names.size() == 1 &&
        !ServiceOf({names.front().data(), names.front().size()}, environment_).empty();
    if (!good) {
      *status = grpc::Status(grpc::StatusCode::UNAUTHENTICATED,
                             "the certificate names no service of this environment");
    }
    return true;  // decided at once
  }
  void Cancel(TlsCustomVerificationCheckRequest*) override {}

 private:
  const std::string environment_;
};

std::shared_ptr<FileWatcherCertificateProvider> Watched(const TransportFiles& files,
                                                        absl::Duration look) {
  const std::int64_t seconds = std::max<std::int64_t>(absl::ToInt64Seconds(look), 1);
  return std::make_shared<FileWatcherCertificateProvider>(
      files.key_file, files.certificate_file, files.ca_file, static_cast<unsigned int>(seconds));
}

absl::Status CheckThere(std::string_view what, const std::string& path, struct stat& status) {
  if (!path.empty() && ::stat(path.c_str(), &status) == 0) return absl::OkStatus();
  return absl::FailedPreconditionError(absl::StrCat(
      std::string(what), " ", path,
      " is not there; processes know each other by certificates of the deployment's authority"));
}

// As Kubernetes hands a secret to a process that is not root: root's, readable by its group.
bool HandedToGroup(const struct stat& file) {
  constexpr mode_t kReadable = 0440;
  return file.st_uid == 0 && (file.st_mode & 07777U) == kReadable;
}

}  // namespace

TransportFiles TransportFilesIn(const std::string& folder) {
  return {folder + "/ca.crt", folder + "/tls.crt", folder + "/tls.key"};
}

std::string ServiceOf(std::string_view name, std::string_view environment) {
  if (environment.empty() || !name.starts_with(kTrustDomain)) return "";
  name.remove_prefix(kTrustDomain.size());
  if (!name.starts_with(environment)) return "";
  name.remove_prefix(environment.size());
  if (!name.starts_with('/')) return "";
  name.remove_prefix(1);
  const bool word = !name.empty() && std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
  });
  return word ? std::string(name) : "";
}

absl::StatusOr<std::shared_ptr<const TransportSecurity>> TransportSecurity::Open(
    const TransportFiles& files, std::string environment, absl::Duration look) {
  struct stat status {};
  RETURN_IF_ERROR(CheckThere("the authority's certificate", files.ca_file, status));
  RETURN_IF_ERROR(CheckThere("the certificate", files.certificate_file, status));
  RETURN_IF_ERROR(CheckThere("the key of the certificate", files.key_file, status));
  if (!HandedToGroup(status)) {
    RETURN_IF_ERROR(CheckPrivate("the key of the certificate", files.key_file, status.st_mode));
  }
  return std::shared_ptr<const TransportSecurity>(
      new TransportSecurity(files, std::move(environment), look));
}

std::shared_ptr<grpc::ServerCredentials> TransportSecurity::OfServer() const {
  grpc::experimental::TlsServerCredentialsOptions options(Watched(files_, look_));
  options.watch_root_certs();
  options.watch_identity_key_cert_pairs();
  options.set_cert_request_type(GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY);
  options.set_certificate_verifier(
      ExternalCertificateVerifier::Create<SameEnvironment>(environment_));
  return grpc::experimental::TlsServerCredentials(options);
}

std::shared_ptr<grpc::ChannelCredentials> TransportSecurity::OfClient() const {
  grpc::experimental::TlsChannelCredentialsOptions options;
  options.set_certificate_provider(Watched(files_, look_));
  options.watch_root_certs();
  options.watch_identity_key_cert_pairs();
  // Names of services instead of names of hosts.
  options.set_check_call_host(false);
  options.set_certificate_verifier(
      ExternalCertificateVerifier::Create<SameEnvironment>(environment_));
  return grpc::experimental::TlsCredentials(options);
}

std::shared_ptr<grpc::Channel> ConnectTo(const std::string& address,
                                         const TransportSecurity& security) {
  grpc::ChannelArguments arguments;
  arguments.SetMaxReceiveMessageSize(kMaxAnswerBytes);
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  return grpc::CreateCustomChannel(address, security.OfClient(), arguments);
}

}  // namespace holdfast::rpc
