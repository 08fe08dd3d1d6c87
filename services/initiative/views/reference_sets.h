// Every published version of the reference sets by which this context decides. Key: the set's name.
#pragma once

#include <string_view>
#include <variant>

#include "holdfast/initiative/v1/events.pb.h"
#include "holdfast/initiative/v1/views.pb.h"

#include "readmodel/view.h"

namespace holdfast::initiative {

struct ReferenceSets {
  static constexpr std::string_view kName = "reference_sets@1";
  using Row = v1::ReferenceSet;
  using Event = std::variant<v1::GateCriteriaPublished, v1::PoliceTermsPublished>;

  static RowKeys Key(const auto&, const EventMeta& meta) { return meta.stream_id; }

  static void Apply(Row&, const v1::GateCriteriaPublished&, const EventMeta&);
  static void Apply(Row&, const v1::PoliceTermsPublished&, const EventMeta&);
};
static_assert(View<ReferenceSets>);

}  // namespace holdfast::initiative
