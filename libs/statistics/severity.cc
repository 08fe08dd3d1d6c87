#include "statistics/severity.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "statistics/distributions.h"
#include "statistics/intervals.h"
#include "statistics/neumaier_sum.h"

namespace holdfast::statistics {
namespace {

struct Sums {
  double weighted = 0;          // sum of w n
  double weighted_squares = 0;  // sum of w^2 n
  double heaviest = 0;          // of the basket, counted or not
  std::int64_t count = 0;
};

Result<Sums> SumsOf(const SeverityInput& input) {
  if (!IsPositive(input.population)) return Because(ExposureFault(input.population));
  if (!IsLevel(input.level) || !IsPositive(input.phi)) return Because(Undefined::kInputOutOfRange);
  if (input.offences.empty()) return Because(Undefined::kMissingWeights);
  Sums sums;
  NeumaierSum weighted;
  NeumaierSum squares;
  for (const WeightedCount& offence : input.offences) {
    if (!IsCount(offence.count)) return Because(Undefined::kInputOutOfRange);
    if (!offence.weight) return Because(Undefined::kMissingWeights);
    if (!IsPositive(*offence.weight)) return Because(Undefined::kInputOutOfRange);
    const double weight = *offence.weight;
    const auto count = static_cast<double>(offence.count);
    weighted.Add(weight * count);
    squares.Add(weight * weight * count);
    sums.heaviest = std::max(sums.heaviest, weight);
    sums.count += offence.count;
    if (!IsCount(sums.count)) return Because(Undefined::kTooLarge);
  }
  sums.weighted = weighted.Total();
  sums.weighted_squares = squares.Total();
  if (!std::isfinite(sums.weighted_squares)) return Because(Undefined::kTooLarge);
  return sums;
}

// Gamma limits of a weighted sum of Poisson counts: score s, variance v, w what one more of the
// heaviest would add.
Interval FayFeuer(double s, double v, double w, double alpha) {
  Interval interval;
  if (s > 0) interval.lower = v / s * GammaQuantile(alpha / 2, s * s / v);
  const double u = v + w * w;
  const double t = s + w;
  interval.upper = u / t * GammaUpperQuantile(alpha / 2, t * t / u);
  return interval;
}

// A basket whose every offence has a weight, with its weights capped, and without those above.
struct Baskets {
  std::vector<WeightedCount> capped;
  std::vector<WeightedCount> light;
};
Baskets BasketsOf(const SeverityInput& input, double cap) {
  Baskets baskets{{input.offences.begin(), input.offences.end()}, {}};
  for (WeightedCount& offence : baskets.capped) {
    if (*offence.weight <= cap) baskets.light.push_back(offence);
    offence.weight = std::min(*offence.weight, cap);
  }
  return baskets;
}

}  // namespace

Result<SeverityScore> Severity(const SeverityInput& input) {
  const Result<Sums> sums = SumsOf(input);
  if (!sums) return Because(sums.error());
  const double variance = input.phi * sums->weighted_squares / input.population / input.population;
  SeverityScore answer;
  answer.score = sums->weighted / input.population;
  answer.se = std::sqrt(variance);
  answer.offences = sums->count;
  answer.fay_feuer =
      FayFeuer(answer.score, variance, sums->heaviest / input.population, 1 - input.level);
  if (sums->count > 0) {
    answer.n_eff = sums->weighted / sums->weighted_squares * sums->weighted;
    const auto byar = PoissonInterval(PoissonMethod::kByar, sums->count, input.level);
    if (!byar) return Because(byar.error());
    const auto n = static_cast<double>(sums->count);
    const double stretch = std::sqrt(variance / n);
    answer.dobson = Interval{answer.score + stretch * (byar->lower - n),
                             answer.score + stretch * (byar->upper - n)};
    if (answer.n_eff >= 10) answer.method = SeverityMethod::kDobson;
  }
  const Interval shown = answer.interval();
  if (!std::isfinite(answer.score) || !std::isfinite(answer.se) || !std::isfinite(shown.lower) ||
      !std::isfinite(shown.upper) || !std::isfinite(answer.fay_feuer.upper))
    return Because(Undefined::kTooLarge);
  return answer;
}

Result<SeveritySensitivity> Sensitivity(const SeverityInput& input, double cap) {
  if (!IsPositive(cap)) return Because(Undefined::kInputOutOfRange);
  if (const Result<Sums> sums = SumsOf(input); !sums) return Because(sums.error());
  const Baskets baskets = BasketsOf(input, cap);
  SeveritySensitivity answer;
  SeverityInput changed = input;
  changed.offences = baskets.capped;
  answer.capped = Severity(changed);
  changed.offences = baskets.light;
  if (!baskets.light.empty()) answer.without_heaviest = Severity(changed);
  return answer;
}

Result<SeverityChange> SeverityRatio(const SeverityInput& before, const SeverityInput& after) {
  if (before.offences.size() != after.offences.size() || before.level != after.level)
    return Because(Undefined::kInputOutOfRange);
  for (std::size_t i = 0; i < before.offences.size(); ++i) {
    if (before.offences[i].weight != after.offences[i].weight)
      return Because(Undefined::kInputOutOfRange);
  }
  const Result<Sums> then = SumsOf(before);
  if (!then) return Because(then.error());
  const Result<Sums> now = SumsOf(after);
  if (!now) return Because(now.error());
  if (then->count == 0 && now->count == 0) return Because(Undefined::kNoEvents);
  if (then->count == 0) return Because(Undefined::kZeroBaseline);
  if (now->count == 0) return Because(Undefined::kNotEstimable);

  SeverityChange answer;
  answer.weighted0 = then->weighted;
  answer.weighted1 = now->weighted;
  answer.ratio = (now->weighted / after.population) / (then->weighted / before.population);
  answer.se_log = std::sqrt(before.phi * then->weighted_squares / then->weighted / then->weighted +
                            after.phi * now->weighted_squares / now->weighted / now->weighted);
  const double factor = std::exp(TwoSidedZ(before.level) * answer.se_log);
  answer.interval = {answer.ratio / factor, answer.ratio * factor};
  if (!std::isfinite(answer.ratio) || !std::isfinite(answer.interval.upper))
    return Because(Undefined::kTooLarge);
  return answer;
}

Result<RatioSensitivity> SensitivityOfRatio(const SeverityInput& before, const SeverityInput& after,
                                            double cap) {
  if (!IsPositive(cap)) return Because(Undefined::kInputOutOfRange);
  if (const Result<Sums> sums = SumsOf(before); !sums) return Because(sums.error());
  if (const Result<Sums> sums = SumsOf(after); !sums) return Because(sums.error());
  const Baskets then = BasketsOf(before, cap);
  const Baskets now = BasketsOf(after, cap);
  RatioSensitivity answer;
  SeverityInput changed_before = before;
  SeverityInput changed_after = after;
  changed_before.offences = then.capped;
  changed_after.offences = now.capped;
  answer.capped = SeverityRatio(changed_before, changed_after);
  changed_before.offences = then.light;
  changed_after.offences = now.light;
  if (!now.light.empty()) answer.without_heaviest = SeverityRatio(changed_before, changed_after);
  return answer;
}

}  // namespace holdfast::statistics
