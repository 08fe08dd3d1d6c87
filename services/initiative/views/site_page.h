// Everything of one site on one row: who, where, which phases, which gates, which evidence. Key:
// the site's id.
#pragma once

#include <string>
#include <string_view>
#include <variant>

#include "holdfast/initiative/v1/events.pb.h"
#include "holdfast/initiative/v1/views.pb.h"

#include "readmodel/view.h"

namespace holdfast::initiative {

struct SitePage {
  static constexpr std::string_view kName = "site_page@1";
  using Row = v1::SitePage;
  using Event =
      std::variant<v1::SiteCreated, v1::BoundarySet, v1::AgencySignedUp, v1::AgencyWithdrawn,
                   v1::SponsorNamed, v1::BrandNamed, v1::SiteCorrected, v1::SiteClosed,
                   v1::EvidenceRecorded, v1::EvidenceWithdrawn, v1::GateEvaluated, v1::GatePassed,
                   v1::GateOverridden, v1::OverrideEnded, v1::PhaseOpened, v1::PhaseClosed,
                   v1::PastPhaseRecorded, v1::OfficerAppointed, v1::OfficerStoodDown>;

  // The streams of a site and of its team bear the same id.
  static RowKeys Key(const auto&, const EventMeta& meta) { return meta.stream_id; }

  static void Apply(Row&, const v1::SiteCreated&, const EventMeta&);
  static void Apply(Row&, const v1::BoundarySet&, const EventMeta&);
  static void Apply(Row&, const v1::AgencySignedUp&, const EventMeta&);
  static void Apply(Row&, const v1::AgencyWithdrawn&, const EventMeta&);
  static void Apply(Row&, const v1::SponsorNamed&, const EventMeta&);
  static void Apply(Row&, const v1::BrandNamed&, const EventMeta&);
  static Fit Apply(Row&, const v1::SiteCorrected&, const EventMeta&);
  static void Apply(Row&, const v1::SiteClosed&, const EventMeta&);
  static void Apply(Row&, const v1::EvidenceRecorded&, const EventMeta&);
  static void Apply(Row&, const v1::EvidenceWithdrawn&, const EventMeta&);
  static void Apply(Row&, const v1::GateEvaluated&, const EventMeta&);
  static void Apply(Row&, const v1::GatePassed&, const EventMeta&);
  static void Apply(Row&, const v1::GateOverridden&, const EventMeta&);
  static void Apply(Row&, const v1::OverrideEnded&, const EventMeta&);
  static void Apply(Row&, const v1::PhaseOpened&, const EventMeta&);
  static Fit Apply(Row&, const v1::PhaseClosed&, const EventMeta&);
  static void Apply(Row&, const v1::PastPhaseRecorded&, const EventMeta&);
  static void Apply(Row&, const v1::OfficerAppointed&, const EventMeta&);
  static void Apply(Row&, const v1::OfficerStoodDown&, const EventMeta&);
};
static_assert(View<SitePage>);

}  // namespace holdfast::initiative
