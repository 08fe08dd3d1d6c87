// The metrics of a process's views: how many commits they applied, how long until they showed, how
// far behind they are, which rows are parked.
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "journal/journal.h"
#include "observability/metrics.h"
#include "readmodel/view_type.h"

namespace holdfast {
class Clock;
}

namespace holdfast::readmodel {

// SetParked is thread-safe; all else is called on the projector's strand.
class ViewMetrics {
 public:
  // `clock` is borrowed.
  ViewMetrics(const std::vector<ViewType>& views, const Clock& clock);

  // A commit was folded. Where it is awaited, the time until Flushed is the time until it showed;
  // what stood in the journal at the start nobody waits to see.
  void Applied(const journal::PartitionId& partition, absl::Time recorded_at, bool awaited);
  void Flushed();
  // All that was read of a partition is folded; at its end there was nothing.
  void Moved(const journal::PartitionId& partition, bool at_end);
  // No view goes on: from now on they are behind, whatever comes.
  void Stopped();
  void SetParked(const std::string& view, std::size_t rows) const;

 private:
  struct OfContext {
    metrics::Histogram visible;
    metrics::Counter applied;
  };
  struct OfPartition {
    bool at_end = false;
    // What is behind it was not recorded earlier; infinite before the first commit.
    absl::Time reached = absl::InfiniteFuture();
  };

  double LagOf(const std::string& context) const;

  const Clock& clock_;
  std::map<std::string, OfContext> contexts_;
  std::map<std::string, metrics::Gauge> parked_;
  // Folded and not flushed: of which context, and when it was recorded.
  std::vector<std::pair<const OfContext*, absl::Time>> waiting_;

  mutable absl::Mutex mutex_;
  std::map<std::pair<std::string, std::uint32_t>, OfPartition> partitions_ ABSL_GUARDED_BY(mutex_);
  absl::Time stopped_at_ ABSL_GUARDED_BY(mutex_) = absl::InfiniteFuture();
  // Last: they ask the members above.
  std::vector<std::unique_ptr<metrics::Registry::Callback>> lags_;
};

}  // namespace holdfast::readmodel
