// One line for each agency. Key: its id.
#pragma once

#include <string_view>
#include <variant>

#include "holdfast/directory/v1/events.pb.h"
#include "holdfast/directory/v1/views.pb.h"

#include "readmodel/view.h"

namespace holdfast::directory {

struct AgencyList {
  static constexpr std::string_view kName = "agency_list@1";
  using Row = v1::AgencyRow;
  using Event =
      std::variant<v1::AgencyRegistered, v1::AgencyChanged, v1::AgencyRetired, v1::AgencyCorrected>;

  static RowKeys Key(const auto&, const EventMeta& meta) { return meta.stream_id; }

  static void Apply(Row&, const v1::AgencyRegistered&, const EventMeta&);
  static void Apply(Row&, const v1::AgencyChanged&, const EventMeta&);
  static void Apply(Row&, const v1::AgencyRetired&, const EventMeta&);
  static void Apply(Row&, const v1::AgencyCorrected&, const EventMeta&);
};
static_assert(View<AgencyList>);

}  // namespace holdfast::directory
