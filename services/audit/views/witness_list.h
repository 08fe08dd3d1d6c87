// Who may cosign. Key: the name.
#pragma once

#include <string_view>
#include <variant>

#include "holdfast/audit/v1/audit.pb.h"
#include "holdfast/audit/v1/events.pb.h"

#include "readmodel/view.h"

namespace holdfast::audit {

struct WitnessList {
  static constexpr std::string_view kName = "audit_witnesses@1";
  using Row = v1::WitnessRow;
  using Event = std::variant<v1::WitnessRegistered, v1::WitnessRetired>;

  static RowKeys Key(const auto& event, const EventMeta&) { return event.name(); }
  static void Apply(Row&, const v1::WitnessRegistered&, const EventMeta&);
  static void Apply(Row&, const v1::WitnessRetired&, const EventMeta&);
};
static_assert(View<WitnessList>);

}  // namespace holdfast::audit
