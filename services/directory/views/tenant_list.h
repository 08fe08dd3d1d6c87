// One line for each tenant, with its quota. Key: the slug.
#pragma once

#include <string_view>
#include <variant>

#include "holdfast/directory/v1/events.pb.h"
#include "holdfast/directory/v1/views.pb.h"

#include "readmodel/view.h"

namespace holdfast::directory {

struct TenantList {
  static constexpr std::string_view kName = "tenant_list@1";
  using Row = v1::TenantRow;
  using Event = std::variant<v1::TenantRegistered, v1::TenantSettingChanged, v1::TenantMoveStarted,
                             v1::TenantMoved, v1::PublicSlugSet, v1::TenantSuspended,
                             v1::TenantResumed, v1::TenantExported, v1::TenantClosed,
                             v1::TenantCorrected, v1::QuotaSet, v1::QuotaCorrected>;

  static RowKeys Key(const auto&, const EventMeta& meta) { return meta.stream_id; }

  static void Apply(Row&, const v1::TenantRegistered&, const EventMeta&);
  static void Apply(Row&, const v1::TenantSettingChanged&, const EventMeta&);
  static void Apply(Row&, const v1::TenantMoveStarted&, const EventMeta&);
  static void Apply(Row&, const v1::TenantMoved&, const EventMeta&);
  static void Apply(Row&, const v1::PublicSlugSet&, const EventMeta&);
  static void Apply(Row&, const v1::TenantSuspended&, const EventMeta&);
  static void Apply(Row&, const v1::TenantResumed&, const EventMeta&);
  static void Apply(Row&, const v1::TenantExported&, const EventMeta&);
  static void Apply(Row&, const v1::TenantClosed&, const EventMeta&);
  static void Apply(Row&, const v1::TenantCorrected&, const EventMeta&);
  static void Apply(Row&, const v1::QuotaSet&, const EventMeta&);
  static void Apply(Row&, const v1::QuotaCorrected&, const EventMeta&);
};
static_assert(View<TenantList>);

}  // namespace holdfast::directory
