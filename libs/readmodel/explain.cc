#include "readmodel/explain.h"

#include <memory>
#include <utility>

#include <google/protobuf/message.h>

#include "base/error.h"
#include "base/status_macros.h"
#include "readmodel/event_decoder.h"
#include "readmodel/readers.h"
#include "readmodel/row_fold.h"

namespace holdfast::readmodel {
namespace {

// One row as it comes about, and the events that changed it, or one field of it.
class RowHistory {
 public:
  // `watched` null: the whole row.
  RowHistory(const ViewType& view, std::string key,
             const google::protobuf::FieldDescriptor* watched)
      : view_(view), key_(std::move(key)), watched_(watched), row_(view.row_prototype->New()) {}

  void Apply(const google::protobuf::Message& event, const EventMeta& meta) {
    for (const std::string& key : view_.key(event, meta)) {
      if (key != key_) continue;
      const std::string before = Part();
      if (!waits_) waits_ = !ApplyTo(view_, *row_, event, meta, key_);
      if (!waits_ && Part() == before) continue;
      changes_.push_back({meta.seq, meta.index, event.GetDescriptor()->full_name(),
                          std::string(meta.event_id), std::string(meta.stream), meta.recorded_at});
    }
  }

  std::size_t size() const { return changes_.size(); }
  std::vector<Explanation> Take() && { return std::move(changes_); }

 private:
  // The watched part alone, so that other changes of the row are not taken for changes of it.
  std::string Part() const {
    if (watched_ == nullptr) return RowBytes(*row_);
    const std::unique_ptr<google::protobuf::Message> copy(row_->New());
    copy->CopyFrom(*row_);
    for (int i = 0; i < copy->GetDescriptor()->field_count(); ++i) {
      const auto* other = copy->GetDescriptor()->field(i);
      if (other != watched_) copy->GetReflection()->ClearField(copy.get(), other);
    }
    return RowBytes(*copy);
  }

  const ViewType& view_;
  const std::string key_;
  const google::protobuf::FieldDescriptor* const watched_;
  const std::unique_ptr<google::protobuf::Message> row_;
  bool waits_ = false;  // the row is parked: every later event waits for it
  std::vector<Explanation> changes_;
};

}  // namespace

absl::StatusOr<std::vector<Explanation>> ExplainRow(journal::Journal& journal, const ViewType& view,
                                                    const std::string& tenant,
                                                    const std::string& row_key,
                                                    const std::string& field, std::size_t limit) {
  const google::protobuf::FieldDescriptor* watched = nullptr;
  if (!field.empty()) {
    watched = view.row_prototype->GetDescriptor()->FindFieldByName(field);
    if (watched == nullptr) return InvalidFields({{"field", "must name a field of the row"}});
  }
  RowHistory history(view, row_key, watched);
  EventDecoder decoder;
  decoder.Want(view);
  ASSIGN_OR_RETURN(const std::unique_ptr<Replay> replay,
                   Replay::Open(journal, view.context, tenant));
  RETURN_IF_ERROR(replay->Run({}, [&](const journal::v1::Commit& commit) {
    return decoder.ForEach(commit,
                           [&](const google::protobuf::Message& event, const EventMeta& meta) {
                             if (history.size() < limit) history.Apply(event, meta);
                           });
  }));
  return std::move(history).Take();
}

}  // namespace holdfast::readmodel
