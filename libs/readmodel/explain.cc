#include "readmodel/explain.h"

#include <memory>

#include <google/protobuf/message.h>

#include "base/error.h"
#include "base/status_macros.h"
#include "readmodel/event_decoder.h"
#include "readmodel/readers.h"
#include "readmodel/row_fold.h"

namespace holdfast::readmodel {

absl::StatusOr<std::vector<Explanation>> ExplainRow(journal::Journal& journal, const ViewType& view,
                                                    const std::string& tenant,
                                                    const std::string& row_key,
                                                    const std::string& field, std::size_t limit) {
  const google::protobuf::FieldDescriptor* watched = nullptr;
  if (!field.empty()) {
    watched = view.row_prototype->GetDescriptor()->FindFieldByName(field);
    if (watched == nullptr) return InvalidFields({{"field", "must name a field of the row"}});
  }
  const std::unique_ptr<google::protobuf::Message> row(view.row_prototype->New());
  // The watched part alone, so that other changes of the row are not taken for changes of it.
  const auto part = [&] {
    if (watched == nullptr) return RowBytes(*row);
    const std::unique_ptr<google::protobuf::Message> copy(row->New());
    copy->CopyFrom(*row);
    for (int i = 0; i < copy->GetDescriptor()->field_count(); ++i) {
      const auto* other = copy->GetDescriptor()->field(i);
      if (other != watched) copy->GetReflection()->ClearField(copy.get(), other);
    }
    return RowBytes(*copy);
  };
  std::vector<Explanation> out;
  bool waits = false;
  EventDecoder decoder;
  for (const auto* event : view.events) decoder.Want(*event);
  ASSIGN_OR_RETURN(const std::unique_ptr<Replay> replay,
                   Replay::Open(journal, view.context, tenant));
  RETURN_IF_ERROR(replay->Run({}, [&](const journal::v1::Commit& commit) {
    return decoder.ForEach(
        commit, [&](const google::protobuf::Message& event, const EventMeta& meta) {
          if (out.size() >= limit) return;
          for (const std::string& key : view.key(event, meta)) {
            if (key != row_key) continue;
            const std::string before = part();
            if (!waits) waits = !ApplyTo(view, *row, event, meta, row_key);
            if (!waits && part() == before) continue;
            out.push_back({meta.seq, meta.index, event.GetDescriptor()->full_name(),
                           std::string(meta.event_id), std::string(meta.stream), meta.recorded_at});
          }
        });
  }));
  return out;
}

}  // namespace holdfast::readmodel
