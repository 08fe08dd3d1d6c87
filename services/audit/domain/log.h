// The log of a tenant: entries, each a leaf of its tree, numbered without gap. One stream, main.
// Pure: no clock, no I/O, no randomness.
#pragma once

#include <string>
#include <string_view>
#include <variant>

#include "holdfast/audit/v1/audit.pb.h"
#include "holdfast/audit/v1/events.pb.h"
#include "holdfast/audit/v1/state.pb.h"

#include "eventsourcing/decider.h"

namespace holdfast::audit {

struct Log {
  static constexpr std::string_view kStream = "log";
  static constexpr std::string_view kMain = "main";
  using State = v1::LogState;
  using Command = std::variant<v1::RecordAccess>;
  using Event = std::variant<v1::AccessRecorded>;
  using Refusal = v1::Refusal;
  using Decision = holdfast::Decision<Event, Refusal::Code>;

  static std::string StreamId(const v1::RecordAccess&) { return std::string(kMain); }

  // Nothing that is complete is refused: what happened is logged.
  static Decision Decide(const State&, const v1::RecordAccess&, const DecisionContext&);

  static void Evolve(State&, const v1::AccessRecorded&);
};
static_assert(Decider<Log>);

}  // namespace holdfast::audit
