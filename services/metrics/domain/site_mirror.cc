#include "metrics/domain/site_mirror.h"

#include <algorithm>

namespace holdfast::metrics {
namespace {

using Refusal = v1::Refusal;
using State = v1::MirrorState;

template <class Event>
bool ChangesNothing(const State& state, const Event& event) {
  State after = state;
  SiteMirror::Evolve(after, event);
  return after.SerializeAsString() == state.SerializeAsString();
}

template <class Event>
SiteMirror::Decision Mirror(const State& state, const Event& event) {
  if (ChangesNothing(state, event)) return {};
  return event;
}

bool Holds(const State::Holder& holder, std::string_view actor, type::v1::Duty::Code duty) {
  return holder.actor_ref() == actor && holder.duty() == duty;
}

// What a fact does not tell stays as it was: an event says the whole.
v1::SiteMirrored Whole(const State& state, const v1::SiteMirrored& told) {
  v1::SiteMirrored whole = state.site();
  whole.set_site_id(told.site_id());
  if (!told.name().empty()) whole.set_name(told.name());
  if (told.has_set()) {
    *whole.mutable_set() = told.set();
    *whole.mutable_areas() = told.areas();
  }
  return whole;
}

// A first day comes with the last one, or with none: the episode is open. A last day alone closes
// it.
v1::MirrorPhase Whole(const State& state, const v1::MirrorPhase& told) {
  v1::MirrorPhase whole;
  for (const auto& phase : state.phases()) {
    if (phase.episode_id() == told.episode_id()) whole = phase;
  }
  whole.set_episode_id(told.episode_id());
  if (!told.phase().empty()) whole.set_phase(told.phase());
  if (!told.zone().empty()) whole.set_zone(told.zone());
  if (told.has_from()) {
    *whole.mutable_from() = told.from();
    whole.clear_to();
  }
  if (told.has_to()) *whole.mutable_to() = told.to();
  if (told.recorded_afterwards()) whole.set_recorded_afterwards(true);
  return whole;
}

}  // namespace

SiteMirror::Decision SiteMirror::Decide(const State& now, const v1::MirrorSite& command,
                                        const DecisionContext&) {
  if (command.has_site()) return Mirror(now, Whole(now, command.site()));
  if (command.has_signed_up()) return Mirror(now, command.signed_up());
  if (command.has_withdrew()) return Mirror(now, command.withdrew());
  if (command.has_duty_held()) {
    const bool known = std::ranges::any_of(now.holders(), [&](const State::Holder& holder) {
      return holder.sponsor() == command.duty_held().sponsor() &&
             Holds(holder, command.duty_held().actor_ref(), command.duty_held().duty());
    });
    if (known) return {};
    return command.duty_held();
  }
  if (command.has_duty_ended()) return Mirror(now, command.duty_ended());
  if (command.has_phase()) return Mirror(now, Whole(now, command.phase()));
  return Refuse(Refusal::REQUIRED, "fact");
}

void SiteMirror::Evolve(State& state, const v1::SiteMirrored& event) {
  *state.mutable_site() = event;
}

void SiteMirror::Evolve(State& state, const v1::MirrorAgencySignedUp& event) {
  for (auto& agency : *state.mutable_agencies()) {
    if (agency.agency() != event.agency()) continue;
    agency.set_type(event.type());
    return;
  }
  State::Agency& agency = *state.add_agencies();
  agency.set_agency(event.agency());
  agency.set_type(event.type());
}

void SiteMirror::Evolve(State& state, const v1::MirrorAgencyWithdrew& event) {
  auto& agencies = *state.mutable_agencies();
  agencies.erase(std::remove_if(agencies.begin(), agencies.end(),
                                [&](const auto& a) { return a.agency() == event.agency(); }),
                 agencies.end());
}

void SiteMirror::Evolve(State& state, const v1::MirrorDutyHeld& event) {
  auto& holders = *state.mutable_holders();
  // One sponsor of a duty at a time; and nobody is listed twice.
  holders.erase(std::remove_if(holders.begin(), holders.end(),
                               [&](const State::Holder& holder) {
                                 return holder.sponsor() == event.sponsor() &&
                                        (event.sponsor()
                                             ? holder.duty() == event.duty()
                                             : Holds(holder, event.actor_ref(), event.duty()));
                               }),
                holders.end());
  State::Holder& holder = *holders.Add();
  holder.set_actor_ref(event.actor_ref());
  holder.set_duty(event.duty());
  holder.set_sponsor(event.sponsor());
}

void SiteMirror::Evolve(State& state, const v1::MirrorDutyEnded& event) {
  auto& holders = *state.mutable_holders();
  holders.erase(std::remove_if(holders.begin(), holders.end(),
                               [&](const State::Holder& holder) {
                                 return !holder.sponsor() &&
                                        Holds(holder, event.actor_ref(), event.duty());
                               }),
                holders.end());
}

void SiteMirror::Evolve(State& state, const v1::MirrorPhase& event) {
  for (auto& phase : *state.mutable_phases()) {
    if (phase.episode_id() != event.episode_id()) continue;
    phase = event;
    return;
  }
  *state.add_phases() = event;
}

}  // namespace holdfast::metrics
