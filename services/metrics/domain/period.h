// A period: the values and ranks of one measure in one half-year, kept when it is closed. A
// correction of the data restates it; the old figure stays beside the new.
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

struct Period {
  static constexpr std::string_view kStream = "period";
  using State = v1::PeriodState;
  using Command = std::variant<v1::ClosePeriod>;
  using Event = std::variant<v1::PeriodClosed, v1::PeriodRestated>;
  using Refusal = v1::Refusal;
  using Decision = holdfast::Decision<Event, Refusal::Code>;

  static Decision Decide(const State&, const v1::ClosePeriod&, const DecisionContext&);

  static void Evolve(State&, const v1::PeriodClosed&);
  static void Evolve(State&, const v1::PeriodRestated&);
};
static_assert(Decider<Period>);

}  // namespace holdfast::metrics
