// The datasets of a tenant, and the agencies that said they hold none. Key: the stream's id.
#pragma once

#include <string_view>
#include <variant>

#include "holdfast/metrics/v1/events.pb.h"
#include "holdfast/metrics/v1/rows.pb.h"

#include "readmodel/view.h"

namespace holdfast::metrics {

struct DatasetList {
  static constexpr std::string_view kName = "dataset_list@1";
  using Row = v1::DatasetRow;
  using Event = std::variant<v1::DatasetRegistered, v1::NoDataHeldDeclared, v1::DatasetGapDeclared>;

  static RowKeys Key(const auto&, const EventMeta& meta) { return meta.stream_id; }
  static void Apply(Row&, const v1::DatasetRegistered&, const EventMeta&);
  static void Apply(Row&, const v1::NoDataHeldDeclared&, const EventMeta&);
  static void Apply(Row&, const v1::DatasetGapDeclared&, const EventMeta&);
};
static_assert(View<DatasetList>);

}  // namespace holdfast::metrics
