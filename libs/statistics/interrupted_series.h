// Interrupted time series: what happened to a monthly count when something began, with its trend
// and season taken out.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "statistics/outcome.h"

namespace holdfast::statistics {

// All spans have one element for each month, oldest first.
struct SeriesInput {
  std::span<const double> counts;     // whole, >= 0
  std::span<const double> exposures;  // > 0
  std::span<const double> times;      // in months
  std::span<const double> post;       // 0 before, 1 after; between them for a phased start
  std::span<const double> months;     // 1-12; read where harmonics > 0
  std::int32_t harmonics = 2;         // annual pairs, 0 to 5
  bool slope_change = false;
  double change_time = 0;  // where the level change is read if the slope changes too
  bool quasi = true;       // quasi-Poisson: intervals widened by the dispersion
  double level = 0.95;
};

inline constexpr std::size_t kFewestBefore = 12;  // months; below 24 the caveat SHORT_BASELINE
inline constexpr std::size_t kFewestAfter = 6;

struct SlopeChange {
  double ratio = 0;  // per month
  Interval interval;
  double f = 0;  // one more term, against the fit without it
  double f_p = 1;
};

struct SeriesFit {
  double ratio = 0;  // level after over level expected
  Interval interval;
  double trend_per_period = 0;
  double trend_per_year = 0;
  double deviance = 0;
  double df = 0;
  double dispersion = 1;  // Pearson chi-squared / df, whether intervals use it or not
  std::optional<SlopeChange> slope;
  std::vector<double> deviance_residuals;
  // Residuals at lag 1 or 2 hang together (beyond 2 / sqrt n): read the Newey–West interval (lag 3)
  // instead.
  bool autocorrelated = false;
  Interval newey_west;
  bool short_baseline = false;
};

// Fewer than 12 months before or 6 after: SERIES_TOO_SHORT. A season that cannot be told from the
// change: NOT_ESTIMABLE.
//   source   Lopez Bernal, Cummins & Gasparrini (2017), Int. J. Epidemiol. 46; Newey & West (1987),
//   Econometrica 55
Result<SeriesFit> InterruptedSeries(const SeriesInput& input);

// Autocorrelation of values around their mean, lag 1 first.
Result<std::vector<double>> Autocorrelation(std::span<const double> values, std::size_t lags);

}  // namespace holdfast::statistics
