// What the journal of this process knows of one partition on Kafka. Shared: the ends of writers and
// readers may outlive the journal.
#pragma once

#include <atomic>
#include <string>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "journal/journal.h"
#include "observability/metrics.h"

namespace holdfast::journal::kafka {

// Thread-safe.
class PartitionLog {
 public:
  PartitionLog(PartitionId id, std::string topic, metrics::Histogram append_seconds)
      : id_(std::move(id)), topic_(std::move(topic)), append_seconds_(append_seconds) {}

  const PartitionId& id() const { return id_; }
  const std::string& topic() const { return topic_; }
  const metrics::Histogram& append_seconds() const { return append_seconds_; }

  // Every record below was acknowledged to, or read by, this process.
  Offset known_end() const { return known_end_.load(std::memory_order_acquire); }
  void Know(Offset end);

  // What a reader met first: kDataLoss. Nothing is appended behind it.
  absl::Status damage() const;
  void Damage(Offset offset, const absl::Status& damage);

 private:
  const PartitionId id_;
  const std::string topic_;
  const metrics::Histogram append_seconds_;
  std::atomic<Offset> known_end_ = 0;
  mutable absl::Mutex mutex_;
  absl::Status damage_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace holdfast::journal::kafka
