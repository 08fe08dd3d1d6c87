// Where an escalation reaches whoever has a duty: one for each level and duty.
// Pure: no clock, no I/O, no randomness; an address is copied, never looked into.
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

struct ContactPoint {
  static constexpr std::string_view kStream = "contact-point";
  using State = v1::ContactPointState;
  using Command =
      std::variant<v1::SetContactPoint, v1::RetireContactPoint, v1::CorrectContactPoint>;
  using Event =
      std::variant<v1::ContactPointSet, v1::ContactPointRetired, v1::ContactPointCorrected>;
  using Refusal = v1::Refusal;
  using Decision = holdfast::Decision<Event, Refusal::Code>;

  // An address is sealed and cannot be compared: setting it again is a fact again.
  static Decision Decide(const State&, const v1::SetContactPoint&, const DecisionContext&);
  static Decision Decide(const State&, const v1::RetireContactPoint&, const DecisionContext&);
  static Decision Decide(const State&, const v1::CorrectContactPoint&, const DecisionContext&);
  static void Evolve(State&, const v1::ContactPointSet&);
  static void Evolve(State&, const v1::ContactPointRetired&);
  static void Evolve(State&, const v1::ContactPointCorrected&);

  // "2-duty-inspector"
  static std::string IdOf(std::uint32_t level, type::v1::Duty::Code duty);
  static std::string StreamId(const auto& command) { return IdOf(command.level(), command.duty()); }

  // The id to which an address belongs.
  static void Resolve(v1::SetContactPoint&, const Neighbours&);
  static void Resolve(v1::CorrectContactPoint&, const Neighbours&);
};
static_assert(Decider<ContactPoint>);

}  // namespace holdfast::directory
