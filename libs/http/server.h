// An HTTP/1.1 server (Boost.Beast), asynchronous: a few threads for any number of connections.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "http/message.h"

namespace holdfast::http {

struct ServerOptions {
  std::string host = "127.0.0.1";
  std::uint16_t port = 0;  // 0: any free one
  int threads = 1;
  std::size_t max_body_bytes = 1U << 20U;     // more: 413, and an error as that of a call
  std::size_t max_header_bytes = 16U << 10U;  // more: 431
  std::size_t max_target_bytes = 8U << 10U;   // more: 414
  absl::Duration idle = absl::Seconds(60);
  // Every answer carries these as well, those that the server gives itself (400, 413, 414, 431)
  // among them.
  Headers headers;
};

class Server {
 public:
  // Called once per request, by any thread, from anywhere; a request never answered holds its
  // connection for ever.
  using Respond = absl::AnyInvocable<void(Response)>;
  // Runs on a server thread and must not block: it answers at once, or keeps `respond` and answers
  // later.
  using Handler = absl::AnyInvocable<void(Request, Respond) const>;

  // kUnavailable where the port is taken: the message names host and port.
  static absl::StatusOr<std::unique_ptr<Server>> Start(const ServerOptions& options,
                                                       Handler handler);
  // Stops listening, closes idle connections, waits for open requests (at most `drain`), joins.
  virtual void Stop(absl::Duration drain) = 0;
  virtual ~Server() = default;

  virtual std::uint16_t port() const = 0;
};

}  // namespace holdfast::http
