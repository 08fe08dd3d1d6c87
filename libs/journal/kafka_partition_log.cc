#include "journal/kafka_partition_log.h"

#include "observability/log.h"

namespace holdfast::journal::kafka {

void PartitionLog::Know(Offset end) {
  Offset known = known_end_.load(std::memory_order_relaxed);
  while (known < end && !known_end_.compare_exchange_weak(known, end, std::memory_order_release)) {
  }
}

absl::Status PartitionLog::damage() const {
  const absl::MutexLock lock(&mutex_);
  return damage_;
}

void PartitionLog::Damage(Offset offset, const absl::Status& damage) {
  {
    const absl::MutexLock lock(&mutex_);
    if (!damage_.ok()) return;
    damage_ = damage;
  }
  log::Error("record_damaged", log::Context(id_.context), log::Partition(id_.partition),
             log::Offset(offset));
}

}  // namespace holdfast::journal::kafka
