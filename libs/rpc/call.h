// A call that passed the door, as a handler sees it. Nothing of gRPC shows.
#pragma once

#include <functional>
#include <memory>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "rpc/door.h"

namespace google::protobuf {
class Message;
}

namespace holdfast::rpc {

struct MethodPlan;

// One request, one answer. Destroyed without an answer, it answers INTERNAL.
class UnaryCall {
 public:
  virtual ~UnaryCall() = default;
  virtual const MethodPlan& method() const = 0;
  virtual const Admitted& admitted() const = 0;
  virtual const google::protobuf::Message& request() const = 0;
  virtual std::unique_ptr<google::protobuf::Message> TakeRequest() = 0;
  // True once nobody waits for the answer.
  virtual bool cancelled() const = 0;
  // Exactly one of the two, once, from any thread.
  virtual void Answer(const google::protobuf::Message& answer) = 0;
  virtual void Fail(const absl::Status& status) = 0;
};

// Messages in, messages out, in any of the three streaming shapes. Thread-safe but for Read and
// Write, which one thread calls at a time.
class StreamCall {
 public:
  virtual ~StreamCall() = default;
  virtual const MethodPlan& method() const = 0;
  virtual const Admitted& admitted() const = 0;
  // The request of a server stream: there before the handler runs. Null for the other shapes.
  virtual std::unique_ptr<google::protobuf::Message> TakeRequest() = 0;
  // The next message, checked by the door; false at the client's end. Waits. An error ends the
  // call: Finish with it.
  virtual absl::StatusOr<bool> Read(google::protobuf::Message& into) = 0;
  // The same, but Wake ends its wait: nothing was read then.
  enum class Arrival { kMessage, kEnd, kWoken };
  virtual absl::StatusOr<Arrival> ReadOrWake(google::protobuf::Message& into) = 0;
  // From any thread. Where nobody waits, the next ReadOrWake does not.
  virtual void Wake() = 0;
  // False once the client is gone or the deadline has passed. Waits while 16 messages are on their
  // way.
  virtual bool Write(const google::protobuf::Message& message) = 0;
  // The same, never waiting: for writers on a thread of gRPC that write seldom.
  virtual bool Offer(const google::protobuf::Message& message) = 0;
  // Once; what was written before still goes out.
  virtual void Finish(const absl::Status& status) = 0;
  // The client is gone, the deadline has passed, or the process drains. In a stream of both
  // directions a draining process reads no more, but what is answered still goes out.
  virtual bool cancelled() const = 0;
  // Called once when that happens, on a thread of gRPC; at once where it has.
  virtual void WhenGone(absl::AnyInvocable<void()> gone) = 0;
};

// Handlers run on a thread of gRPC and must not block: what takes time goes to a WorkerPool or to
// an actor.
using UnaryHandler = std::function<void(std::unique_ptr<UnaryCall>)>;
using StreamHandler = std::function<void(std::shared_ptr<StreamCall>)>;

}  // namespace holdfast::rpc
