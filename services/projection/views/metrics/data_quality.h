// One row for each dataset: which months have an extract that counts, and how good it is. Folded
// from metrics.
#pragma once

#include <string_view>
#include <variant>

#include "holdfast/board/v1/rows.pb.h"
#include "holdfast/metrics/v1/events.pb.h"

#include "readmodel/view.h"

namespace holdfast::projection {

struct DataQuality {
  static constexpr std::string_view kName = "data_quality@1";
  using Row = board::v1::DatasetMonths;
  using Event = std::variant<metrics::v1::DatasetRegistered, metrics::v1::NoDataHeldDeclared,
                             metrics::v1::DatasetGapDeclared, metrics::v1::ExtractOpened,
                             metrics::v1::ExtractAccepted, metrics::v1::ExtractQuarantined,
                             metrics::v1::ExtractAbandoned, metrics::v1::ExtractReverted>;

  // Facts of dataset/<id> by their stream, those of extract/<dataset>.<month> by the dataset that
  // they name.
  static RowKeys Key(const metrics::v1::DatasetRegistered&, const EventMeta& meta) {
    return meta.stream_id;
  }
  static RowKeys Key(const metrics::v1::NoDataHeldDeclared&, const EventMeta& meta) {
    return meta.stream_id;
  }
  static RowKeys Key(const metrics::v1::DatasetGapDeclared&, const EventMeta& meta) {
    return meta.stream_id;
  }
  static RowKeys Key(const auto& event, const EventMeta&) { return event.dataset_id(); }

  static void Apply(Row&, const metrics::v1::DatasetRegistered&, const EventMeta&);
  static void Apply(Row&, const metrics::v1::NoDataHeldDeclared&, const EventMeta&);
  static void Apply(Row&, const metrics::v1::DatasetGapDeclared&, const EventMeta&);
  static void Apply(Row&, const metrics::v1::ExtractOpened&, const EventMeta&);
  static void Apply(Row&, const metrics::v1::ExtractAccepted&, const EventMeta&);
  static void Apply(Row&, const metrics::v1::ExtractQuarantined&, const EventMeta&);
  static void Apply(Row&, const metrics::v1::ExtractAbandoned&, const EventMeta&);
  static void Apply(Row&, const metrics::v1::ExtractReverted&, const EventMeta&);
};
static_assert(View<DataQuality>);

}  // namespace holdfast::projection
