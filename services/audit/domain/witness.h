// Who may cosign: a name and a key, registered once and for good.
//
//   (nobody) --Register--> registered --Retire--> retired
//
// Pure: no clock, no I/O, no randomness.
#pragma once

#include <string_view>
#include <variant>

#include "holdfast/audit/v1/audit.pb.h"
#include "holdfast/audit/v1/events.pb.h"
#include "holdfast/audit/v1/state.pb.h"

#include "eventsourcing/decider.h"

namespace holdfast::audit {

struct Witness {
  static constexpr std::string_view kStream = "witness";
  using State = v1::WitnessState;
  using Command = std::variant<v1::RegisterWitness, v1::RetireWitness>;
  using Event = std::variant<v1::WitnessRegistered, v1::WitnessRetired>;
  using Refusal = v1::Refusal;
  using Decision = holdfast::Decision<Event, Refusal::Code>;

  static Decision Decide(const State&, const v1::RegisterWitness&, const DecisionContext&);
  static Decision Decide(const State&, const v1::RetireWitness&, const DecisionContext&);

  static void Evolve(State&, const v1::WitnessRegistered&);
  static void Evolve(State&, const v1::WitnessRetired&);
};
static_assert(Decider<Witness>);

}  // namespace holdfast::audit
