#include "audit/domain/witness.h"

namespace holdfast::audit {

Witness::Decision Witness::Decide(const State& now, const v1::RegisterWitness& command,
                                  const DecisionContext&) {
  if (now.life() == State::RETIRED) return Refuse(Refusal::NAME_RETIRED, "name");
  if (now.life() == State::REGISTERED) {
    if (now.public_key() == command.public_key()) return {};
    return Refuse(Refusal::KEY_DIFFERS, "public_key");
  }
  v1::WitnessRegistered event;
  event.set_name(command.name());
  event.set_public_key(command.public_key());
  return event;
}

Witness::Decision Witness::Decide(const State& now, const v1::RetireWitness& command,
                                  const DecisionContext&) {
  if (now.life() == State::RETIRED) return {};
  if (now.life() != State::REGISTERED) {
    return Refuse(Refusal::WRONG_STATE, "name", "a witness that is registered");
  }
  v1::WitnessRetired event;
  event.set_name(command.name());
  event.set_reason(command.reason());
  return event;
}

void Witness::Evolve(State& state, const v1::WitnessRegistered& event) {
  state.set_life(State::REGISTERED);
  state.set_public_key(event.public_key());
}

void Witness::Evolve(State& state, const v1::WitnessRetired&) {
  state.set_life(State::RETIRED);
}

}  // namespace holdfast::audit
