// Counts by area and category of each dataset and month. A delivery is a revision of its own:
// staged it counts nowhere, accepted it is added, reverted it is taken out; what counts is the sum
// of the accepted ones.
#pragma once

#include <cstdint>
#include <string_view>
#include <variant>

#include "holdfast/metrics/v1/events.pb.h"
#include "holdfast/metrics/v1/rows.pb.h"

#include "readmodel/view.h"

namespace holdfast::metrics {

struct MonthTally {
  static constexpr std::string_view kName = "month_tally@1";
  using Row = v1::MonthTallyRow;
  using Event = std::variant<v1::ExtractOpened, v1::RowsStaged, v1::ExtractAccepted,
                             v1::ExtractAbandoned, v1::ExtractReverted>;

  static RowKeys Key(const v1::ExtractOpened&, const EventMeta&);
  static RowKeys Key(const v1::RowsStaged&, const EventMeta&);
  static RowKeys Key(const v1::ExtractAccepted&, const EventMeta&);
  static RowKeys Key(const v1::ExtractAbandoned&, const EventMeta&);
  static RowKeys Key(const v1::ExtractReverted&, const EventMeta&);

  static void Apply(Row&, const v1::ExtractOpened&, const EventMeta&);
  static Fit Apply(Row&, const v1::RowsStaged&, const EventMeta&);
  static void Apply(Row&, const v1::ExtractAccepted&, const EventMeta&);
  static void Apply(Row&, const v1::ExtractAbandoned&, const EventMeta&);
  static void Apply(Row&, const v1::ExtractReverted&, const EventMeta&);
};
static_assert(View<MonthTally>);

// The key of a dataset's month in month_tally and extract_list: datasets are a prefix, months in
// order.
std::string MonthKey(std::string_view dataset, const type::v1::Month& month);

}  // namespace holdfast::metrics
