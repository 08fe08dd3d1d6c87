#include "eventsourcing/event_codec.h"

#include <utility>

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include "holdfast/journal/v1/journal.pb.h"
#include "holdfast/type/v1/type.pb.h"

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "base/timestamps.h"
#include "eventsourcing/key_owners.h"
#include "eventsourcing/message_traits.h"
#include "observability/log.h"

namespace holdfast::eventsourcing {

using google::protobuf::Message;

EventCodec::EventCodec(const Upcasters& upcasters, std::string context)
    : upcasters_(upcasters), context_(std::move(context)) {}

const Message* EventCodec::PrototypeOf(const std::string& type) {
  const auto known = prototypes_.find(type);
  if (known != prototypes_.end()) return known->second;
  const auto* descriptor =
      google::protobuf::DescriptorPool::generated_pool()->FindMessageTypeByName(type);
  const Message* prototype =
      descriptor == nullptr
          ? nullptr
          : google::protobuf::MessageFactory::generated_factory()->GetPrototype(descriptor);
  if (prototype != nullptr) prototypes_.emplace(type, prototype);
  return prototype;
}

absl::StatusOr<std::unique_ptr<Message>> EventCodec::Decode(const journal::v1::Commit& commit,
                                                            const journal::v1::EventRecord& record,
                                                            Sealed sealed) {
  const Message* prototype = PrototypeOf(record.type());
  if (prototype == nullptr) {
    return absl::DataLossError(absl::StrCat("event type ", record.type(), " at seq ", commit.seq(),
                                            " is not known to this version of the program"));
  }
  std::unique_ptr<Message> event(prototype->New());
  if (!event->ParseFromString(record.payload())) {
    return absl::DataLossError(absl::StrCat("event ", record.type(), " at seq ", commit.seq(),
                                            " cannot be read: its stored bytes are damaged"));
  }
  if (sealed == Sealed::kPutBack && record.sealed_size() > 0)
    RETURN_IF_ERROR(PutSealedBack(commit, record, context_, *event));
  if (upcasters_.empty()) return event;
  return upcasters_.Today(std::move(event), record.schema_version());
}

absl::Status PutSealedBack(const journal::v1::Commit& commit,
                           const journal::v1::EventRecord& record, std::string_view context,
                           Message& event) {
  const std::string label = LabelBytesOf(event);
  for (const journal::v1::SealedField& stored : record.sealed()) {
    Message* place = AtPath(event, stored.field_path());
    if (place == nullptr || place->GetDescriptor() != type::v1::Personal::descriptor()) {
      return absl::DataLossError(absl::StrCat("a sealed field of ", record.type(), " at seq ",
                                              commit.seq(), " has no place in that type"));
    }
    auto& personal = static_cast<type::v1::Personal&>(*place);
    if (stored.label() != label) {
      log::Error("sealed_field_damaged", log::Tenant(commit.tenant()), log::Seq(commit.seq()),
                 log::Reason("label"));
      personal.set_withheld(type::v1::Personal::Withheld::DAMAGED);
      continue;
    }
    journal::v1::SealedField sealed = stored;
    SetOrigin(commit, record, context, sealed);
    personal.set_sealed(sealed.SerializeAsString());
  }
  return absl::OkStatus();
}

EventMeta MetaOf(const journal::v1::Commit& commit) {
  EventMeta meta;
  meta.tenant = commit.tenant();
  meta.stream = commit.stream();
  const std::size_t slash = meta.stream.find('/');
  meta.stream_id = slash == std::string_view::npos ? meta.stream : meta.stream.substr(slash + 1);
  meta.version = commit.version();
  meta.seq = commit.seq();
  meta.recorded_at = ToTime(commit.recorded_at());
  meta.actor = commit.actor_ref();
  meta.agency = commit.agency();
  return meta;
}

void SetEvent(EventMeta& meta, const journal::v1::Commit& commit, int index) {
  const journal::v1::EventRecord& record = commit.events(index);
  meta.index = static_cast<std::uint32_t>(index);
  meta.event_id = record.event_id();
  meta.occurred_at = ToTime(record.occurred_at());
}

}  // namespace holdfast::eventsourcing
