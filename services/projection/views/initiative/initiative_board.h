// One row for each site: its phases as bands, its overrides, its boundary. Folded from the
// initiative context.
#pragma once

#include <string_view>
#include <variant>

#include "holdfast/board/v1/rows.pb.h"
#include "holdfast/initiative/v1/events.pb.h"

#include "readmodel/view.h"

namespace holdfast::projection {

struct InitiativeBoard {
  static constexpr std::string_view kName = "initiative_board@1";
  using Row = board::v1::InitiativeBoardRow;
  using Event = std::variant<initiative::v1::SiteCreated, initiative::v1::BoundarySet,
                             initiative::v1::BrandNamed, initiative::v1::AgencySignedUp,
                             initiative::v1::AgencyWithdrawn, initiative::v1::PhaseOpened,
                             initiative::v1::PhaseClosed, initiative::v1::PastPhaseRecorded,
                             initiative::v1::GateOverridden, initiative::v1::OverrideEnded,
                             initiative::v1::SiteCorrected, initiative::v1::SiteClosed>;

  // All of them stand in the stream of their site.
  static RowKeys Key(const auto&, const EventMeta& meta) { return meta.stream_id; }

  static void Apply(Row&, const initiative::v1::SiteCreated&, const EventMeta&);
  static void Apply(Row&, const initiative::v1::BoundarySet&, const EventMeta&);
  static void Apply(Row&, const initiative::v1::BrandNamed&, const EventMeta&);
  static void Apply(Row&, const initiative::v1::AgencySignedUp&, const EventMeta&);
  static void Apply(Row&, const initiative::v1::AgencyWithdrawn&, const EventMeta&);
  static void Apply(Row&, const initiative::v1::PhaseOpened&, const EventMeta&);
  static Fit Apply(Row&, const initiative::v1::PhaseClosed&, const EventMeta&);
  static void Apply(Row&, const initiative::v1::PastPhaseRecorded&, const EventMeta&);
  static void Apply(Row&, const initiative::v1::GateOverridden&, const EventMeta&);
  static void Apply(Row&, const initiative::v1::OverrideEnded&, const EventMeta&);
  static Fit Apply(Row&, const initiative::v1::SiteCorrected&, const EventMeta&);
  static void Apply(Row&, const initiative::v1::SiteClosed&, const EventMeta&);
};
static_assert(View<InitiativeBoard>);

}  // namespace holdfast::projection
