// Many commands of one context in one message, alone or in a stream of messages.
//
//   each item -> the door of its own method -> all submitted, none awaited -> results in order
//
// So a batch costs the journal one or two group commits, whatever its size, and each item is a
// commit of its own.
#pragma once

#include <memory>

#include "holdfast/type/v1/batch.pb.h"

#include "absl/functional/any_invocable.h"
#include "rpc/batch_door.h"

namespace holdfast::rpc {
struct Admitted;
struct MethodPlan;
class StreamCall;
class UnaryCall;
}  // namespace holdfast::rpc

namespace holdfast::app {

struct ContextCommands;

// Thread-safe.
class CommandBatches {
 public:
  // The context is borrowed; `door` knows the commands that its service has methods for.
  CommandBatches(const ContextCommands& context, rpc::BatchDoor door);

  // Never waits; answers on a thread of the context.
  void Answer(std::unique_ptr<rpc::UnaryCall> call) const;

  // Until the client ends its side, or the process drains: then what was taken is answered first.
  // Reads no further while 256 items are unanswered. Holds the calling thread.
  void Converse(std::shared_ptr<rpc::StreamCall> call) const;

 private:
  using Results = std::unique_ptr<type::v1::CommandResults>;
  using Done = absl::AnyInvocable<void(Results)>;

  // `call` and `method` live until `done`, which is called once.
  void Submit(const rpc::Admitted& call, const rpc::MethodPlan& method,
              const type::v1::CommandBatch& batch, Done done) const;

  class Running;
  class Conversation;
  const ContextCommands& context_;
  const rpc::BatchDoor door_;
};

}  // namespace holdfast::app
