// The team of a site: who is appointed to which duty there, and trained for it. One per site, under
// the site's id.
//
//   (nobody) --Appoint--> appointed --StandDown--> (nobody)     per duty and person
//
// An appointment gives no access; overrides and waivers ask for it.
// Pure: no clock, no I/O, no randomness.
#pragma once

#include <string_view>
#include <variant>

#include "holdfast/initiative/v1/events.pb.h"
#include "holdfast/initiative/v1/initiative.pb.h"
#include "holdfast/initiative/v1/state.pb.h"

#include "eventsourcing/decider.h"

namespace holdfast::initiative {

struct Team {
  static constexpr std::string_view kStream = "team";
  // The course without which nobody is lead responsible officer.
  static constexpr std::string_view kLeadOfficerCourse = "lead-responsible-officer";
  using State = v1::TeamState;
  using Command = std::variant<v1::AppointOfficer, v1::StandDownOfficer, v1::NoteTraining>;
  using Event = std::variant<v1::OfficerAppointed, v1::OfficerStoodDown, v1::TrainingNoted>;
  using Refusal = v1::Refusal;
  using Decision = holdfast::Decision<Event, Refusal::Code>;

  static Decision Decide(const State&, const v1::AppointOfficer&, const DecisionContext&);
  static Decision Decide(const State&, const v1::StandDownOfficer&, const DecisionContext&);
  static Decision Decide(const State&, const v1::NoteTraining&, const DecisionContext&);

  static void Evolve(State&, const v1::OfficerAppointed&);
  static void Evolve(State&, const v1::OfficerStoodDown&);
  static void Evolve(State&, const v1::TrainingNoted&);

  static void Resolve(v1::AppointOfficer&, const Neighbours&);
  static void Resolve(v1::NoteTraining&, const Neighbours&);
};
static_assert(Decider<Team>);

}  // namespace holdfast::initiative
