// The metrics of one partition's actor, looked up once.
#pragma once

#include <string>
#include <string_view>

#include "eventsourcing/partition_actor.h"

namespace holdfast::eventsourcing {

struct PartitionActor::Metrics {
  explicit Metrics(const journal::PartitionId& partition);

  void SetPhase(Phase phase) const;
  void Void(journal::Outcome outcome) const;
  void SteppedDown(std::string_view why) const;
  void Appended(absl::Duration took) const { append_seconds.Observe(took); }
  void Answered(const CommandAnswer& answer) const;

  const std::string context;
  metrics::Histogram append_seconds;
  metrics::Gauge owner;
  metrics::Gauge standby;
  metrics::Gauge frozen;
  metrics::Counter voided[3];
};

}  // namespace holdfast::eventsourcing
