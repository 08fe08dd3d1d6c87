// The rows themselves, piece by piece as they were staged: from these a month is read again when it
// is delivered again. Keys: (dataset.month, revision, seq).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

#include "holdfast/metrics/v1/events.pb.h"
#include "holdfast/metrics/v1/rows.pb.h"

#include "readmodel/view.h"

namespace holdfast::metrics {

struct ExtractRows {
  static constexpr std::string_view kName = "extract_rows@1";
  using Row = v1::ExtractRowsRow;
  using Event = std::variant<v1::RowsStaged>;

  static RowKeys Key(const v1::RowsStaged&, const EventMeta&);
  static void Apply(Row&, const v1::RowsStaged&, const EventMeta&);
};
static_assert(View<ExtractRows>);

// The prefix of a revision's pieces.
std::string RevisionKey(std::string_view extract_id, std::uint32_t revision);

}  // namespace holdfast::metrics
