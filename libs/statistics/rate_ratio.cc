#include "statistics/rate_ratio.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "statistics/distributions.h"
#include "statistics/intervals.h"
#include "statistics/neumaier_sum.h"

namespace holdfast::statistics {
namespace {

constexpr std::int64_t kETestMost = 1000;
constexpr double kGridCut = 1e-20;

double Real(std::int64_t x) {
  return static_cast<double>(x);
}

std::optional<Undefined> Fault(const TwoCounts& counts) {
  if (!IsPositive(counts.e1)) return ExposureFault(counts.e1);
  if (!IsPositive(counts.e0)) return ExposureFault(counts.e0);
  if (!IsCount(counts.x1) || !IsCount(counts.x0)) return Undefined::kInputOutOfRange;
  return std::nullopt;
}

std::optional<Undefined> Fault(const RatioInput& input) {
  if (const auto fault = Fault(input.counts)) return fault;
  if (!IsLevel(input.level) || !IsPositive(input.null_ratio)) return Undefined::kInputOutOfRange;
  if (input.counts.x1 == 0 && input.counts.x0 == 0) return Undefined::kNoEvents;
  return std::nullopt;
}

struct Tails {
  double lower = 1;
  double upper = 1;
  double mass = 0;
};

// Of n events, those of now are binomial with this probability if the ratio is theta.
double ShareOfNow(const TwoCounts& counts, double theta) {
  return 1 / (1 + counts.e0 / (theta * counts.e1));
}

Tails TailsAt(const TwoCounts& counts, double theta) {
  const std::int64_t n = counts.x1 + counts.x0;
  const double share = ShareOfNow(counts, theta);
  return {BinomialLower(counts.x1, n, share), BinomialUpper(counts.x1, n, share),
          BinomialMass(counts.x1, n, share)};
}

double PValue(double lower_tail, double upper_tail, Alternative alternative) {
  if (alternative == Alternative::kGreater) return std::min(1.0, upper_tail);
  if (alternative == Alternative::kLess) return std::min(1.0, lower_tail);
  return std::min(1.0, 2 * std::min(lower_tail, upper_tail));
}

RatioInterval ToRatio(const TwoCounts& counts, const Interval& share, Alternative alternative) {
  const auto ratio = [&counts](double p) { return (p / (1 - p)) * (counts.e0 / counts.e1); };
  RatioInterval interval;
  if (alternative != Alternative::kLess) interval.lower = ratio(share.lower);
  if (alternative != Alternative::kGreater && share.upper < 1) interval.upper = ratio(share.upper);
  return interval;
}

bool IsFinite(const RatioInterval& interval) {
  return std::isfinite(interval.lower) && std::isfinite(interval.upper.value_or(0));
}

// |rate difference| over its estimated standard deviation; 0 where there is no event.
double ETestStatistic(double x1, double e1, double x0, double e0) {
  if (x1 + x0 == 0) return 0;
  return std::abs(x1 / e1 - x0 / e0) / std::sqrt(x1 / (e1 * e1) + x0 / (e0 * e0));
}

struct Masses {
  std::int64_t first = 0;
  std::vector<double> mass;
};

Masses PoissonGrid(double mean) {
  Masses grid;
  const auto mode = static_cast<std::int64_t>(mean);
  grid.first = mode;
  while (grid.first > 0 && PoissonMass(grid.first - 1, mean) >= kGridCut) --grid.first;
  for (std::int64_t x = grid.first;; ++x) {
    const double mass = PoissonMass(x, mean);
    if (x > mode && mass < kGridCut) return grid;
    grid.mass.push_back(mass);
  }
}

double ZStatistic(const TwoCounts& counts, double rho, RatioStatistic statistic) {
  const double x1 = Real(counts.x1);
  const double x0 = Real(counts.x0);
  if (statistic == RatioStatistic::kWald) return (x1 - rho * x0) / std::sqrt(x1 + rho * rho * x0);
  if (statistic == RatioStatistic::kScore) return (x1 - rho * x0) / std::sqrt(rho * (x1 + x0));
  return 2 * (std::sqrt(x1 + 0.375) - std::sqrt(rho * (x0 + 0.375))) / std::sqrt(1 + rho);
}

}  // namespace

Result<RateRatio> ConditionalRateRatio(const RatioInput& input) {
  if (const auto fault = Fault(input)) return Because(*fault);
  const TwoCounts& counts = input.counts;
  if (counts.x0 == 0) return Because(Undefined::kZeroBaseline);
  if (!IsCount(counts.x1 + counts.x0)) return Because(Undefined::kTooLarge);

  RateRatio answer;
  answer.ratio = (Real(counts.x1) / counts.e1) / (Real(counts.x0) / counts.e0);
  const Tails tails = TailsAt(counts, input.null_ratio);
  answer.p = PValue(tails.lower, tails.upper, input.alternative);
  answer.p_midp =
      PValue(tails.lower - tails.mass / 2, tails.upper - tails.mass / 2, input.alternative);

  // A one-sided interval spends the whole of alpha on its side.
  const double level =
      input.alternative == Alternative::kTwoSided ? input.level : 2 * input.level - 1;
  if (!IsLevel(level)) return Because(Undefined::kInputOutOfRange);
  const std::int64_t n = counts.x1 + counts.x0;
  const auto exact = ProportionInterval(ProportionMethod::kClopperPearson, counts.x1, n, level);
  const auto midp = ProportionInterval(ProportionMethod::kMidP, counts.x1, n, level);
  if (!exact) return Because(exact.error());
  if (!midp) return Because(midp.error());
  answer.exact = ToRatio(counts, *exact, input.alternative);
  answer.midp = ToRatio(counts, *midp, input.alternative);
  if (!std::isfinite(answer.ratio) || !IsFinite(answer.exact) || !IsFinite(answer.midp))
    return Because(Undefined::kTooLarge);
  return answer;
}

Result<double> ConditionalP(const TwoCounts& counts) {
  RatioInput input;
  input.counts = counts;
  if (const auto fault = Fault(input)) return Because(*fault);
  const Tails tails = TailsAt(counts, 1);
  return PValue(tails.lower, tails.upper, Alternative::kTwoSided);
}

Result<double> RateRatioETest(const TwoCounts& counts) {
  RatioInput input;
  input.counts = counts;
  if (const auto fault = Fault(input)) return Because(*fault);
  const double n = Real(counts.x1) + Real(counts.x0);
  if (n > Real(kETestMost)) {
    const auto score = AsymptoticRateRatio(input, RatioStatistic::kScore);
    if (!score) return Because(score.error());
    return score->p;
  }
  // Only the ratio of the exposures matters; scaled to sum to 1 they cannot overflow.
  const double e1 = ShareOfNow(counts, 1);
  const double e0 = 1 / (1 + counts.e1 / counts.e0);
  if (!(e1 > 0) || !(e0 > 0)) return Because(Undefined::kTooLarge);
  const double observed = ETestStatistic(Real(counts.x1), e1, Real(counts.x0), e0) * (1 - 1e-12);
  const Masses now = PoissonGrid(n * e1);
  const Masses then = PoissonGrid(n * e0);
  NeumaierSum p;
  for (std::size_t i = 0; i < now.mass.size(); ++i) {
    const double y1 = Real(now.first) + static_cast<double>(i);
    for (std::size_t j = 0; j < then.mass.size(); ++j) {
      const double y0 = Real(then.first) + static_cast<double>(j);
      if (ETestStatistic(y1, e1, y0, e0) >= observed) p.Add(now.mass[i] * then.mass[j]);
    }
  }
  return std::clamp(p.Total(), 0.0, 1.0);
}

Result<ZTest> AsymptoticRateRatio(const RatioInput& input, RatioStatistic statistic) {
  if (const auto fault = Fault(input)) return Because(*fault);
  const double rho = input.null_ratio * input.counts.e1 / input.counts.e0;
  ZTest test;
  test.z = ZStatistic(input.counts, rho, statistic);
  if (!std::isfinite(test.z)) return Because(Undefined::kTooLarge);
  test.p = PValue(NormalLower(test.z), NormalUpper(test.z), input.alternative);
  return test;
}

Result<LogRatio> LogWaldRateRatio(const TwoCounts& counts, const Spread& spread, double level) {
  if (const auto fault = Fault(counts)) return Because(*fault);
  const bool spread_in_range = IsPositive(spread.phi) && std::isfinite(spread.alpha) &&
                               spread.alpha >= 0 && IsPositive(spread.periods1) &&
                               IsPositive(spread.periods0);
  if (!IsLevel(level) || !spread_in_range) return Because(Undefined::kInputOutOfRange);
  if (counts.x1 == 0 || counts.x0 == 0) return Because(Undefined::kNotEstimable);
  LogRatio answer;
  answer.ratio = (Real(counts.x1) / counts.e1) / (Real(counts.x0) / counts.e0);
  double variance = 1 / Real(counts.x1) + 1 / Real(counts.x0);
  if (spread.alpha > 0) {
    variance += spread.alpha / spread.periods1 + spread.alpha / spread.periods0;
  } else {
    variance *= spread.phi;
  }
  answer.se_log = std::sqrt(variance);
  const double factor = std::exp(TwoSidedZ(level) * answer.se_log);
  answer.interval = {answer.ratio / factor, answer.ratio * factor};
  if (!std::isfinite(answer.ratio) || !std::isfinite(answer.interval.upper))
    return Because(Undefined::kTooLarge);
  return answer;
}

Result<double> PercentChange(std::int64_t now, std::int64_t then, std::int64_t minimum_baseline) {
  if (!IsCount(now) || !IsCount(then)) return Because(Undefined::kInputOutOfRange);
  if (now == 0 && then == 0) return Because(Undefined::kNoEvents);
  if (then == 0) return Because(Undefined::kZeroBaseline);
  if (then < minimum_baseline) return Because(Undefined::kBaselineTooSmall);
  return 100 * (Real(now) - Real(then)) / Real(then);
}

Result<double> PoissonZ(std::int64_t now, std::int64_t then) {
  if (!IsCount(now) || !IsCount(then)) return Because(Undefined::kInputOutOfRange);
  return 2 * (std::sqrt(Real(now)) - std::sqrt(Real(then)));
}

}  // namespace holdfast::statistics
