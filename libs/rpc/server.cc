#include "rpc/server.h"

#include <mutex>
#include <utility>

#include <grpc/grpc.h>
#include <grpcpp/ext/proto_server_reflection_plugin.h>
#include <grpcpp/health_check_service_interface.h>
#include <grpcpp/security/server_credentials.h>
#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "rpc/descriptor_service.h"
#include "rpc/transport_security.h"

namespace holdfast::rpc {
namespace {

constexpr int kMaxStreams = 64;
constexpr int kMaxConnectionAgeMs = 30 * 60 * 1000;
constexpr int kMaxMetadataBytes =
    32768;  // the door's own limit is lower, and answers with a reason

bool IsLoopback(const std::string& host) {
  return host == "::1" || host == "[::1]" || absl::StartsWith(host, "127.");
}

// Null where the port is taken.
std::unique_ptr<grpc::Server> Build(const ServerOptions& options, std::uint16_t port,
                                    const std::vector<DescriptorService*>& services, int& bound) {
  grpc::ServerBuilder builder;
  const bool plain = options.security == nullptr;
  builder.AddListeningPort(HostAndPort(options.host, port),
                           plain ? grpc::InsecureServerCredentials() : options.security->OfServer(),
                           &bound);
  // Else a connection would outlive what was said for it when it began.
  if (!plain) builder.AddChannelArgument(GRPC_ARG_MAX_CONNECTION_AGE_MS, kMaxConnectionAgeMs);
  builder.SetMaxReceiveMessageSize(static_cast<int>(options.max_receive_bytes));
  // Two processes on one port would share its calls.
  builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
  builder.AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS, kMaxStreams);
  builder.AddChannelArgument(GRPC_ARG_MAX_METADATA_SIZE, kMaxMetadataBytes);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS, 60000);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, 20000);
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS, 5000);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
  for (DescriptorService* service : services) builder.RegisterService(&service->grpc_service());
  return builder.BuildAndStart();
}

}  // namespace

std::string HostAndPort(const std::string& host, std::uint16_t port) {
  const bool bare_v6 = absl::StrContains(host, ':') && !absl::StartsWith(host, "[");
  return bare_v6 ? absl::StrCat("[", host, "]:", port) : absl::StrCat(host, ":", port);
}

Server::Server(std::unique_ptr<grpc::Server> server, std::string host, std::uint16_t port)
    : server_(std::move(server)), host_(std::move(host)), port_(port) {}

Server::~Server() {
  if (!shut_down_) Shutdown(absl::Now());
}

absl::StatusOr<std::unique_ptr<Server>> Server::Start(
    const ServerOptions& options, const std::vector<DescriptorService*>& services) {
  if (options.security == nullptr && !IsLoopback(options.host)) {
    return absl::InvalidArgumentError(
        absl::StrCat("listen.host is ", options.host,
                     ": without TLS only loopback is served; use 127.0.0.1 or ::1"));
  }
  static std::once_flag once;
  std::call_once(once, [] { grpc::EnableDefaultHealthCheckService(false); });
  if (options.reflection) {
    static std::once_flag reflection;
    std::call_once(reflection, [] { grpc::reflection::InitProtoReflectionServerBuilderPlugin(); });
  }
  int bound = 0;
  std::unique_ptr<grpc::Server> server = Build(options, options.port, services, bound);
  if ((server == nullptr || bound <= 0) && options.replace_taken_port) {
    server = Build(options, 0, services, bound);
  }
  if (server == nullptr || bound <= 0) {
    return absl::UnavailableError(
        absl::StrCat("port ", options.port, " on ", options.host,
                     " is taken by another program; stop it, or choose another with --port"));
  }
  return std::unique_ptr<Server>(
      new Server(std::move(server), options.host, static_cast<std::uint16_t>(bound)));
}

std::string Server::address() const {
  return HostAndPort(host_, port_);
}

std::shared_ptr<grpc::Channel> Server::InProcess() {
  return server_->InProcessChannel(grpc::ChannelArguments());
}

void Server::Shutdown(absl::Time deadline) {
  shut_down_ = true;
  server_->Shutdown(absl::ToChronoTime(deadline));
}

}  // namespace holdfast::rpc
