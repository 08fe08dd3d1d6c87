#include "statistics/power.h"

#include <algorithm>
#include <cmath>

#include "statistics/distributions.h"
#include "statistics/neumaier_sum.h"
#include "statistics/rate_ratio.h"

namespace holdfast::statistics {
namespace {

constexpr std::int64_t kSearchedTo = 700;
// Expected events: with more on both sides the normal form is within 0.001, with more than the most
// the sum costs too much.
constexpr double kExactTo = 1e4;
constexpr double kExactMost = 1e6;
constexpr double kOverDispersed = 1.2;
constexpr double kNegligible = 1e-17;

bool Rejects(std::int64_t now, std::int64_t then, double exposure_ratio, double alpha) {
  const Result<double> p = ConditionalP({now, exposure_ratio, then, 1});
  return p && *p < alpha;
}

bool InRange(const PowerInput& input) {
  return IsPositive(input.baseline) && input.fall_percent >= 0 && input.fall_percent <= 100 &&
         IsPositive(input.exposure_ratio) && input.alpha > 0 && input.alpha < 1 &&
         IsPositive(input.phi);
}

double NormalPower(const PowerInput& input, double after) {
  if (after == 0) return 1;
  const double shift = std::abs(std::log1p(-input.fall_percent / 100)) /
                       std::sqrt(input.phi * (1 / after + 1 / input.baseline));
  const double z = TwoSidedZ(1 - input.alpha);
  return NormalUpper(z - shift) + NormalLower(-z - shift);
}

// The counts of now that reject, for a count of then, are those up to `low` and those from `high`.
// Both only grow with it.
double ExactPower(const PowerInput& input, double after) {
  const std::int64_t first = PoissonQuantile(kNegligible, input.baseline);
  std::int64_t low = -1;
  std::int64_t high = 0;
  NeumaierSum power;
  NeumaierSum mass;
  for (std::int64_t then = first; mass.Total() < 1 - 1e-12; ++then) {
    const double weight = PoissonMass(then, input.baseline);
    if (then > first + 64 && static_cast<double>(then) > input.baseline && weight < kNegligible)
      break;
    while (Rejects(low + 1, then, input.exposure_ratio, input.alpha) &&
           static_cast<double>(low + 1) < input.exposure_ratio * static_cast<double>(then))
      ++low;
    high = std::max(high, low + 1);
    while (!Rejects(high, then, input.exposure_ratio, input.alpha)) ++high;
    power.Add(weight * (PoissonLower(low, after) + PoissonUpper(high, after)));
    mass.Add(weight);
  }
  return std::clamp(power.Total(), 0.0, 1.0);
}

}  // namespace

Result<std::int64_t> MinimumBaseline(double fall_percent, double alpha) {
  if (!(fall_percent > 0 && fall_percent <= 100) || !(alpha > 0 && alpha < 1))
    return Because(Undefined::kInputOutOfRange);
  for (std::int64_t then = kSearchedTo; then >= 1; --then) {
    const double left = static_cast<double>(then) * (100 - fall_percent) / 100;
    const auto now = static_cast<std::int64_t>(std::floor(left + 0.5));
    if (Rejects(now, then, 1, alpha)) continue;
    if (then == kSearchedTo) return Because(Undefined::kTooLarge);
    return then + 1;
  }
  return 1;
}

Result<double> Power(const PowerInput& input) {
  if (!InRange(input)) return Because(Undefined::kInputOutOfRange);
  const double after = input.baseline * input.exposure_ratio * (1 - input.fall_percent / 100);
  if (!std::isfinite(after)) return Because(Undefined::kTooLarge);
  const bool exact = input.phi <= kOverDispersed && std::min(input.baseline, after) <= kExactTo &&
                     std::max(input.baseline, after) <= kExactMost;
  return exact ? ExactPower(input, after) : NormalPower(input, after);
}

Result<double> DetectableFall(const PowerInput& input, double power) {
  if (!(power > 0 && power < 1)) return Because(Undefined::kInputOutOfRange);
  PowerInput tried = input;
  tried.fall_percent = 100;
  const Result<double> at_most = Power(tried);
  if (!at_most) return at_most;
  if (*at_most < power) return Because(Undefined::kNotEstimable);
  double seen = 100;
  double unseen = 0;
  while (seen - unseen > 0.1) {
    tried.fall_percent = (seen + unseen) / 2;
    const Result<double> reached = Power(tried);
    if (!reached) return reached;
    (*reached >= power ? seen : unseen) = tried.fall_percent;
  }
  return seen;
}

}  // namespace holdfast::statistics
