// A measure: what is counted, whose it is, and what a change of it means.
//
//   (nothing) --Define--> version 1 --Version--> version 2 …    --Retire--> retired
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

struct Measure {
  static constexpr std::string_view kStream = "measure";
  using State = v1::MeasureState;
  using Command = std::variant<v1::DefineMeasure, v1::VersionMeasure, v1::RetireMeasure>;
  using Event = std::variant<v1::MeasureDefined, v1::MeasureVersioned, v1::MeasureRetired>;
  using Refusal = v1::Refusal;
  using Decision = holdfast::Decision<Event, Refusal::Code>;

  static Decision Decide(const State&, const v1::DefineMeasure&, const DecisionContext&);
  static Decision Decide(const State&, const v1::VersionMeasure&, const DecisionContext&);
  static Decision Decide(const State&, const v1::RetireMeasure&, const DecisionContext&);

  static void Evolve(State&, const v1::MeasureDefined&);
  static void Evolve(State&, const v1::MeasureVersioned&);
  static void Evolve(State&, const v1::MeasureRetired&);
};
static_assert(Decider<Measure>);

}  // namespace holdfast::metrics
