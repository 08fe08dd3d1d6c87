// A dataset: what an agency delivers month by month, defined once; or the word of an agency that it
// holds none.
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

struct Dataset {
  static constexpr std::string_view kStream = "dataset";
  using State = v1::DatasetState;
  using Command = std::variant<v1::RegisterDataset, v1::DeclareNoDataHeld, v1::DeclareDatasetGap>;
  using Event = std::variant<v1::DatasetRegistered, v1::NoDataHeldDeclared, v1::DatasetGapDeclared>;
  using Refusal = v1::Refusal;
  using Decision = holdfast::Decision<Event, Refusal::Code>;

  static Decision Decide(const State&, const v1::RegisterDataset&, const DecisionContext&);
  static Decision Decide(const State&, const v1::DeclareNoDataHeld&, const DecisionContext&);
  static Decision Decide(const State&, const v1::DeclareDatasetGap&, const DecisionContext&);

  static void Evolve(State&, const v1::DatasetRegistered&);
  static void Evolve(State&, const v1::NoDataHeldDeclared&);
  static void Evolve(State&, const v1::DatasetGapDeclared&);
};
static_assert(Decider<Dataset>);

}  // namespace holdfast::metrics
