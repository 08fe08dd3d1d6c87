// One line for each contact point, retired ones included. Key: its id.
#pragma once

#include <string_view>
#include <variant>

#include "holdfast/directory/v1/events.pb.h"
#include "holdfast/directory/v1/views.pb.h"

#include "readmodel/view.h"

namespace holdfast::directory {

struct ContactPointList {
  static constexpr std::string_view kName = "contact_point_list@1";
  using Row = v1::ContactPointRow;
  using Event =
      std::variant<v1::ContactPointSet, v1::ContactPointRetired, v1::ContactPointCorrected>;

  static RowKeys Key(const auto&, const EventMeta& meta) { return meta.stream_id; }

  static void Apply(Row&, const v1::ContactPointSet&, const EventMeta&);
  static void Apply(Row&, const v1::ContactPointRetired&, const EventMeta&);
  static void Apply(Row&, const v1::ContactPointCorrected&, const EventMeta&);
};
static_assert(View<ContactPointList>);

}  // namespace holdfast::directory
