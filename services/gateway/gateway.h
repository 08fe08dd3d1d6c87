// The HTTP door: the console's files, sessions of browsers, and every unary RPC as Connect, by
// reflection.
//
//   browser --cookie, CSRF token--> Gateway --bearer token, gRPC--> the services' own door
//
// The gateway decides nothing about rights: it holds a browser's token and passes calls on. A
// person signs in with an OpenID provider (provider_sign_in.h), or chooses whom to be in the
// demonstration.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace grpc {
class Channel;
}

namespace holdfast {
class Clock;
class Random;
}  // namespace holdfast

namespace holdfast::config::v1 {
class Issuers;
}

namespace holdfast::rpc {
class TransportSecurity;
}

namespace holdfast::gateway {

struct GatewayOptions {
  std::string host = "127.0.0.1";
  std::uint16_t port = 8080;
  bool replace_taken_port = false;
  std::shared_ptr<grpc::Channel> services;  // shared with the calls in flight
  // Of a deployment, instead of `services`: every service's doors (rpc/routes.h).
  std::string doors;
  // By what it and the services' processes know each other; null: without TLS. Borrowed while it
  // starts.
  const rpc::TransportSecurity* transport = nullptr;
  // Whom people may sign in with, as the issuers' file says it now; null: nobody.
  std::function<std::shared_ptr<const config::v1::Issuers>()> issuers;
  // Plain HTTP to a provider on loopback is taken.
  bool development = false;
  Clock* clock = nullptr;    // borrowed
  Random* random = nullptr;  // borrowed
};

class Gateway {
 public:
  // kUnavailable naming the port where it is taken and not to be replaced.
  static absl::StatusOr<std::unique_ptr<Gateway>> Start(const GatewayOptions& options);
  virtual ~Gateway() = default;

  virtual std::uint16_t port() const = 0;
  // Answers what has begun (at most until `drain` has passed), takes nothing new.
  virtual void Stop(absl::Duration drain) = 0;
};

}  // namespace holdfast::gateway
