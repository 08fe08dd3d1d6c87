// The checkpoints of a tenant's log: each larger than the one before, then cosigned. One stream,
// main. Whether signatures hold is checked before a command comes here.
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

struct Checkpoints {
  static constexpr std::string_view kStream = "checkpoint";
  static constexpr std::string_view kMain = "main";
  using State = v1::CheckpointState;
  using Command = std::variant<v1::PublishCheckpoint, v1::RecordCosignature>;
  using Event = std::variant<v1::CheckpointSigned, v1::CheckpointCosigned>;
  using Refusal = v1::Refusal;
  using Decision = holdfast::Decision<Event, Refusal::Code>;

  static std::string StreamId(const v1::PublishCheckpoint&) { return std::string(kMain); }
  static std::string StreamId(const v1::RecordCosignature&) { return std::string(kMain); }

  static Decision Decide(const State&, const v1::PublishCheckpoint&, const DecisionContext&);
  static Decision Decide(const State&, const v1::RecordCosignature&, const DecisionContext&);

  static void Evolve(State&, const v1::CheckpointSigned&);
  static void Evolve(State&, const v1::CheckpointCosigned&);
};
static_assert(Decider<Checkpoints>);

}  // namespace holdfast::audit
