// Do counts vary more than chance makes them? The variance-to-mean ratio of units, and phi of a
// monthly series.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "statistics/outcome.h"

namespace holdfast::statistics {

struct CountDispersion {
  double mean = 0;
  double variance = 0;  // n - 1 below
  double vmr = 0;       // variance / mean; 1 for Poisson
  double chi_squared = 0;
  double df = 0;
  double p = 1;  // upper tail: more varied than Poisson
  std::vector<double>
      expected;  // units with 0, 1, 2 … events if Poisson, to one more than the largest seen
};

// frequency[k] is how many units had k events. Fewer than two units: SERIES_TOO_SHORT; no event:
// NO_EVENTS.
Result<CountDispersion> DispersionOfCounts(std::span<const std::int64_t> frequency);

// Above this, intervals are widened: counts by ScaledPoissonInterval, ratios by log-Wald with phi.
inline constexpr double kOverDispersed = 1.2;

// phi of the months before: Pearson chi-squared over its degrees of freedom after a log-linear
// trend and an annual season (two harmonic pairs; one with fewer than 24 months). Never below 1.
//   counts       by month, oldest first; NaN = not observed, left out of the fit
//   first_month  1-12, of counts[0]
// Fewer than 12 observed months: SERIES_TOO_SHORT.
Result<double> DispersionOfMonths(std::span<const double> counts, int first_month);

}  // namespace holdfast::statistics
