#include "statistics/before_after.h"

#include <algorithm>
#include <cmath>

#include "statistics/distributions.h"

namespace holdfast::statistics {
namespace {

double Real(std::int64_t x) {
  return static_cast<double>(x);
}
bool AreCounts(const BeforeAfter& pair) {
  return IsCount(pair.before) && IsCount(pair.after);
}

}  // namespace

Result<RelativeEffect> RelativeEffectSize(const BeforeAfter& treated, const BeforeAfter& control,
                                          double level, double phi) {
  if (!AreCounts(treated) || !AreCounts(control) || !IsLevel(level) || !IsPositive(phi))
    return Because(Undefined::kInputOutOfRange);
  if (std::min({treated.before, treated.after, control.before, control.after}) == 0)
    return Because(Undefined::kNotEstimable);
  const double t0 = Real(treated.before), t1 = Real(treated.after);
  const double c0 = Real(control.before), c1 = Real(control.after);
  RelativeEffect answer;
  answer.res = (t0 / t1) * (c1 / c0);
  answer.rate_ratio = (t1 / t0) * (c0 / c1);
  answer.se_log = std::sqrt(phi * (1 / t0 + 1 / t1 + 1 / c0 + 1 / c1));
  const double factor = std::exp(TwoSidedZ(level) * answer.se_log);
  answer.interval = {answer.res / factor, answer.res * factor};
  answer.rate_ratio_interval = {answer.rate_ratio / factor, answer.rate_ratio * factor};
  answer.z = std::log(answer.res) / answer.se_log;
  answer.p = std::min(1.0, 2 * NormalUpper(std::abs(answer.z)));
  if (!std::isfinite(answer.interval.upper) || !std::isfinite(answer.rate_ratio_interval.upper))
    return Because(Undefined::kTooLarge);
  return answer;
}

Result<double> DifferenceOfMeans(const Means& treated, const Means& control) {
  for (const double mean : {treated.before, treated.after, control.before, control.after}) {
    if (!std::isfinite(mean)) return Because(Undefined::kInputOutOfRange);
  }
  const double difference = (treated.after - treated.before) - (control.after - control.before);
  if (!std::isfinite(difference)) return Because(Undefined::kTooLarge);
  return difference;
}

Result<ControlledChange> Controlled(const BeforeAfter& treated, const BeforeAfter& control) {
  if (!AreCounts(treated) || !AreCounts(control)) return Because(Undefined::kInputOutOfRange);
  if (treated.before == 0 || control.before == 0) return Because(Undefined::kZeroBaseline);
  if (control.after == 0) return Because(Undefined::kNotEstimable);
  const double t0 = Real(treated.before), t1 = Real(treated.after);
  const double c0 = Real(control.before), c1 = Real(control.after);
  return ControlledChange{(t1 - t0) - (c1 - c0), (t1 / t0) / (c1 / c0), t0 * c1 / c0};
}

Result<ControlledChange> AgainstRemainder(const BeforeAfter& treated, const BeforeAfter& total) {
  if (!AreCounts(treated) || !AreCounts(total) || total.before < treated.before ||
      total.after < treated.after)
    return Because(Undefined::kInputOutOfRange);
  return Controlled(treated, {total.before - treated.before, total.after - treated.after});
}

}  // namespace holdfast::statistics
