#include "cli/session.h"

#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <limits>
#include <sstream>
#include <utility>

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>
#include <google/protobuf/struct.pb.h>
#include <google/protobuf/util/json_util.h>

#include "holdfast/directory/v1/directory.pb.h"
#include "holdfast/type/v1/type.pb.h"

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "base/error.h"
#include "base/hex.h"
#include "base/random.h"
#include "base/status_macros.h"
#include "base/uuid.h"
#include "cli/progress.h"
#include "rpc/routes.h"

namespace holdfast::cli {
namespace {

constexpr char kUsualAddress[] = "127.0.0.1:8081";
constexpr char kIssueToken[] = "/holdfast.directory.v1.DevelopmentIssuerService/IssueToken";
// Renewed while a long command runs.
constexpr absl::Duration kRenewBefore = absl::Minutes(2);

std::string FromEnvironment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

// How many rows an answer says that it leaves out; 0 where it has no field `as_of`.
std::uint64_t ParkedRowsOf(const google::protobuf::Message& answer) {
  const auto* field = answer.GetDescriptor()->FindFieldByName("as_of");
  if (field == nullptr || field->is_repeated() ||
      field->message_type() != type::v1::AsOf::descriptor()) {
    return 0;
  }
  const auto& as_of =
      static_cast<const type::v1::AsOf&>(answer.GetReflection()->GetMessage(answer, field));
  std::uint64_t rows = 0;
  for (const auto& context : as_of.contexts()) rows += context.parked_rows();
  return rows;
}

}  // namespace

RunningPlatform FindPlatform(const std::string& data) {
  const std::string folder = data.empty() ? ".data" : data;
  std::ifstream file(folder + "/run/holdfast.json");
  std::stringstream text;
  text << file.rdbuf();
  google::protobuf::Struct fields;
  if (!file || !google::protobuf::util::JsonStringToMessage(text.str(), &fields).ok()) return {};
  const auto field = [&fields](const char* name) {
    const auto found = fields.fields().find(name);
    return found == fields.fields().end() ? "" : found->second.string_value();
  };
  return {field("console"), field("grpc"), field("admin"), field("data")};
}

Session::Session(SessionOptions options) : options_(std::move(options)) {
  if (options_.address.empty()) options_.address = FromEnvironment("HOLDFAST_ADDRESS");
  if (options_.tenant.empty()) options_.tenant = FromEnvironment("HOLDFAST_TENANT");
  if (options_.as.empty()) options_.as = FromEnvironment("HOLDFAST_AS");
  if (options_.purpose.empty()) options_.purpose = FromEnvironment("HOLDFAST_PURPOSE");
  if (options_.address.empty()) options_.address = FindPlatform(options_.data).grpc;
  if (options_.address.empty()) options_.address = kUsualAddress;
  if (options_.tenant.empty()) options_.tenant = "westmoor";
  if (options_.as.empty()) options_.as = "trial";
  auto tokens = [this] { return SignIn().ok() ? token_ : std::string(); };
  const absl::StatusOr<rpc::Routes> routes = rpc::Routes::Parse(options_.address);
  // What is no list of doors is gRPC's to read: a name that it resolves, a socket.
  client_ = routes.ok() ? std::make_unique<rpc::Client>(*routes, std::move(tokens))
                        : std::make_unique<rpc::Client>(rpc::ConnectTo(options_.address),
                                                        std::move(tokens));
}

Session::~Session() = default;

rpc::CallOptions Session::Options() const {
  rpc::CallOptions options;
  options.timeout = options_.timeout;
  options.purpose = options_.purpose;
  options.justification = options_.justification;
  // A person waits as long as --timeout says: a take-over needs longer than a few repetitions.
  options.max_retries = std::numeric_limits<int>::max();
  return options;
}

absl::Status Session::SignIn() {
  if (token_until_ > absl::Now() + kRenewBefore) return absl::OkStatus();
  directory::v1::IssueTokenRequest request;
  request.set_tenant(options_.tenant);
  request.set_as(options_.as);
  directory::v1::IssuedToken issued;
  rpc::CallOptions options = Options();
  options.token = "";
  const absl::Status status = client_->Call(kIssueToken, request, issued, options);
  if (absl::IsUnavailable(status) && ReasonOf(status).empty()) {
    return absl::UnavailableError(
        "Nobody answers at " + options_.address +
        ". Start the platform with ./dev up, or name its address with --address.");
  }
  RETURN_IF_ERROR(status);
  token_ = issued.token();
  token_until_ = absl::FromUnixSeconds(issued.expires_at().seconds());
  return absl::OkStatus();
}

absl::Status Session::Call(const std::string& method, const google::protobuf::Message& request,
                           google::protobuf::Message& answer) {
  RETURN_IF_ERROR(SignIn());
  RETURN_IF_ERROR(client_->Call(method, request, answer, Options()));
  if (const std::uint64_t rows = ParkedRowsOf(answer); rows > 0) {
    Say(absl::StrCat("This answer leaves out ", rows,
                     " rows, because events could not be applied to them. An administrator sees "
                     "which: holdfast projection parked"));
  }
  return absl::OkStatus();
}

absl::Status Session::Command(const std::string& method, const google::protobuf::Message& request,
                              google::protobuf::Message& answer,
                              const std::string& idempotency_key) {
  RETURN_IF_ERROR(SignIn());
  rpc::CallOptions options = Options();
  options.idempotency_key =
      idempotency_key.empty() ? ToString(NewUuidV4(SystemRandom())) : idempotency_key;
  return client_->Call(method, request, answer, options);
}

std::unique_ptr<Session> Session::As(const std::string& tenant, const std::string& as) const {
  SessionOptions options = options_;
  options.tenant = tenant;
  options.as = as;
  return std::make_unique<Session>(std::move(options));
}

}  // namespace holdfast::cli
