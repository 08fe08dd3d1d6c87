// Can the target be seen at all? How large a baseline must be, and how likely a fall is to be
// noticed, before any work starts.
#pragma once

#include <cstdint>

#include "statistics/outcome.h"

namespace holdfast::statistics {

// The smallest count from which on (searched to 700) a fall by this share has central p < alpha at
// equal exposure.
//   fall_percent   in (0, 100];   alpha in (0, 1)
// None up to 700: TOO_LARGE, the fall is too small to promise.
Result<std::int64_t> MinimumBaseline(double fall_percent, double alpha = 0.05);

struct PowerInput {
  double baseline = 0;        // expected count before, > 0
  double fall_percent = 0;    // in [0, 100]; 0 gives the size of the test
  double exposure_ratio = 1;  // after over before
  double alpha = 0.05;
  double phi = 1;
};

// Probability that such a fall has a central p < alpha: the sum over all pairs of Poisson counts.
// With phi above 1.2, or more than 10,000 events expected on both sides, the normal form:
// |ln(1 - f)| over its standard error.
Result<double> Power(const PowerInput& input);

// The smallest fall, in percent and to 0.1, that is seen with at least this power; none:
// NOT_ESTIMABLE. input.fall_percent is not read.
Result<double> DetectableFall(const PowerInput& input, double power = 0.8);

}  // namespace holdfast::statistics
