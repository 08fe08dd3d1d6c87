// The tool shed as a service of a whole platform: commands, batches, a view, and one method of each
// other kind that libs/app routes.
#pragma once

#include <cstdint>
#include <string_view>
#include <variant>

#include "holdfast/testing/v1/shed_service.pb.h"

#include "app/service.h"
#include "readmodel/view.h"
#include "testing/tool_shed.h"

namespace holdfast::testing {

// A member with this limit does not fit into the list, so that its row parks.
inline constexpr std::uint32_t kNotForThisBuild = 13;

struct MemberList {
  static constexpr std::string_view kName = "member_list@1";
  using Row = v1::MemberState;
  using Event = std::variant<v1::MemberEnrolled>;
  static RowKeys Key(const v1::MemberEnrolled&, const EventMeta& meta) { return meta.stream_id; }
  static Fit Apply(Row& row, const v1::MemberEnrolled& event, const EventMeta&) {
    if (event.limit() == kNotForThisBuild) return Unfit("UNLUCKY");
    row.set_limit(1);
    return {};
  }
};
static_assert(View<MemberList>);

struct ToolList {
  static constexpr std::string_view kName = "tool_list@1";
  using Row = v1::ToolRow;
  using Event = std::variant<v1::ToolRegistered>;
  static RowKeys Key(const v1::ToolRegistered&, const EventMeta& meta) { return meta.stream_id; }
  static Fit Apply(Row& row, const v1::ToolRegistered& event, const EventMeta& meta) {
    row.set_tool_id(std::string(meta.stream_id));
    row.set_label(event.label());
    if (event.has_donor()) *row.mutable_donor() = event.donor();
    if (event.has_handling()) *row.mutable_handling() = event.handling();
    return {};
  }
};
static_assert(View<ToolList>);

app::Service Shed();

// The command that makes a member who may borrow one tool.
v1::EnrolMember Enrol(std::string_view member);

}  // namespace holdfast::testing
