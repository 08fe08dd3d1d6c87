#include "eventsourcing/actor_metrics.h"

#include "base/error.h"

namespace holdfast::eventsourcing {
namespace {

metrics::Registry& Registry() {
  return metrics::Process();
}

}  // namespace

PartitionActor::Metrics::Metrics(const journal::PartitionId& partition)
    : context(partition.context) {
  const std::string number = std::to_string(partition.partition);
  append_seconds = Registry().GetHistogram(metrics::kAppendSeconds, {context});
  owner = Registry().GetGauge(metrics::kPartitionRole, {context, number, "owner"});
  standby = Registry().GetGauge(metrics::kPartitionRole, {context, number, "standby"});
  frozen = Registry().GetGauge(metrics::kPartitionFrozen, {context, number});
  voided[0] = Registry().GetCounter(metrics::kCommitVoid, {context, "fenced"});
  voided[1] = Registry().GetCounter(metrics::kCommitVoid, {context, "closed"});
  voided[2] = Registry().GetCounter(metrics::kCommitVoid, {context, "conflict"});
}

void PartitionActor::Metrics::SetPhase(Phase phase) const {
  owner.Set(phase == Phase::kServing ? 1 : 0);
  standby.Set(phase == Phase::kFollowing ? 1 : 0);
  frozen.Set(phase == Phase::kFrozen ? 1 : 0);
}

void PartitionActor::Metrics::Void(journal::Outcome outcome) const {
  if (outcome != journal::Outcome::kAccepted)
    voided[static_cast<std::size_t>(outcome) - 1].Increment();
}

void PartitionActor::Metrics::SteppedDown(std::string_view why) const {
  Registry().GetCounter(metrics::kStepDown, {context, why}).Increment();
}

void PartitionActor::Metrics::Answered(const CommandAnswer& answer) const {
  if (absl::IsFailedPrecondition(answer.status())) {
    Registry()
        .GetCounter(metrics::kCommandRefused, {context, ReasonOf(answer.status())})
        .Increment();
  }
}

}  // namespace holdfast::eventsourcing
