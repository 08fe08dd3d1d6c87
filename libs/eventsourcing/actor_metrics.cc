#include "eventsourcing/actor_metrics.h"

#include "base/error.h"

namespace holdfast::eventsourcing {
namespace {

metrics::Registry& Registry() {
  return metrics::Process();
}

// In the order of metrics::kCommandOutcomes.
enum Outcome : std::size_t {
  kAccepted,
  kDuplicate,
  kRefused,
  kConflict,
  kQuota,
  kOverloaded,
  kUnavailable
};

// What the objectives count against the service is overloaded and unavailable; all else is an
// answer.
Outcome OutcomeOf(const CommandAnswer& answer) {
  switch (answer.status().code()) {
    case absl::StatusCode::kOk:
      return answer->repeated() ? kDuplicate : kAccepted;
    case absl::StatusCode::kAborted:
    case absl::StatusCode::kAlreadyExists:
      return kConflict;
    case absl::StatusCode::kResourceExhausted:
      return ReasonOf(answer.status()) == "QUOTA" ? kQuota : kOverloaded;
    case absl::StatusCode::kDeadlineExceeded:  // it passed in the queue
      return kOverloaded;
    case absl::StatusCode::kUnavailable:
    case absl::StatusCode::kDataLoss:
    case absl::StatusCode::kInternal:
    case absl::StatusCode::kUnknown:
      return kUnavailable;
    default:
      return kRefused;
  }
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
  for (std::size_t i = 0; i < answered.size(); ++i) {
    answered[i] =
        Registry().GetHistogram(metrics::kCommandSeconds, {context, metrics::kCommandOutcomes[i]});
  }
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

void PartitionActor::Metrics::Answered(const CommandAnswer& answer, absl::Duration took) const {
  answered[OutcomeOf(answer)].Observe(took);
  if (absl::IsFailedPrecondition(answer.status())) {
    Registry()
        .GetCounter(metrics::kCommandRefused, {context, ReasonOf(answer.status())})
        .Increment();
  }
}

}  // namespace holdfast::eventsourcing
