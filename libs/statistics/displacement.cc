#include "statistics/displacement.h"

#include <algorithm>
#include <cmath>

#include "statistics/distributions.h"
#include "statistics/neumaier_sum.h"

namespace holdfast::statistics {
namespace {

constexpr std::int64_t kSmallCount = 5;

double Real(std::int64_t x) {
  return static_cast<double>(x);
}
bool AreCounts(const BeforeAfter& pair) {
  return IsCount(pair.before) && IsCount(pair.after);
}
bool IsSmall(const BeforeAfter& pair) {
  return std::min(pair.before, pair.after) < kSmallCount;
}
double SumOf(const BeforeAfter& pair) {
  return Real(pair.before) + Real(pair.after);
}

// Change and variance of one area, each count over its weight.
Estimate Change(const BeforeAfter& counts, double area, const DisplacementWeights& weights) {
  const double before = weights.before * area;
  const double after = weights.after * area;
  return {Real(counts.after) / after - Real(counts.before) / before,
          Real(counts.after) / after / after + Real(counts.before) / before / before};
}

// value is the difference of differences; se holds the variance until the end.
Estimate Minus(const Estimate& left, const Estimate& right) {
  return {left.value - right.value, left.se + right.se};
}

Result<DisplacementDifference> Finish(DisplacementDifference answer, double level) {
  if (answer.variance == 0) return Because(Undefined::kNoEvents);
  answer.local.se = std::sqrt(answer.local.se);
  if (answer.displacement) answer.displacement->se = std::sqrt(answer.displacement->se);
  answer.total.se = std::sqrt(answer.variance);
  answer.z = answer.total.value / answer.total.se;
  const double reach = TwoSidedZ(level) * answer.total.se;
  answer.interval = {answer.total.value - reach, answer.total.value + reach};
  answer.p = std::min(1.0, 2 * NormalUpper(std::abs(answer.z)));
  if (!std::isfinite(answer.z) || !std::isfinite(answer.interval.lower) ||
      !std::isfinite(answer.interval.upper))
    return Because(Undefined::kTooLarge);
  return answer;
}

// All but the roots: variances stand where standard errors will.
Result<DisplacementDifference> Parts(const DisplacementInput& input) {
  const DisplacementWeights& weights = input.weights;
  const bool weighted = IsPositive(weights.before) && IsPositive(weights.after) &&
                        IsPositive(weights.treated) && IsPositive(weights.control) &&
                        IsPositive(weights.displacement) &&
                        IsPositive(weights.displacement_control);
  const BeforeAfter zone = input.displacement.value_or(BeforeAfter{});
  const BeforeAfter zone_control = input.displacement_control.value_or(BeforeAfter{});
  if (!weighted || !IsLevel(input.level) || !IsPositive(input.phi) || !AreCounts(input.treated) ||
      !AreCounts(input.control) || !AreCounts(zone) || !AreCounts(zone_control) ||
      (input.displacement_control && !input.displacement))
    return Because(Undefined::kInputOutOfRange);

  DisplacementDifference answer;
  answer.local = Minus(Change(input.treated, weights.treated, weights),
                       Change(input.control, weights.control, weights));
  answer.local.se *= input.phi;
  answer.total = answer.local;
  answer.small_counts = IsSmall(input.treated) || IsSmall(input.control);
  if (input.displacement) {
    answer.displacement = Minus(Change(zone, weights.displacement, weights),
                                Change(zone_control, weights.displacement_control, weights));
    answer.displacement->se *= input.phi;
    answer.total.value += answer.displacement->value;
    answer.total.se += answer.displacement->se;
    answer.small_counts = answer.small_counts || IsSmall(zone) ||
                          (input.displacement_control && IsSmall(zone_control));
  }
  answer.variance = answer.total.se;
  return answer;
}

void AddWeighted(Estimate& sum, const Estimate& part, double weight) {
  sum.value += weight * part.value;
  sum.se += weight * weight * part.se;
}

// Variance of one ratio of two Poisson counts, by the delta method.
double RatioVariance(double x, double y) {
  return x / (y * y) + x * x / (y * y * y);
}

}  // namespace

Result<DisplacementDifference> Wdd(const DisplacementInput& input) {
  const Result<DisplacementDifference> parts = Parts(input);
  if (!parts) return parts;
  return Finish(*parts, input.level);
}

Result<DisplacementDifference> WddHarm(std::span<const HarmWeighted> offences) {
  if (offences.empty()) return Because(Undefined::kNoEvents);
  DisplacementDifference sum;
  for (const HarmWeighted& offence : offences) {
    if (!IsPositive(offence.weight)) return Because(Undefined::kInputOutOfRange);
    DisplacementInput counts = offence.counts;
    counts.level = offences.front().counts.level;
    counts.phi = offences.front().counts.phi;
    const Result<DisplacementDifference> parts = Parts(counts);
    if (!parts) return parts;
    AddWeighted(sum.local, parts->local, offence.weight);
    AddWeighted(sum.total, parts->total, offence.weight);
    if (parts->displacement) {
      if (!sum.displacement) sum.displacement = Estimate{};
      AddWeighted(*sum.displacement, *parts->displacement, offence.weight);
    }
    sum.small_counts = sum.small_counts || parts->small_counts;
  }
  sum.variance = sum.total.se;
  return Finish(sum, offences.front().counts.level);
}

Result<DisplacementQuotient> Wdq(const BeforeAfter& treated, const BeforeAfter& control,
                                 const BeforeAfter& displacement, double level) {
  if (!AreCounts(treated) || !AreCounts(control) || !AreCounts(displacement) || !IsLevel(level))
    return Because(Undefined::kInputOutOfRange);
  if (SumOf(treated) + SumOf(control) + SumOf(displacement) == 0)
    return Because(Undefined::kNoEvents);
  if (control.before == 0 || control.after == 0) return Because(Undefined::kNotEstimable);
  const double t0 = Real(treated.before), t1 = Real(treated.after);
  const double c0 = Real(control.before), c1 = Real(control.after);
  const double d0 = Real(displacement.before), d1 = Real(displacement.after);
  DisplacementQuotient answer;
  answer.success = t1 / c1 - t0 / c0;
  answer.buffer = d1 / c1 - d0 / c0;
  answer.gross_effect = t0 - t1;
  answer.net_effect = -answer.success;
  answer.total_net_effect = (t0 * c1 / c0 - t1) + (d0 * c1 / c0 - d1);
  const double reach = TwoSidedZ(level) * std::sqrt(RatioVariance(t1, c1) + RatioVariance(t0, c0));
  if (std::abs(answer.success) <= reach) return Because(Undefined::kDenominatorCoversZero);
  answer.quotient = answer.buffer / answer.success;
  return answer;
}

}  // namespace holdfast::statistics
