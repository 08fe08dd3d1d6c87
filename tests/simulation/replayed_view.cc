#include "replayed_view.h"

#include "base/check.h"
#include "eventsourcing/event_codec.h"

namespace holdfast::simulation {

using google::protobuf::Message;

void ReplayedView::Apply(const journal::v1::Commit& commit) {
  EventMeta meta = eventsourcing::MetaOf(commit);
  for (int i = 0; i < commit.events_size(); ++i) {
    for (const auto* wanted : type_.events) {
      if (wanted->full_name() != commit.events(i).type()) continue;
      const std::unique_ptr<Message> event(
          google::protobuf::MessageFactory::generated_factory()->GetPrototype(wanted)->New());
      HOLDFAST_CHECK(event->ParseFromString(commit.events(i).payload()));
      eventsourcing::SetEvent(meta, commit, i);
      Apply(*event, meta);
    }
  }
}

void ReplayedView::Apply(const Message& event, const EventMeta& meta) {
  for (const std::string& key : type_.key(event, meta)) {
    std::unique_ptr<Message>& row = by_key_[key];
    if (row == nullptr) row.reset(type_.row_prototype->New());
    EventMeta here = meta;
    here.row_key = key;
    type_.apply(*row, event, here);
    if (type_.gone != nullptr && type_.gone(*row)) by_key_.erase(key);
  }
}

Rows ReplayedView::rows() const {
  Rows rows;
  for (const auto& [key, row] : by_key_) rows.emplace_back(key, row->SerializeAsString());
  return rows;
}

}  // namespace holdfast::simulation
