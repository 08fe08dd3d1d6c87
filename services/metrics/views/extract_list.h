// The deliveries of each dataset and month: what came, what became of its lines, what counts now.
#pragma once

#include <string_view>
#include <variant>

#include "holdfast/metrics/v1/events.pb.h"
#include "holdfast/metrics/v1/rows.pb.h"

#include "readmodel/view.h"

namespace holdfast::metrics {

struct ExtractList {
  static constexpr std::string_view kName = "extract_list@1";
  using Row = v1::ExtractListRow;
  using Event = std::variant<v1::ExtractOpened, v1::RowsStaged, v1::ExtractAccepted,
                             v1::ExtractQuarantined, v1::ExtractAbandoned, v1::ExtractReverted>;

  static RowKeys Key(const auto& event, const EventMeta&) {
    return KeyOf(event.dataset_id(), event.month());
  }
  static void Apply(Row&, const v1::ExtractOpened&, const EventMeta&);
  static void Apply(Row&, const v1::RowsStaged&, const EventMeta&);
  static void Apply(Row&, const v1::ExtractAccepted&, const EventMeta&);
  static void Apply(Row&, const v1::ExtractQuarantined&, const EventMeta&);
  static void Apply(Row&, const v1::ExtractAbandoned&, const EventMeta&);
  static void Apply(Row&, const v1::ExtractReverted&, const EventMeta&);

 private:
  static RowKeys KeyOf(std::string_view dataset, const type::v1::Month& month);
};
static_assert(View<ExtractList>);

// The revision that counts, or null.
const v1::ExtractListRow::Revision* CurrentRevision(const v1::ExtractListRow& row);
// The revision that is open, held or not, or null.
const v1::ExtractListRow::Revision* OpenRevision(const v1::ExtractListRow& row);

}  // namespace holdfast::metrics
