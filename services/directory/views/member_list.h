// One line for each member, past ones included. Key: the member's id.
#pragma once

#include <string_view>
#include <variant>

#include "holdfast/directory/v1/events.pb.h"
#include "holdfast/directory/v1/views.pb.h"

#include "readmodel/view.h"

namespace holdfast::directory {

struct MemberList {
  static constexpr std::string_view kName = "member_list@1";
  using Row = v1::MemberRow;
  using Event = std::variant<v1::MemberEnrolled, v1::RoleGranted, v1::RoleRevoked, v1::AreasSet,
                             v1::ClearanceSet, v1::CompartmentProposed, v1::CompartmentJoined,
                             v1::CompartmentLeft, v1::TrainingRecorded, v1::MemberSuspended,
                             v1::MemberResumed, v1::MemberLeft, v1::MemberCorrected>;

  static RowKeys Key(const auto&, const EventMeta& meta) { return meta.stream_id; }

  static void Apply(Row&, const v1::MemberEnrolled&, const EventMeta&);
  static void Apply(Row&, const v1::RoleGranted&, const EventMeta&);
  static void Apply(Row&, const v1::RoleRevoked&, const EventMeta&);
  static void Apply(Row&, const v1::AreasSet&, const EventMeta&);
  static void Apply(Row&, const v1::ClearanceSet&, const EventMeta&);
  static void Apply(Row&, const v1::CompartmentProposed&, const EventMeta&);
  static void Apply(Row&, const v1::CompartmentJoined&, const EventMeta&);
  static void Apply(Row&, const v1::CompartmentLeft&, const EventMeta&);
  static void Apply(Row&, const v1::TrainingRecorded&, const EventMeta&);
  static void Apply(Row&, const v1::MemberSuspended&, const EventMeta&);
  static void Apply(Row&, const v1::MemberResumed&, const EventMeta&);
  static void Apply(Row&, const v1::MemberLeft&, const EventMeta&);
  static void Apply(Row&, const v1::MemberCorrected&, const EventMeta&);
};
static_assert(View<MemberList>);

}  // namespace holdfast::directory
