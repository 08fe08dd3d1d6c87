// Time enters through this interface, so that production code runs in the simulation's virtual
// time.
#pragma once

#include "absl/time/time.h"

namespace holdfast {

class Clock {
 public:
  virtual ~Clock() = default;
  // The time of the world (UTC). May jump.
  virtual absl::Time Now() const = 0;
  // Since some fixed point; never runs backwards, goes on while the machine sleeps
  // (CLOCK_BOOTTIME).
  virtual absl::Duration SinceBoot() const = 0;
};

// The machine's clocks. Lives for the whole process; thread-safe.
Clock& SystemClock();

}  // namespace holdfast
