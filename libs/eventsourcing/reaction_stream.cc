#include "eventsourcing/reaction_stream.h"

#include <algorithm>

namespace holdfast::eventsourcing {
namespace {

bool Same(const type::v1::CausedBy& a, const type::v1::CausedBy& b) {
  return a.reactor() == b.reactor() && a.context() == b.context() && a.seq() == b.seq() &&
         a.event() == b.event() && a.command() == b.command();
}

auto FindParked(const journal::v1::ReactionState& state, const type::v1::CausedBy& caused_by) {
  return std::find_if(state.parked().begin(), state.parked().end(),
                      [&](const auto& parked) { return Same(parked.caused_by(), caused_by); });
}

}  // namespace

ReactionStream::Decision ReactionStream::Decide(const State& now,
                                                const journal::v1::SettleReaction& command,
                                                const DecisionContext&) {
  if (FindParked(now, command.caused_by()) == now.parked().end())
    return Refuse(Refusal::NOT_PARKED, "caused_by");
  journal::v1::ReactionSettled settled;
  *settled.mutable_caused_by() = command.caused_by();
  settled.set_discarded(command.discarded());
  return settled;
}

void ReactionStream::Evolve(State& state, const journal::v1::ReactionParked& event) {
  *state.add_parked() = event;
}

void ReactionStream::Evolve(State& state, const journal::v1::ReactionSettled& event) {
  const auto found = FindParked(state, event.caused_by());
  if (found != state.parked().end()) state.mutable_parked()->erase(found);
}

}  // namespace holdfast::eventsourcing
