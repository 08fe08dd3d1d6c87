// One row for each site: its baselines and the breaks in its series. Folded from the metrics
// context.
#pragma once

#include <string_view>
#include <variant>

#include "holdfast/board/v1/rows.pb.h"
#include "holdfast/metrics/v1/events.pb.h"

#include "readmodel/view.h"

namespace holdfast::projection {

struct MeasuresBoard {
  static constexpr std::string_view kName = "measures_board@1";
  using Row = board::v1::MeasuresBoardRow;
  using Event = std::variant<metrics::v1::BaselineLocked, metrics::v1::BaselineSuperseded,
                             metrics::v1::BreakMarked, metrics::v1::BreakWithdrawn>;

  // Streams baseline/<site> and series/<site>.
  static RowKeys Key(const auto&, const EventMeta& meta) { return meta.stream_id; }

  static void Apply(Row&, const metrics::v1::BaselineLocked&, const EventMeta&);
  static void Apply(Row&, const metrics::v1::BaselineSuperseded&, const EventMeta&);
  static void Apply(Row&, const metrics::v1::BreakMarked&, const EventMeta&);
  static void Apply(Row&, const metrics::v1::BreakWithdrawn&, const EventMeta&);
};
static_assert(View<MeasuresBoard>);

}  // namespace holdfast::projection
