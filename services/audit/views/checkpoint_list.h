// Every checkpoint under its size, and the last one once more under kLast.
#pragma once

#include <string_view>
#include <variant>

#include "holdfast/audit/v1/audit.pb.h"
#include "holdfast/audit/v1/events.pb.h"

#include "audit/views/entries.h"
#include "readmodel/view.h"

namespace holdfast::audit {

struct CheckpointList {
  static constexpr std::string_view kName = "audit_checkpoints@1";
  static constexpr std::string_view kLast = "last";  // behind every size
  using Row = v1::CheckpointRow;
  using Event = std::variant<v1::CheckpointSigned, v1::CheckpointCosigned>;

  static RowKeys Key(const auto& event, const EventMeta&) {
    return std::vector<std::string>{SortableKey(event.size()), std::string(kLast)};
  }
  static void Apply(Row&, const v1::CheckpointSigned&, const EventMeta&);
  static void Apply(Row&, const v1::CheckpointCosigned&, const EventMeta&);
};
static_assert(View<CheckpointList>);

}  // namespace holdfast::audit
