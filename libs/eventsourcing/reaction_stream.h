// The stream reaction/<reactor> that every context has: what a reactor's commands met that did not
// change anything, and what was refused and waits for a person.
//
//   ReactionParked --SettleReaction--> ReactionSettled (retried and accepted, or discarded)
//
// The partition actor writes ReactionParked itself, in place of the refusal.
#pragma once

#include <string_view>
#include <variant>

#include "holdfast/journal/v1/journal.pb.h"

#include "eventsourcing/decider.h"

namespace holdfast::eventsourcing {

struct ReactionStream {
  static constexpr std::string_view kStream = "reaction";
  using State = journal::v1::ReactionState;
  using Command = std::variant<journal::v1::SettleReaction>;
  using Event = std::variant<journal::v1::ReactionParked, journal::v1::ReactionSettled>;
  using Refusal = journal::v1::ReactionRefusal;
  using Decision = holdfast::Decision<Event, Refusal::Code>;

  static Decision Decide(const State& now, const journal::v1::SettleReaction& command,
                         const DecisionContext&);
  static void Evolve(State& state, const journal::v1::ReactionParked& event);
  static void Evolve(State& state, const journal::v1::ReactionSettled& event);
};
static_assert(Decider<ReactionStream>);

}  // namespace holdfast::eventsourcing
