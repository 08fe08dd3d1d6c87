// How much of a partition's time one tenant may ask for: units that come back at a steady rate, and
// may be saved up to a burst. Pure: the time is given.
#pragma once

#include "absl/time/time.h"

namespace holdfast::eventsourcing {

struct Quota {
  double per_second = 0;  // units; 0: no limit
  double burst = 0;       // units that can be saved; at least 1 where there is a limit

  friend bool operator==(const Quota&, const Quota&) = default;
};

// Not thread-safe. Full at first.
class TokenBucket {
 public:
  explicit TokenBucket(const Quota& quota) : quota_(quota), level_(quota.burst) {}

  // Takes `cost` units, and answers zero; or takes nothing, and answers after how long they will be
  // there. What costs more than a burst needs a full bucket, and leaves a debt. `now` is since
  // boot, and never runs backwards.
  absl::Duration Take(double cost, absl::Duration now);

  // From now on this is the quota. What was saved stays, up to the new burst; a higher one starts
  // full.
  void Follow(const Quota& quota);

 private:
  Quota quota_;
  double level_;
  absl::Duration filled_at_ = absl::InfiniteDuration();  // not yet
};

}  // namespace holdfast::eventsourcing
