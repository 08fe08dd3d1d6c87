// From a stored commit to its events, decoded: what projectors and replays fold.
#pragma once

#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "holdfast/journal/v1/journal.pb.h"

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "eventsourcing/event_meta.h"

namespace google::protobuf {
class Descriptor;
class Message;
}  // namespace google::protobuf

namespace holdfast::readmodel {

// Knows the event types that some fold reads, and decodes only these. One message per type is
// reused. Not thread-safe.
class EventDecoder {
 public:
  EventDecoder();
  ~EventDecoder();
  EventDecoder(const EventDecoder&) = delete;
  EventDecoder& operator=(const EventDecoder&) = delete;

  void Want(const google::protobuf::Descriptor& event);

  // Calls `each` for every wanted event of the commit, in order. kDataLoss where stored bytes of a
  // wanted event cannot be read: the caller freezes the tenant, never skips.
  absl::Status ForEach(
      const journal::v1::Commit& commit,
      absl::FunctionRef<void(const google::protobuf::Message&, const EventMeta&)> each);

 private:
  std::unordered_map<std::string, std::unique_ptr<google::protobuf::Message>> wanted_;
};

}  // namespace holdfast::readmodel
