// One line for each site: what it is called, where it is, which phases are open. Key: the site's
// id.
#pragma once

#include <string_view>
#include <variant>

#include "holdfast/initiative/v1/events.pb.h"
#include "holdfast/initiative/v1/views.pb.h"

#include "readmodel/view.h"

namespace holdfast::initiative {

struct SiteList {
  static constexpr std::string_view kName = "site_list@1";
  using Row = v1::SiteSummary;
  using Event = std::variant<v1::SiteCreated, v1::BoundarySet, v1::BrandNamed, v1::SiteCorrected,
                             v1::SiteClosed, v1::GateOverridden, v1::OverrideEnded, v1::PhaseOpened,
                             v1::PhaseClosed, v1::PastPhaseRecorded>;

  static RowKeys Key(const auto&, const EventMeta& meta) { return meta.stream_id; }

  static void Apply(Row&, const v1::SiteCreated&, const EventMeta&);
  static void Apply(Row&, const v1::BoundarySet&, const EventMeta&);
  static void Apply(Row&, const v1::BrandNamed&, const EventMeta&);
  static void Apply(Row&, const v1::SiteCorrected&, const EventMeta&);
  static void Apply(Row&, const v1::SiteClosed&, const EventMeta&);
  static void Apply(Row&, const v1::GateOverridden&, const EventMeta&);
  static void Apply(Row&, const v1::OverrideEnded&, const EventMeta&);
  static void Apply(Row&, const v1::PhaseOpened&, const EventMeta&);
  static void Apply(Row&, const v1::PhaseClosed&, const EventMeta&);
  static void Apply(Row&, const v1::PastPhaseRecorded&, const EventMeta&);
};
static_assert(View<SiteList>);

}  // namespace holdfast::initiative
