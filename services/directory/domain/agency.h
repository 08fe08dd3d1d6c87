// An agency of the partnership: the force itself, the council, a charity.
//
//   (nothing) --Register--> active --Retire--> retired          Retire only when nobody is in it
//
// Pure: no clock, no I/O, no randomness.
#pragma once

#include <string>
#include <string_view>
#include <variant>

#include "holdfast/directory/v1/administration.pb.h"
#include "holdfast/directory/v1/events.pb.h"
#include "holdfast/directory/v1/refusal.pb.h"
#include "holdfast/directory/v1/state.pb.h"

#include "eventsourcing/decider.h"

namespace holdfast::directory {

struct Agency {
  static constexpr std::string_view kStream = "agency";
  using State = v1::AgencyState;
  using Command =
      std::variant<v1::RegisterAgency, v1::ChangeAgency, v1::RetireAgency, v1::CorrectAgency>;
  using Event =
      std::variant<v1::AgencyRegistered, v1::AgencyChanged, v1::AgencyRetired, v1::AgencyCorrected>;
  using Refusal = v1::Refusal;
  using Decision = holdfast::Decision<Event, Refusal::Code>;

  static Decision Decide(const State&, const v1::RegisterAgency&, const DecisionContext&);
  static Decision Decide(const State&, const v1::ChangeAgency&, const DecisionContext&);
  static Decision Decide(const State&, const v1::RetireAgency&, const DecisionContext&);
  static Decision Decide(const State&, const v1::CorrectAgency&, const DecisionContext&);
  static void Evolve(State&, const v1::AgencyRegistered&);
  static void Evolve(State&, const v1::AgencyChanged&);
  static void Evolve(State&, const v1::AgencyRetired&);
  static void Evolve(State&, const v1::AgencyCorrected&);

  // Who is still in it.
  static void Resolve(v1::RetireAgency&, const Neighbours&);

  // The tag of a member or client that works for the agency.
  static std::string TagOf(std::string_view agency);
  // Adds the agencies that are not registered, or retired, to `resolved`.
  static void Look(std::string_view agency, const Neighbours&, v1::PartyResolved& resolved);
};
static_assert(Decider<Agency>);

}  // namespace holdfast::directory
