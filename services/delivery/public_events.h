// What leaves of a commit: its events as CloudEvents, those that their proto releases.
//
//   ce_id       the event's id: the same whenever, and from wherever, it is published
//   ce_type     full name of its message        ce_source   /holdfast/<tenant>/<context>
//   ce_subject  its stream                      ce_time     when it happened
//   ce_sequence its commit's number in the tenant's history of the context; ce_index its own in
//               the commit: together they order a tenant's events
//
// On the wire.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "holdfast/config/v1/delivery.pb.h"
#include "holdfast/journal/v1/journal.pb.h"

#include "absl/status/statusor.h"
#include "eventsourcing/event_codec.h"
#include "eventsourcing/upcaster.h"
#include "journal/topic_client.h"

namespace holdfast::delivery {

// "holdfast.westmoor.initiative.v1".
std::string PublicTopic(std::string_view tenant, std::string_view context);

// Of one context. Not thread-safe.
class PublicEvents {
 public:
  PublicEvents(std::string context, config::v1::Relay::Format format);

  // Records with the stream as their key. Only events whose message says `feed: TENANT`; facts of
  // persons are left out, sealed or not. kDataLoss where an event is not known to this program,
  // cannot be read, or is larger than a record may be.
  absl::StatusOr<std::vector<journal::TopicRecord>> Of(const journal::v1::Commit& commit);

 private:
  absl::StatusOr<journal::TopicRecord> RecordOf(const journal::v1::Commit& commit, int index,
                                                const google::protobuf::Message& event) const;

  const std::string context_;
  const config::v1::Relay::Format format_;
  const eventsourcing::Upcasters upcasters_;
  eventsourcing::EventCodec codec_;
};

}  // namespace holdfast::delivery
