// From a stored commit to its events, decoded: what projectors and replays fold. What is personal
// stands in its place, sealed, with its origin; what was written as of old is read as of today.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "holdfast/journal/v1/journal.pb.h"

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "eventsourcing/event_meta.h"
#include "readmodel/view_type.h"

namespace google::protobuf {
class Descriptor;
class Message;
}  // namespace google::protobuf
namespace holdfast::eventsourcing {
class EventCodec;
}

namespace holdfast::readmodel {

// Knows the event types that some fold reads, and decodes only these. Messages are reused. Not
// thread-safe.
class EventDecoder {
 public:
  EventDecoder();
  ~EventDecoder();
  EventDecoder(const EventDecoder&) = delete;
  EventDecoder& operator=(const EventDecoder&) = delete;

  // What the view reads, of its context: a decoder is of one.
  void Want(const ViewType& view);
  // Of a context whose events are never of old.
  void Want(const google::protobuf::Descriptor& event);

  // Calls `each` for every wanted event of the commit, in order. kDataLoss where stored bytes of a
  // wanted event cannot be read, and then `each` is not called at all: a commit is folded whole or
  // not. The caller freezes the tenant, never skips.
  absl::Status ForEach(
      const journal::v1::Commit& commit,
      absl::FunctionRef<void(const google::protobuf::Message&, const EventMeta&)> each);

 private:
  // Messages of one type, as many as one commit has had; `used` of them by the present one.
  struct Pool {
    const google::protobuf::Message* prototype = nullptr;  // lives as long as the program
    std::vector<std::unique_ptr<google::protobuf::Message>> messages;
    std::size_t used = 0;
    google::protobuf::Message& Next();
  };

  absl::Status Decode(const journal::v1::Commit& commit);
  absl::StatusOr<const google::protobuf::Message*> DecodeOne(
      const journal::v1::Commit& commit, const journal::v1::EventRecord& record);
  absl::StatusOr<const google::protobuf::Message*> DecodeOld(
      const journal::v1::Commit& commit, const journal::v1::EventRecord& record);

  std::string context_;
  const eventsourcing::Upcasters* upcasters_ = nullptr;
  std::unique_ptr<eventsourcing::EventCodec> codec_;                       // of events of old
  std::vector<std::unique_ptr<google::protobuf::Message>> read_as_today_;  // of this commit
  std::unordered_map<std::string, Pool> wanted_;
  std::vector<Pool*> in_use_;
  std::vector<const google::protobuf::Message*> decoded_;  // by event; null: not wanted
};

}  // namespace holdfast::readmodel
