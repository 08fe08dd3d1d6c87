#include "readmodel/event_decoder.h"

#include <cstddef>
#include <utility>

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include "absl/strings/str_cat.h"
#include "base/check.h"
#include "base/status_macros.h"
#include "eventsourcing/event_codec.h"
#include "eventsourcing/upcaster.h"

namespace holdfast::readmodel {
namespace {

class Stored final : public StoredEvent {
 public:
  explicit Stored(const journal::v1::EventRecord& record) : record_(record) {}
  std::string_view payload() const override { return record_.payload(); }
  std::vector<std::string> sealed() const override {
    std::vector<std::string> fields;
    for (const journal::v1::SealedField& field : record_.sealed())
      fields.push_back(field.SerializeAsString());
    return fields;
  }

 private:
  const journal::v1::EventRecord& record_;
};

}  // namespace

EventDecoder::EventDecoder() = default;
EventDecoder::~EventDecoder() = default;

void EventDecoder::Want(const ViewType& view) {
  HOLDFAST_CHECK(context_.empty() || context_ == view.context);
  context_ = view.context;
  if (view.upcasters != nullptr && !view.upcasters->empty() && codec_ == nullptr) {
    upcasters_ = view.upcasters;
    codec_ = std::make_unique<eventsourcing::EventCodec>(*upcasters_, context_);
  }
  for (const google::protobuf::Descriptor* event : view.events) Want(*event);
}

void EventDecoder::Want(const google::protobuf::Descriptor& event) {
  Pool& pool = wanted_[event.full_name()];
  pool.prototype = google::protobuf::MessageFactory::generated_factory()->GetPrototype(&event);
  HOLDFAST_CHECK(pool.prototype != nullptr);
}

google::protobuf::Message& EventDecoder::Pool::Next() {
  if (used == messages.size()) messages.emplace_back(prototype->New());
  return *messages[used++];
}

absl::Status EventDecoder::ForEach(
    const journal::v1::Commit& commit,
    absl::FunctionRef<void(const google::protobuf::Message&, const EventMeta&)> each) {
  RETURN_IF_ERROR(Decode(commit));
  EventMeta meta = eventsourcing::MetaOf(commit);
  for (int i = 0; i < commit.events_size(); ++i) {
    const google::protobuf::Message* const event = decoded_[static_cast<std::size_t>(i)];
    if (event == nullptr) continue;
    eventsourcing::SetEvent(meta, commit, i);
    const Stored stored(commit.events(i));
    meta.stored = &stored;
    each(*event, meta);
  }
  return absl::OkStatus();
}

absl::Status EventDecoder::Decode(const journal::v1::Commit& commit) {
  for (Pool* const pool : in_use_) pool->used = 0;
  in_use_.clear();
  decoded_.clear();
  read_as_today_.clear();
  for (const journal::v1::EventRecord& record : commit.events()) {
    const bool old =
        upcasters_ != nullptr && upcasters_->Changes(record.type(), record.schema_version());
    ASSIGN_OR_RETURN(const google::protobuf::Message* event,
                     old ? DecodeOld(commit, record) : DecodeOne(commit, record));
    decoded_.push_back(event);
  }
  return absl::OkStatus();
}

// Null where nobody wants it.
absl::StatusOr<const google::protobuf::Message*> EventDecoder::DecodeOne(
    const journal::v1::Commit& commit, const journal::v1::EventRecord& record) {
  const auto found = wanted_.find(record.type());
  if (found == wanted_.end()) return nullptr;
  Pool& pool = found->second;
  if (pool.used == 0) in_use_.push_back(&pool);
  google::protobuf::Message& event = pool.Next();
  if (!event.ParseFromString(record.payload())) {
    return absl::DataLossError(absl::StrCat("event ", record.type(), " at seq ", commit.seq(),
                                            " cannot be read: its stored bytes are damaged"));
  }
  if (record.sealed_size() > 0)
    RETURN_IF_ERROR(eventsourcing::PutSealedBack(commit, record, context_, event));
  return &event;
}

absl::StatusOr<const google::protobuf::Message*> EventDecoder::DecodeOld(
    const journal::v1::Commit& commit, const journal::v1::EventRecord& record) {
  ASSIGN_OR_RETURN(std::unique_ptr<google::protobuf::Message> event,
                   codec_->Decode(commit, record, eventsourcing::Sealed::kPutBack));
  if (!wanted_.contains(event->GetDescriptor()->full_name())) return nullptr;
  read_as_today_.push_back(std::move(event));
  return read_as_today_.back().get();
}

}  // namespace holdfast::readmodel
