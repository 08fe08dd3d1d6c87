// From the stored bytes of an event to the message that deciders, views and reactors know.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "absl/status/statusor.h"
#include "eventsourcing/event_meta.h"
#include "eventsourcing/upcaster.h"

namespace google::protobuf {
class Descriptor;
class Message;
}  // namespace google::protobuf
namespace holdfast::journal::v1 {
class Commit;
class EventRecord;
}  // namespace holdfast::journal::v1

namespace holdfast::eventsourcing {

// Whether sealed personal fields stand in their place again, still sealed, with their origin.
enum class Sealed {
  kLeftOut,  // as Evolve sees events
  kPutBack,  // as views and reactors do
};

// Not thread-safe.
class EventCodec {
 public:
  // `upcasters` outlives the codec.
  explicit EventCodec(const Upcasters& upcasters, std::string context);

  // kDataLoss where the type is not known to this program or the bytes cannot be read: the caller
  // freezes the tenant, nothing is skipped.
  absl::StatusOr<std::unique_ptr<google::protobuf::Message>> Decode(
      const journal::v1::Commit& commit, const journal::v1::EventRecord& record, Sealed sealed);

 private:
  const google::protobuf::Message* PrototypeOf(const std::string& type);

  const Upcasters& upcasters_;
  const std::string context_;
  std::unordered_map<std::string, const google::protobuf::Message*> prototypes_;
};

// Puts the sealed values of the stored event in their place, each with its origin. One whose label
// is not the event's own was tampered with: it is withheld as DAMAGED, and said in the log.
// kDataLoss where the event has no such place.
absl::Status PutSealedBack(const journal::v1::Commit& commit,
                           const journal::v1::EventRecord& record, std::string_view context,
                           google::protobuf::Message& event);

// Where the events of a commit stand. Valid as long as the commit; the caller sets index, event_id
// and occurred_at of each event by SetEvent.
EventMeta MetaOf(const journal::v1::Commit& commit);
void SetEvent(EventMeta& meta, const journal::v1::Commit& commit, int index);

}  // namespace holdfast::eventsourcing
