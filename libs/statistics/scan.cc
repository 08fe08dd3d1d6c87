#include "statistics/scan.h"

#include <algorithm>
#include <cmath>

#include "statistics/distributions.h"
#include "statistics/neumaier_sum.h"

namespace holdfast::statistics {
namespace {

constexpr std::int64_t kMostEvents = 100'000;

double Square(double x) {
  return x * x;
}

}  // namespace

Result<double> ScanProbability(double windows, double mean, std::int64_t count, double k) {
  if (!std::isfinite(windows) || windows < 2 || !IsPositive(mean) || !IsCount(count) ||
      !std::isfinite(k) || k < 0 || k > windows)
    return Because(Undefined::kInputOutOfRange);
  if (count > kMostEvents || mean > static_cast<double>(kMostEvents))
    return Because(Undefined::kTooLarge);
  if (count == 0) return 1;
  const auto p = [mean](std::int64_t x) { return PoissonMass(x, mean); };
  const auto below = [mean](std::int64_t x) { return PoissonLower(x, mean); };
  const std::int64_t n = count;
  const auto real = static_cast<double>(n);
  const double q2 =
      Square(below(n - 1)) - (real - 1) * p(n) * p(n - 2) - (real - 1 - mean) * p(n) * below(n - 3);
  const double a1 = 2 * p(n) * below(n - 1) * ((real - 1) * below(n - 2) - mean * below(n - 3));
  const double a2 = 0.5 * Square(p(n)) *
                    ((real - 1) * (real - 2) * below(n - 3) - 2 * (real - 2) * mean * below(n - 4) +
                     Square(mean) * below(n - 5));
  NeumaierSum a3;
  NeumaierSum a4;
  for (std::int64_t r = 1; r <= n - 1; ++r) a3.Add(p(2 * n - r) * Square(below(r - 1)));
  for (std::int64_t r = 2; r <= n - 2; ++r)
    a4.Add(p(2 * n - r) * p(r) *
           ((static_cast<double>(r) - 1) * below(r - 2) - mean * below(r - 3)));
  const double q3 = below(n - 1) * Square(below(n - 1)) - a1 + a2 + a3.Total() - a4.Total();
  if (!(q2 > 0) || !(q3 > 0)) return Because(Undefined::kNotEstimable);
  return std::clamp(1 - q2 * std::pow(q3 / q2, windows - k), 0.0, 1.0);
}

}  // namespace holdfast::statistics
