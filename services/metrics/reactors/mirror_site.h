// What metrics must know of a site to decide: facts of the initiative become MirrorSite and
// MarkPhase.
#pragma once

#include <string_view>
#include <variant>
#include <vector>

#include "holdfast/initiative/v1/events.pb.h"

#include "eventsourcing/reactor.h"

namespace holdfast::metrics {

struct MirrorInitiative {
  static constexpr std::string_view kReactor = "mirror-site";
  using Event = std::variant<initiative::v1::SiteCreated, initiative::v1::BoundarySet,
                             initiative::v1::AgencySignedUp, initiative::v1::AgencyWithdrawn,
                             initiative::v1::SponsorNamed, initiative::v1::OfficerAppointed,
                             initiative::v1::OfficerStoodDown, initiative::v1::PhaseOpened,
                             initiative::v1::PhaseClosed, initiative::v1::PastPhaseRecorded,
                             initiative::v1::SiteCorrected>;
  using Reactions = std::vector<eventsourcing::Reaction>;

  static Reactions React(const initiative::v1::SiteCreated&, const EventMeta&);
  static Reactions React(const initiative::v1::BoundarySet&, const EventMeta&);
  static Reactions React(const initiative::v1::AgencySignedUp&, const EventMeta&);
  static Reactions React(const initiative::v1::AgencyWithdrawn&, const EventMeta&);
  static Reactions React(const initiative::v1::SponsorNamed&, const EventMeta&);
  static Reactions React(const initiative::v1::OfficerAppointed&, const EventMeta&);
  static Reactions React(const initiative::v1::OfficerStoodDown&, const EventMeta&);
  static Reactions React(const initiative::v1::PhaseOpened&, const EventMeta&);
  static Reactions React(const initiative::v1::PhaseClosed&, const EventMeta&);
  static Reactions React(const initiative::v1::PastPhaseRecorded&, const EventMeta&);
  // A corrected episode or name.
  static Reactions React(const initiative::v1::SiteCorrected&, const EventMeta&);
};
static_assert(eventsourcing::Reactor<MirrorInitiative>);

}  // namespace holdfast::metrics
