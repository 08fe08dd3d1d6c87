// The chance that somewhere in a long span a window of fixed length holds so many events by luck
// alone.
#pragma once

#include <cstdint>

#include "statistics/outcome.h"

namespace holdfast::statistics {

// Naus's approximation of P(some window holds at least `count` events).
//   windows   length of the span in windows, L >= 2
//   mean      expected events in one window, > 0
//   k         his exponent L - k; 2 in the paper, 1 in a well-known example
// Where the approximation breaks down (Q2 or Q3 not above 0): NOT_ESTIMABLE.
//   source   Naus (1982), JASA 77
Result<double> ScanProbability(double windows, double mean, std::int64_t count, double k = 2);

}  // namespace holdfast::statistics
