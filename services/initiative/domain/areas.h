// Which areas there are: the codes of one set of boundaries, mirrored from the metrics context by a
// reactor. Pure: no clock, no I/O, no randomness.
#pragma once

#include <string>
#include <string_view>
#include <variant>

#include "holdfast/initiative/v1/events.pb.h"
#include "holdfast/initiative/v1/initiative.pb.h"
#include "holdfast/initiative/v1/state.pb.h"

#include "eventsourcing/decider.h"

namespace holdfast::initiative {

struct Areas {
  static constexpr std::string_view kStream = "areas";
  using State = v1::AreasState;
  using Command = std::variant<v1::MirrorAreas>;
  using Event = std::variant<v1::AreasMirrored>;
  using Refusal = v1::Refusal;
  using Decision = holdfast::Decision<Event, Refusal::Code>;

  static Decision Decide(const State&, const v1::MirrorAreas&, const DecisionContext&);
  static void Evolve(State&, const v1::AreasMirrored&);

  // "ward@2013"
  static std::string IdOf(const type::v1::AreaSet& set);
  static std::string StreamId(const v1::MirrorAreas& command) { return IdOf(command.set()); }
};
static_assert(Decider<Areas>);

}  // namespace holdfast::initiative
