// The door for each command of a batch: its method is found by the type in its Any, and asks of it
// what it would ask of a call of its own.
//
//   item -> method by type -> role -> size -> parse -> fields
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "holdfast/type/v1/batch.pb.h"

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "rpc/door.h"

namespace google::protobuf {
class Message;
}

namespace holdfast::rpc {

struct MethodPlan;

// An item that may go on.
struct BatchedCommand {
  const MethodPlan* method = nullptr;  // of the command, not of the batch
  std::unique_ptr<google::protobuf::Message> command;
  AdmittedItem admitted;
};

// Thread-safe once every command was added.
class BatchDoor {
 public:
  explicit BatchDoor(const Door& door) : door_(door) {}  // borrowed

  // A method whose request may stand in a batch. Borrowed.
  void Add(const MethodPlan& method);
  bool empty() const { return methods_.empty(); }

  // What the metadata of a whole batch may not say, because its items do. kInvalidArgument.
  static absl::Status CheckCall(const Admitted& call);

  // Item `index` of a call that was let in. kInvalidArgument naming fields below
  // `items[index].command`, kPermissionDenied, kResourceExhausted (MESSAGE_TOO_LARGE).
  absl::StatusOr<BatchedCommand> Admit(const Admitted& call,
                                       const type::v1::CommandBatch::Item& item, int index) const;

  // A failure as the result of its item: what strangers may see of it. A fault of ours is logged.
  void Tell(const Admitted& call, const MethodPlan& method, const absl::Status& failure,
            type::v1::CommandResults::Result& result) const;

 private:
  const Door& door_;
  absl::flat_hash_map<std::string, const MethodPlan*> methods_;  // by the request's full name
};

}  // namespace holdfast::rpc
