// A reference set: geography, populations, dwellings, lookups, deprivation, weights, offence codes;
// versions with the day from which each is valid. The version in force on a fact's date counts;
// versions by area of the same areas and day count together (a district's file beside another's).
//
//   (nothing) --Open--> staging --Stage…--> --Publish--> published     staging --Abandon, or Open
//   of another--> as before
//
// Whole or nothing: no row counts before Publish, and Publish asks for all of them.
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

struct ReferenceSet {
  static constexpr std::string_view kStream = "reference";
  using State = v1::ReferenceState;
  using Command = std::variant<v1::OpenReference, v1::StageReferenceRows, v1::StageFeatures,
                               v1::PublishReference, v1::AbandonReference>;
  using Event = std::variant<v1::ReferenceSetOpened, v1::ReferenceRowsStaged, v1::FeaturesStaged,
                             v1::ReferenceSetPublished, v1::ReferenceSetAbandoned>;
  using Refusal = v1::Refusal;
  using Decision = holdfast::Decision<Event, Refusal::Code>;

  static Decision Decide(const State&, const v1::OpenReference&, const DecisionContext&);
  static Decision Decide(const State&, const v1::StageReferenceRows&, const DecisionContext&);
  static Decision Decide(const State&, const v1::StageFeatures&, const DecisionContext&);
  static Decision Decide(const State&, const v1::PublishReference&, const DecisionContext&);
  static Decision Decide(const State&, const v1::AbandonReference&, const DecisionContext&);

  static void Evolve(State&, const v1::ReferenceSetOpened&);
  static void Evolve(State&, const v1::ReferenceRowsStaged&);
  static void Evolve(State&, const v1::FeaturesStaged&);
  static void Evolve(State&, const v1::ReferenceSetPublished&);
  static void Evolve(State&, const v1::ReferenceSetAbandoned&);
};
static_assert(Decider<ReferenceSet>);

}  // namespace holdfast::metrics
