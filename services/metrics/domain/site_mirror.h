// What metrics must know of a site to decide: its areas, the agencies that signed up, who holds
// which duty, its phases. Facts of the initiative, carried here by a reactor; nobody else writes
// them.
//
// Pure: no clock, no I/O, no randomness.
#pragma once

#include <string_view>
#include <variant>

#include "holdfast/metrics/v1/events.pb.h"
#include "holdfast/metrics/v1/metrics.pb.h"
#include "holdfast/metrics/v1/state.pb.h"

#include "eventsourcing/decider.h"

namespace holdfast::metrics {

struct SiteMirror {
  static constexpr std::string_view kStream = "mirror";
  using State = v1::MirrorState;
  using Command = std::variant<v1::MirrorSite>;
  using Event = std::variant<v1::SiteMirrored, v1::MirrorAgencySignedUp, v1::MirrorAgencyWithdrew,
                             v1::MirrorDutyHeld, v1::MirrorDutyEnded, v1::MirrorPhase>;
  using Refusal = v1::Refusal;
  using Decision = holdfast::Decision<Event, Refusal::Code>;

  static Decision Decide(const State&, const v1::MirrorSite&, const DecisionContext&);

  static void Evolve(State&, const v1::SiteMirrored&);
  static void Evolve(State&, const v1::MirrorAgencySignedUp&);
  static void Evolve(State&, const v1::MirrorAgencyWithdrew&);
  static void Evolve(State&, const v1::MirrorDutyHeld&);
  static void Evolve(State&, const v1::MirrorDutyEnded&);
  static void Evolve(State&, const v1::MirrorPhase&);
};
static_assert(Decider<SiteMirror>);

}  // namespace holdfast::metrics
