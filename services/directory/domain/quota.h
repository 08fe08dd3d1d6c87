// How much of the service one tenant may ask for: set by the operator, in whose history it stands.
// Pure: no clock, no I/O, no randomness.
#pragma once

#include <cstdint>
#include <string_view>
#include <variant>

#include "holdfast/directory/v1/events.pb.h"
#include "holdfast/directory/v1/operator.pb.h"
#include "holdfast/directory/v1/refusal.pb.h"
#include "holdfast/directory/v1/state.pb.h"

#include "eventsourcing/decider.h"

namespace holdfast::directory {

struct Quota {
  static constexpr std::string_view kStream = "quota";
  using State = v1::QuotaState;
  using Command = std::variant<v1::SetQuota, v1::CorrectQuota>;
  using Event = std::variant<v1::QuotaSet, v1::QuotaCorrected>;
  using Refusal = v1::Refusal;
  using Decision = holdfast::Decision<Event, Refusal::Code>;

  // No partition decides more (docs/performance.md): a quota above them would be none.
  static constexpr std::uint32_t kMostPerSecond = 1'000'000;
  static constexpr std::uint32_t kMostBurst = 10'000'000;
  static constexpr std::uint32_t kMostStreams = 10'000;

  static Decision Decide(const State&, const v1::SetQuota&, const DecisionContext&);
  static Decision Decide(const State&, const v1::CorrectQuota&, const DecisionContext&);
  static void Evolve(State&, const v1::QuotaSet&);
  static void Evolve(State&, const v1::QuotaCorrected&);

  // What the rule reads from tenant/<slug>.
  static void Resolve(v1::SetQuota&, const Neighbours&);
};
static_assert(Decider<Quota>);

}  // namespace holdfast::directory
