// A baseline: the picture of a site before CLEAR, kept with its definitions, its data and what
// could not be met.
//
//   (nothing) --ChooseComparators--> --Lock--> locked --Supersede--> open again --Lock--> locked
//   (number 2) …
//
// The service finds (gates, values, extracts); the actor reads in the same turn whether that still
// holds; this decides.
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

struct Baseline {
  static constexpr std::string_view kStream = "baseline";
  static constexpr int kLeastMonths = 12;
  using State = v1::BaselineState;
  using Command = std::variant<v1::ChooseComparators, v1::LockBaseline, v1::SupersedeBaseline>;
  using Event = std::variant<v1::ComparatorsChosen, v1::BaselineLocked, v1::BaselineSuperseded>;
  using Refusal = v1::Refusal;
  using Decision = holdfast::Decision<Event, Refusal::Code>;

  static Decision Decide(const State&, const v1::ChooseComparators&, const DecisionContext&);
  static Decision Decide(const State&, const v1::LockBaseline&, const DecisionContext&);
  static Decision Decide(const State&, const v1::SupersedeBaseline&, const DecisionContext&);

  // Of LockBaseline: extracts that moved, duties of who waives, agencies without a measure, whether
  // CLEAR began.
  static void Resolve(v1::LockBaseline&, const Neighbours&);

  static void Evolve(State&, const v1::ComparatorsChosen&);
  static void Evolve(State&, const v1::BaselineLocked&);
  static void Evolve(State&, const v1::BaselineSuperseded&);
};
static_assert(Decider<Baseline>);

}  // namespace holdfast::metrics
