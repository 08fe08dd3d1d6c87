// The measures of a tenant with all their versions. Key: the measure.
#pragma once

#include <string_view>
#include <variant>

#include "holdfast/metrics/v1/events.pb.h"
#include "holdfast/metrics/v1/rows.pb.h"

#include "readmodel/view.h"

namespace holdfast::metrics {

struct MeasureList {
  static constexpr std::string_view kName = "measure_list@1";
  using Row = v1::MeasureRow;
  using Event = std::variant<v1::MeasureDefined, v1::MeasureVersioned, v1::MeasureRetired>;

  static RowKeys Key(const auto&, const EventMeta& meta) { return meta.stream_id; }
  static void Apply(Row&, const v1::MeasureDefined&, const EventMeta&);
  static void Apply(Row&, const v1::MeasureVersioned&, const EventMeta&);
  static void Apply(Row&, const v1::MeasureRetired&, const EventMeta&);
};
static_assert(View<MeasureList>);

}  // namespace holdfast::metrics
