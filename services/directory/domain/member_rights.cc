// What a member may do: roles, areas, clearance, compartments, training.
#include <algorithm>
#include <string>

#include "base/day.h"
#include "directory/domain/member.h"
#include "directory/domain/member_rules.h"
#include "directory/domain/same.h"

namespace holdfast::directory {
namespace {

using Refusal = v1::Refusal;
using State = v1::MemberState;

const State::Role* Find(const State& now, options::v1::Role::Code role) {
  const auto found = std::ranges::find(now.roles(), role, &State::Role::role);
  return found == now.roles().end() ? nullptr : &*found;
}

const State::Compartment* Find(const State& now, const std::string& compartment) {
  const auto found =
      std::ranges::find(now.compartments(), compartment, &State::Compartment::compartment);
  return found == now.compartments().end() ? nullptr : &*found;
}

}  // namespace

Member::Decision Member::Decide(const State& now, const v1::GrantRole& command,
                                const DecisionContext& context) {
  if (now.life() != State::ACTIVE) return NotAMember(now);
  if (command.role() == options::v1::Role::CODE_UNSPECIFIED)
    return Refuse(Refusal::REQUIRED, "role");
  if (auto self = SelfGrant(context)) return *std::move(self);
  if (command.has_until() && ToDay(command.until()) < context.today)
    return Refuse(Refusal::DATE_ORDER, "until", "today or later");
  v1::RoleGranted granted;
  granted.set_role(command.role());
  if (command.has_until()) *granted.mutable_until() = command.until();
  const State::Role* held = Find(now, command.role());
  if (held != nullptr && held->has_until() == granted.has_until() &&
      Same(held->until(), granted.until()))
    return {};
  // An end for the only one who has none.
  if (command.role() == options::v1::Role::ADMINISTRATOR && command.has_until()) {
    if (auto last = LastAdministrator(now, command.resolved())) return *std::move(last);
  }
  return granted;
}

Member::Decision Member::Decide(const State& now, const v1::RevokeRole& command,
                                const DecisionContext&) {
  if (!IsMember(now)) return NotAMember(now);
  if (Find(now, command.role()) == nullptr) return {};
  if (command.reason().empty()) return Refuse(Refusal::REQUIRED, "reason");
  if (command.role() == options::v1::Role::ADMINISTRATOR) {
    if (auto last = LastAdministrator(now, command.resolved())) return *std::move(last);
  }
  v1::RoleRevoked revoked;
  revoked.set_role(command.role());
  revoked.set_reason(command.reason());
  return revoked;
}

Member::Decision Member::Decide(const State& now, const v1::SetAreas& command,
                                const DecisionContext& context) {
  if (now.life() != State::ACTIVE) return NotAMember(now);
  if (auto self = SelfGrant(context)) return *std::move(self);
  v1::AreasSet set;
  *set.mutable_areas() = Ordered(command.areas());
  if (std::ranges::equal(now.areas(), set.areas())) return {};
  return set;
}

Member::Decision Member::Decide(const State& now, const v1::SetClearance& command,
                                const DecisionContext& context) {
  if (now.life() != State::ACTIVE) return NotAMember(now);
  if (auto self = SelfGrant(context)) return *std::move(self);
  if (now.clearance() == command.clearance()) return {};
  v1::ClearanceSet set;
  set.set_clearance(command.clearance());
  return set;
}

Member::Decision Member::Decide(const State& now, const v1::JoinCompartment& command,
                                const DecisionContext& context) {
  if (now.life() != State::ACTIVE) return NotAMember(now);
  if (command.compartment().empty()) return Refuse(Refusal::REQUIRED, "compartment");
  if (auto self = SelfGrant(context)) return *std::move(self);
  const State::Compartment* known = Find(now, command.compartment());
  if (known == nullptr) {
    v1::CompartmentProposed proposed;
    proposed.set_compartment(command.compartment());
    proposed.set_proposed_by(std::string(context.actor));
    return proposed;
  }
  // The proposer asks again: it still waits for the second person.
  if (known->joined() || known->proposed_by() == context.actor) return {};
  v1::CompartmentJoined joined;
  joined.set_compartment(command.compartment());
  joined.set_proposed_by(known->proposed_by());
  joined.set_confirmed_by(std::string(context.actor));
  return joined;
}

Member::Decision Member::Decide(const State& now, const v1::LeaveCompartment& command,
                                const DecisionContext&) {
  if (!IsMember(now)) return NotAMember(now);
  if (Find(now, command.compartment()) == nullptr) return {};
  if (command.reason().empty()) return Refuse(Refusal::REQUIRED, "reason");
  v1::CompartmentLeft left;
  left.set_compartment(command.compartment());
  left.set_reason(command.reason());
  return left;
}

Member::Decision Member::Decide(const State& now, const v1::RecordTraining& command,
                                const DecisionContext& context) {
  if (now.life() != State::ACTIVE) return NotAMember(now);
  if (command.course().empty()) return Refuse(Refusal::REQUIRED, "course");
  if (!command.has_valid_to()) return Refuse(Refusal::REQUIRED, "valid_to");
  if (auto self = SelfGrant(context)) return *std::move(self);
  const bool same = std::ranges::any_of(now.trainings(), [&](const State::Training& training) {
    return training.course() == command.course() && Same(training.valid_to(), command.valid_to());
  });
  if (same) return {};
  v1::TrainingRecorded recorded;
  recorded.set_course(command.course());
  *recorded.mutable_valid_to() = command.valid_to();
  return recorded;
}

void Member::Evolve(State& state, const v1::RoleGranted& event) {
  State::Role* role = nullptr;
  for (State::Role& held : *state.mutable_roles()) {
    if (held.role() == event.role()) role = &held;
  }
  if (role == nullptr) role = state.add_roles();
  role->Clear();
  role->set_role(event.role());
  if (event.has_until()) *role->mutable_until() = event.until();
}

void Member::Evolve(State& state, const v1::RoleRevoked& event) {
  auto& roles = *state.mutable_roles();
  roles.erase(std::remove_if(roles.begin(), roles.end(),
                             [&](const State::Role& role) { return role.role() == event.role(); }),
              roles.end());
}

void Member::Evolve(State& state, const v1::AreasSet& event) {
  *state.mutable_areas() = event.areas();
}

void Member::Evolve(State& state, const v1::ClearanceSet& event) {
  state.set_clearance(event.clearance());
}

void Member::Evolve(State& state, const v1::CompartmentProposed& event) {
  State::Compartment& proposed = *state.add_compartments();
  proposed.set_compartment(event.compartment());
  proposed.set_proposed_by(event.proposed_by());
}

void Member::Evolve(State& state, const v1::CompartmentJoined& event) {
  for (State::Compartment& known : *state.mutable_compartments()) {
    if (known.compartment() == event.compartment()) known.set_joined(true);
  }
}

void Member::Evolve(State& state, const v1::CompartmentLeft& event) {
  auto& all = *state.mutable_compartments();
  all.erase(std::remove_if(all.begin(), all.end(),
                           [&](const State::Compartment& known) {
                             return known.compartment() == event.compartment();
                           }),
            all.end());
}

void Member::Evolve(State& state, const v1::TrainingRecorded& event) {
  State::Training* training = nullptr;
  for (State::Training& known : *state.mutable_trainings()) {
    if (known.course() == event.course()) training = &known;
  }
  if (training == nullptr) training = state.add_trainings();
  training->set_course(event.course());
  *training->mutable_valid_to() = event.valid_to();
}

}  // namespace holdfast::directory
