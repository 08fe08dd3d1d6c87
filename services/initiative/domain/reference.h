// Reference sets by which this context decides: one stream per set, each publication a version with
// its first day.
//
//   (nothing) --Publish--> version 1 --Publish--> version 2 …     whole or nothing
//
// Pure: no clock, no I/O, no randomness.
#pragma once

#include <string>
#include <string_view>
#include <variant>

#include "holdfast/initiative/v1/events.pb.h"
#include "holdfast/initiative/v1/initiative.pb.h"
#include "holdfast/initiative/v1/state.pb.h"

#include "eventsourcing/decider.h"

namespace holdfast::initiative {

struct Reference {
  static constexpr std::string_view kStream = "reference";
  static constexpr std::string_view kGateCriteria = "gate-criteria";
  static constexpr std::string_view kPoliceTerms = "police-terms";
  using State = v1::ReferenceState;
  using Command = std::variant<v1::PublishGateCriteria, v1::PublishPoliceTerms>;
  using Event = std::variant<v1::GateCriteriaPublished, v1::PoliceTermsPublished>;
  using Refusal = v1::Refusal;
  using Decision = holdfast::Decision<Event, Refusal::Code>;

  static Decision Decide(const State&, const v1::PublishGateCriteria&, const DecisionContext&);
  static Decision Decide(const State&, const v1::PublishPoliceTerms&, const DecisionContext&);

  static void Evolve(State&, const v1::GateCriteriaPublished&);
  static void Evolve(State&, const v1::PoliceTermsPublished&);

  static std::string StreamId(const v1::PublishGateCriteria&) { return std::string(kGateCriteria); }
  static std::string StreamId(const v1::PublishPoliceTerms&) { return std::string(kPoliceTerms); }
};
static_assert(Decider<Reference>);

}  // namespace holdfast::initiative
