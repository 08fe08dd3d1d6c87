#include "base/clock.h"

#include <ctime>

#include "absl/time/clock.h"

namespace holdfast {
namespace {

class Machine final : public Clock {
 public:
  absl::Time Now() const override { return absl::Now(); }
  absl::Duration SinceBoot() const override {
    timespec now{};
    clock_gettime(CLOCK_BOOTTIME, &now);
    return absl::DurationFromTimespec(now);
  }
};

}  // namespace

Clock& SystemClock() {
  static Machine machine;
  return machine;
}

}  // namespace holdfast
