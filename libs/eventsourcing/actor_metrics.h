// The metrics of one partition's actor, looked up once.
#pragma once

#include <array>
#include <iterator>
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
  // `took`: since it came into the inbox.
  void Answered(const CommandAnswer& answer, absl::Duration took) const;

  const std::string context;
  metrics::Histogram append_seconds;
  metrics::Gauge owner;
  metrics::Gauge standby;
  metrics::Gauge frozen;
  metrics::Counter voided[3];
  std::array<metrics::Histogram, std::size(metrics::kCommandOutcomes)> answered;
};

}  // namespace holdfast::eventsourcing
