// The limits that fields declare of themselves (options.v1.field), compiled once per message type
// and checked for every field at once.
//
// Beside the declared limits: no control characters in text, nothing blank that is required, no
// unknown enumeration value, no NaN, days and months of the calendar, periods that end after they
// begin, no field that only the door may fill, no Personal that
// says nothing readable, and none at all where it cannot be sealed.
#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "base/error.h"

namespace google::protobuf {
class Descriptor;
class Message;
}  // namespace google::protobuf

namespace holdfast::rpc {

class FieldValidator {
 public:
  struct Options {
    // A field that this version does not know, or knows with another type, is refused: a command
    // must not lose a word.
    bool refuse_unknown = false;
    // Where the message stands in what was sent: before the name of each bad field.
    // "items[3].command"
    std::string_view within = {};
  };

  FieldValidator();
  ~FieldValidator();
  FieldValidator(FieldValidator&&) noexcept;

  // Compiles the rules of `type` and all within. kInvalidArgument naming the field whose pattern is
  // no RE2. Call before the first Check; not thread-safe.
  absl::Status Prepare(const google::protobuf::Descriptor& type);

  // From now on facts of persons are taken: there is who seals them. Before the first Check.
  void TakePersonal() { takes_personal_ = true; }

  // OK, or kInvalidArgument naming every bad field. The message is of a prepared, generated type.
  // Thread-safe.
  absl::Status Check(const google::protobuf::Message& message, absl::Time now,
                     Options options) const;

 private:
  struct Rules;
  struct Checker;
  class Compiler;
  std::unique_ptr<Compiler> compiler_;
  bool takes_personal_ = false;
};

}  // namespace holdfast::rpc
