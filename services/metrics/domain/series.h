// The marks on the series of a site: phases of the initiative as bands, and breaks that are drawn,
// never smoothed over.
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

struct SeriesMarks {
  static constexpr std::string_view kStream = "series";
  using State = v1::SeriesState;
  using Command = std::variant<v1::MarkPhase, v1::MarkBreak, v1::WithdrawBreak>;
  using Event = std::variant<v1::PhaseMarked, v1::BreakMarked, v1::BreakWithdrawn>;
  using Refusal = v1::Refusal;
  using Decision = holdfast::Decision<Event, Refusal::Code>;

  static Decision Decide(const State&, const v1::MarkPhase&, const DecisionContext&);
  static Decision Decide(const State&, const v1::MarkBreak&, const DecisionContext&);
  static Decision Decide(const State&, const v1::WithdrawBreak&, const DecisionContext&);

  static void Evolve(State&, const v1::PhaseMarked&);
  static void Evolve(State&, const v1::BreakMarked&);
  static void Evolve(State&, const v1::BreakWithdrawn&);
};
static_assert(Decider<SeriesMarks>);

}  // namespace holdfast::metrics
