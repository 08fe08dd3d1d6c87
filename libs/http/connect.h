// The Connect protocol (unary) by reflection: JSON or protobuf over HTTP/1.1 <-> serialised
// protobuf. No code per RPC.
//
//   POST /<package>.<Service>/<Method>        application/json, application/proto
//   GET  …?connect=v1&encoding=json&message=…  where the method declares NO_SIDE_EFFECTS
//
// A stream of both directions needs HTTP/2: it is answered with `unimplemented`.
//
// Source: connectrpc.com/docs/protocol. What a request means, and how errors look, stands there.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "http/message.h"

namespace google::protobuf {
class Message;
class MethodDescriptor;
}  // namespace google::protobuf

namespace holdfast::http {

// A call on its way to the service behind.
struct UnaryCall {
  const google::protobuf::MethodDescriptor* method = nullptr;
  std::unique_ptr<google::protobuf::Message> request;
  Headers metadata;  // the allowed headers, names in lower case
  absl::Duration timeout = absl::InfiniteDuration();
};

struct UnaryAnswer {
  std::unique_ptr<google::protobuf::Message> message;
  Headers trailers;
};

// Whoever answers it: the gateway's gRPC client. `done` is called once, on any thread.
using Backend = absl::AnyInvocable<void(
    UnaryCall, absl::AnyInvocable<void(absl::StatusOr<UnaryAnswer>)>) const>;

// True for paths of the form /a.b.Service/Method of a service known to the generated pool.
bool IsRpcPath(std::string_view path);

// Answers one request. Headers that travel: the door's allow-list (experience.md: idempotency-key,
// holdfast-*, if-match, if-none-match, traceparent) and what the caller adds as `extra` (the
// session's token).
void ServeConnect(const Backend& backend, const Request& request, const Headers& extra,
                  absl::AnyInvocable<void(Response)> respond);

// {"code":"invalid_argument","message":…,"details":[…]} with the payloads of the status; the HTTP
// status that goes with its code.
Response ErrorResponse(const absl::Status& status);

}  // namespace holdfast::http
