#include "eventsourcing/quota.h"

#include <algorithm>

namespace holdfast::eventsourcing {

absl::Duration TokenBucket::Take(double cost, absl::Duration now) {
  if (quota_.per_second <= 0) return absl::ZeroDuration();
  if (now > filled_at_) {
    const double returned = absl::ToDoubleSeconds(now - filled_at_) * quota_.per_second;
    level_ = std::min(quota_.burst, level_ + returned);
  }
  filled_at_ = now;
  const double needed = std::min(cost, quota_.burst);
  if (level_ >= needed) {
    level_ -= cost;
    return absl::ZeroDuration();
  }
  // A nanosecond at least: zero would say that they were taken.
  return std::max(absl::Seconds((needed - level_) / quota_.per_second), absl::Nanoseconds(1));
}

void TokenBucket::Follow(const Quota& quota) {
  if (quota == quota_) return;
  level_ = quota.burst > quota_.burst ? quota.burst : std::min(level_, quota.burst);
  quota_ = quota;
}

}  // namespace holdfast::eventsourcing
