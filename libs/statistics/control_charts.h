// Charts with a memory, for small and lasting shifts: EWMA and CUSUM.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "statistics/outcome.h"

namespace holdfast::statistics {

struct EwmaOptions {
  double lambda = 0.2;  // in (0, 1]
  double target = 0;
  double sigma = 1;  // of one value, > 0
  double width = 3;  // in standard errors, > 0
  bool time_varying = true;
};
struct EwmaChart {
  std::vector<double> ewma;
  std::vector<double> lower;  // one for each value
  std::vector<double> upper;
};
// No value: SERIES_TOO_SHORT. A gap (NaN) is INPUT_OUT_OF_RANGE: the memory cannot jump it.
//   source   NIST/SEMATECH handbook 6.3.2.4
Result<EwmaChart> Ewma(std::span<const double> values, const EwmaOptions& options);

struct CusumOptions {
  double target = 0;
  double k = 0.5;  // slack, >= 0
  double h = 5;    // signal above it, > 0
};
struct CusumChart {
  std::vector<double> high;                 // max(0, S + x - target - k)
  std::vector<double> low;                  // max(0, S + target - x - k)
  std::optional<std::size_t> first_signal;  // from 0
};
Result<CusumChart> Cusum(std::span<const double> values, const CusumOptions& options);

// The slack of a Poisson CUSUM between two means: (l1 - l0) / (ln l1 - ln l0). Equal means:
// NO_VARIATION.
//   source   Lucas (1985), Technometrics 27
Result<double> CusumReference(double lambda0, double lambda1);

}  // namespace holdfast::statistics
