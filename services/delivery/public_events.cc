#include "delivery/public_events.h"

#include <memory>
#include <optional>
#include <utility>

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>
#include <google/protobuf/util/json_util.h>

#include "holdfast/options/v1/options.pb.h"

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "base/status_macros.h"
#include "base/timestamps.h"
#include "base/uuid.h"
#include "delivery/cloud_event.h"
#include "eventsourcing/message_traits.h"

namespace holdfast::delivery {
namespace {

namespace pb = google::protobuf;

// Room for key and headers in the largest record.
constexpr std::size_t kMaxData = journal::kMaxTopicRecordBytes - (std::size_t{1} << 14U);

absl::string_view View(std::string_view text) {
  return {text.data(), text.size()};
}

bool IsReleased(const pb::Descriptor& event) {
  return event.options().GetExtension(options::v1::message).feed() ==
         options::v1::MessageOptions::Feed::TENANT;
}

std::string Rfc3339(const pb::Timestamp& at) {
  return absl::FormatTime("%Y-%m-%d%ET%H:%M:%E*SZ", ToTime(at), absl::UTCTimeZone());
}

absl::StatusOr<std::string> Json(const pb::Message& event) {
  std::string json;
  if (!pb::util::MessageToJsonString(event, &json).ok()) {
    return absl::DataLossError(
        absl::StrCat("event ", event.GetTypeName(), " has no JSON form: a text is no UTF-8"));
  }
  return json;
}

}  // namespace

std::string PublicTopic(std::string_view tenant, std::string_view context) {
  return absl::StrCat("holdfast.", View(tenant), ".", View(context), ".v1");
}

PublicEvents::PublicEvents(std::string context, config::v1::Relay::Format format)
    : context_(std::move(context)), format_(format), codec_(upcasters_, context_) {}

absl::StatusOr<std::vector<journal::TopicRecord>> PublicEvents::Of(
    const journal::v1::Commit& commit) {
  std::vector<journal::TopicRecord> records;
  for (int index = 0; index < commit.events_size(); ++index) {
    // Facts of persons were moved out before it was stored; none is put back, and none is let out.
    ASSIGN_OR_RETURN(const std::unique_ptr<pb::Message> event,
                     codec_.Decode(commit, commit.events(index), eventsourcing::Sealed::kLeftOut));
    if (!IsReleased(*event->GetDescriptor())) continue;
    eventsourcing::ClearPersonal(*event);
    ASSIGN_OR_RETURN(journal::TopicRecord record, RecordOf(commit, index, *event));
    records.push_back(std::move(record));
  }
  return records;
}

absl::StatusOr<journal::TopicRecord> PublicEvents::RecordOf(const journal::v1::Commit& commit,
                                                            int index,
                                                            const pb::Message& event) const {
  const journal::v1::EventRecord& stored = commit.events(index);
  const std::optional<Uuid> id = UuidFromBytes(stored.event_id());
  if (!id) return absl::DataLossError(absl::StrCat("an event at seq ", commit.seq(), " has no id"));
  CloudEvent made;
  made.attributes = {
      {"specversion", "1.0"},
      {"id", ToString(*id)},
      {"source", absl::StrCat("/holdfast/", commit.tenant(), "/", context_)},
      {"type", event.GetTypeName()},
      {"subject", commit.stream()},
      {"time", Rfc3339(stored.occurred_at())},
      {"dataschema", absl::StrCat("urn:holdfast:", event.GetTypeName(), ":",
                                  upcasters_.VersionOf(event.GetTypeName()))},
      {"sequence", absl::StrCat(commit.seq())},
      {"index", absl::StrCat(index)},
  };
  if (!commit.traceparent().empty()) made.attributes["traceparent"] = commit.traceparent();
  const bool json = format_ == config::v1::Relay::JSON;
  made.content_type = json ? kJsonData : kProtobufData;
  if (json) {
    ASSIGN_OR_RETURN(made.data, Json(event));
  } else {
    made.data = event.SerializeAsString();
  }
  if (made.data.size() > kMaxData) {
    return absl::DataLossError(
        absl::StrCat("event ", event.GetTypeName(), " is larger than a public record may be"));
  }
  journal::TopicRecord record = ToRecord(made);
  record.key = commit.stream();
  // Where tracers look for it.
  if (!commit.traceparent().empty())
    record.headers.push_back({"traceparent", commit.traceparent()});
  return record;
}

}  // namespace holdfast::delivery
