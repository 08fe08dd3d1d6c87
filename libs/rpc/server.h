// The gRPC server of a process: callback API, limits of memory and streams; without certificates
// on loopback only.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace grpc {
class Channel;
class Server;
}  // namespace grpc

namespace holdfast::rpc {

class DescriptorService;
class TransportSecurity;

// "127.0.0.1:8081", "[::1]:8081".
std::string HostAndPort(const std::string& host, std::uint16_t port);

struct ServerOptions {
  std::string host = "127.0.0.1";
  std::uint16_t port = 8081;  // 0: any free one
  bool replace_taken_port = false;
  bool reflection = false;  // development
  std::size_t max_receive_bytes = 1U << 20U;
  // Null: plaintext. Shared with the connections that go on.
  std::shared_ptr<const TransportSecurity> security = nullptr;
};

class Server {
 public:
  // Services are borrowed. kInvalidArgument for a host beyond loopback without certificates,
  // kUnavailable naming the port where it is taken.
  static absl::StatusOr<std::unique_ptr<Server>> Start(
      const ServerOptions& options, const std::vector<DescriptorService*>& services);
  // Shuts down at once where Shutdown was not called.
  ~Server();

  std::uint16_t port() const { return port_; }
  std::string address() const;

  // A channel that needs no socket.
  std::shared_ptr<grpc::Channel> InProcess();

  // No new calls; those in flight have until `deadline`, then they are cancelled. Waits for them.
  void Shutdown(absl::Time deadline);

 private:
  Server(std::unique_ptr<grpc::Server> server, std::string host, std::uint16_t port);

  std::unique_ptr<grpc::Server> server_;
  const std::string host_;
  const std::uint16_t port_;
  bool shut_down_ = false;
};

}  // namespace holdfast::rpc
