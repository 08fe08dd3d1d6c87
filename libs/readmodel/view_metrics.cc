#include "readmodel/view_metrics.h"

#include <algorithm>

#include "base/clock.h"

namespace holdfast::readmodel {

ViewMetrics::ViewMetrics(const std::vector<ViewType>& views, const Clock& clock) : clock_(clock) {
  metrics::Registry& registry = metrics::Process();
  for (const ViewType& view : views) {
    const std::string& context = view.context;
    metrics::Gauge& parked = parked_[view.name];
    parked = registry.GetGauge(metrics::kViewParkedRows, {context, view.name});
    parked.Set(0);
    lags_.push_back(registry.Read(metrics::kViewLagSeconds, {context, view.name},
                                  [this, context] { return LagOf(context); }));
    contexts_[context] = {registry.GetHistogram(metrics::kViewVisibleSeconds, {context}),
                          registry.GetCounter(metrics::kViewApplied, {context})};
  }
}

void ViewMetrics::Applied(const journal::PartitionId& partition, absl::Time recorded_at,
                          bool awaited) {
  const OfContext& shown = contexts_.at(partition.context);
  shown.applied.Increment();
  if (awaited) waiting_.emplace_back(&shown, recorded_at);
  const absl::MutexLock lock(&mutex_);
  partitions_[{partition.context, partition.partition}].reached = recorded_at;
}

void ViewMetrics::Flushed() {
  const absl::Time now = clock_.Now();
  for (const auto& [shown, recorded_at] : waiting_)
    shown->visible.Observe(std::max(now - recorded_at, absl::ZeroDuration()));
  waiting_.clear();
}

void ViewMetrics::Moved(const journal::PartitionId& partition, bool at_end) {
  const absl::MutexLock lock(&mutex_);
  OfPartition& moved = partitions_[{partition.context, partition.partition}];
  moved.at_end = at_end;
  // What comes next comes after this moment.
  if (at_end) moved.reached = absl::InfiniteFuture();
}

void ViewMetrics::Stopped() {
  const absl::MutexLock lock(&mutex_);
  stopped_at_ = clock_.Now();
}

void ViewMetrics::SetParked(const std::string& view, std::size_t rows) const {
  parked_.at(view).Set(static_cast<double>(rows));
}

double ViewMetrics::LagOf(const std::string& context) const {
  const absl::Time now = clock_.Now();
  const absl::MutexLock lock(&mutex_);
  absl::Time since = stopped_at_;
  for (const auto& [id, partition] : partitions_) {
    if (id.first == context && !partition.at_end) since = std::min(since, partition.reached);
  }
  return absl::ToDoubleSeconds(std::max(now - since, absl::ZeroDuration()));
}

}  // namespace holdfast::readmodel
