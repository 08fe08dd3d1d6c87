#include "statistics/intervals.h"

#include <algorithm>
#include <cmath>

#include "statistics/distributions.h"

namespace holdfast::statistics {
namespace {

// From here on a mid-P limit is, within a relative 1e-11, the exact limit of half an event more.
constexpr double kHalfEvent = 1e7;

double Real(std::int64_t x) {
  return static_cast<double>(x);
}

Interval Garwood(double x, double alpha) {
  return {x == 0 ? 0 : GammaQuantile(alpha / 2, x), GammaUpperQuantile(alpha / 2, x + 1)};
}

// Solves tail - half the mass of x = alpha / 2. The exact limits for x and its neighbour bracket
// each root.
Interval PoissonMidP(std::int64_t x, double alpha) {
  const double tail = alpha / 2;
  const double count = Real(x);
  if (count >= kHalfEvent)
    return {GammaQuantile(tail, count + 0.5), GammaUpperQuantile(tail, count + 0.5)};
  Interval interval;
  if (x > 0) {
    interval.lower = FindRoot(
        [&](double mean) { return PoissonUpper(x, mean) - 0.5 * PoissonMass(x, mean) - tail; },
        GammaQuantile(tail, count), GammaQuantile(tail, count + 1));
  }
  const double floor = x == 0 ? 0 : GammaUpperQuantile(tail, count);
  interval.upper = FindRoot(
      [&](double mean) { return PoissonLower(x, mean) - 0.5 * PoissonMass(x, mean) - tail; }, floor,
      GammaUpperQuantile(tail, count + 1));
  return interval;
}

Interval Byar(double x, double alpha) {
  const double z = -NormalQuantile(alpha / 2);
  Interval interval;
  if (x > 0) {
    const double root = 1 - 1 / (9 * x) - z / (3 * std::sqrt(x));
    interval.lower = std::max(0.0, x * root * root * root);
  }
  const double y = x + 1;
  const double root = 1 - 1 / (9 * y) + z / (3 * std::sqrt(y));
  interval.upper = y * root * root * root;
  return interval;
}

Interval ClopperPearson(std::int64_t x, std::int64_t n, double alpha) {
  Interval interval{0, 1};
  if (x > 0) interval.lower = BetaQuantile(alpha / 2, Real(x), Real(n - x) + 1);
  if (x < n) interval.upper = BetaUpperQuantile(alpha / 2, Real(x) + 1, Real(n - x));
  return interval;
}

Interval BinomialMidP(std::int64_t x, std::int64_t n, double alpha) {
  const double tail = alpha / 2;
  if (std::min(x, n - x) >= static_cast<std::int64_t>(kHalfEvent)) {
    const double a = Real(x) + 0.5;
    const double b = Real(n - x) + 0.5;
    return {BetaQuantile(tail, a, b), BetaUpperQuantile(tail, a, b)};
  }
  Interval interval{0, 1};
  if (x > 0) {
    const double below = BetaQuantile(tail, Real(x), Real(n - x) + 1);
    const double above = x == n ? 1 : BetaQuantile(tail, Real(x) + 1, Real(n - x));
    interval.lower = FindRoot(
        [&](double p) { return BinomialUpper(x, n, p) - 0.5 * BinomialMass(x, n, p) - tail; },
        below, above);
  }
  if (x < n) {
    const double below = x == 0 ? 0 : BetaUpperQuantile(tail, Real(x), Real(n - x) + 1);
    const double above = BetaUpperQuantile(tail, Real(x) + 1, Real(n - x));
    interval.upper = FindRoot(
        [&](double p) { return BinomialLower(x, n, p) - 0.5 * BinomialMass(x, n, p) - tail; },
        below, above);
  }
  return interval;
}

bool IsFinite(const Interval& interval) {
  return std::isfinite(interval.lower) && std::isfinite(interval.upper);
}

Result<Interval> Checked(const Interval& interval) {
  if (!IsFinite(interval)) return Because(Undefined::kTooLarge);
  return interval;
}

Difference Newcombe(double p1, const Interval& first, double p2, const Interval& second) {
  const double difference = p1 - p2;
  return {difference,
          {difference - std::hypot(p1 - first.lower, second.upper - p2),
           difference + std::hypot(first.upper - p1, p2 - second.lower)}};
}

}  // namespace

Result<Interval> PoissonInterval(PoissonMethod method, std::int64_t x, double level) {
  if (!IsCount(x) || !IsLevel(level)) return Because(Undefined::kInputOutOfRange);
  const double alpha = 1 - level;
  if (method == PoissonMethod::kMidP) return Checked(PoissonMidP(x, alpha));
  return Checked(method == PoissonMethod::kGarwood ? Garwood(Real(x), alpha)
                                                   : Byar(Real(x), alpha));
}

Result<Interval> ScaledPoissonInterval(PoissonMethod method, std::int64_t x, double phi,
                                       double level) {
  if (!IsCount(x) || !IsLevel(level) || !IsPositive(phi) || method == PoissonMethod::kMidP)
    return Because(Undefined::kInputOutOfRange);
  const double scaled = Real(x) / phi;
  const Interval interval =
      method == PoissonMethod::kGarwood ? Garwood(scaled, 1 - level) : Byar(scaled, 1 - level);
  return Checked({phi * interval.lower, phi * interval.upper});
}

Result<Rate> RateOf(std::int64_t x, double exposure, double per, double level) {
  if (!IsPositive(exposure)) return Because(ExposureFault(exposure));
  if (!IsPositive(per)) return Because(Undefined::kInputOutOfRange);
  Rate rate;
  rate.method = x < 10 ? PoissonMethod::kGarwood : PoissonMethod::kByar;
  const Result<Interval> count = PoissonInterval(rate.method, x, level);
  if (!count) return Because(count.error());
  rate.rate = per * Real(x) / exposure;
  rate.interval = {per * count->lower / exposure, per * count->upper / exposure};
  if (!std::isfinite(rate.rate) || !IsFinite(rate.interval)) return Because(Undefined::kTooLarge);
  return rate;
}

Result<Interval> ProportionInterval(ProportionMethod method, std::int64_t x, std::int64_t n,
                                    double level) {
  if (n == 0) return Because(Undefined::kZeroExposure);
  if (!IsCount(x) || !IsCount(n) || x > n || !IsLevel(level))
    return Because(Undefined::kInputOutOfRange);
  if (method == ProportionMethod::kClopperPearson) return Checked(ClopperPearson(x, n, 1 - level));
  if (method == ProportionMethod::kMidP) return Checked(BinomialMidP(x, n, 1 - level));
  Result<Interval> wilson = WilsonInterval(Real(x) / Real(n), Real(n), level);
  if (wilson && x == n) wilson->upper = 1;
  return wilson;
}

Result<Interval> WilsonInterval(double p, double n, double level) {
  if (!IsPositive(n)) return Because(ExposureFault(n));
  if (!(p >= 0 && p <= 1) || !IsLevel(level)) return Because(Undefined::kInputOutOfRange);
  const double z = TwoSidedZ(level);
  const double scale = 1 + z * z / n;
  const double centre = p + z * z / (2 * n);
  const double half = z * std::sqrt(p * (1 - p) / n + z * z / (4 * n * n));
  return Checked({p == 0 ? 0 : std::max(0.0, (centre - half) / scale),
                  p == 1 ? 1 : std::min(1.0, (centre + half) / scale)});
}

Result<Difference> ProportionDifference(std::int64_t x1, std::int64_t n1, std::int64_t x2,
                                        std::int64_t n2, double level) {
  const Result<Interval> first = ProportionInterval(ProportionMethod::kWilson, x1, n1, level);
  if (!first) return Because(first.error());
  const Result<Interval> second = ProportionInterval(ProportionMethod::kWilson, x2, n2, level);
  if (!second) return Because(second.error());
  return Newcombe(Real(x1) / Real(n1), *first, Real(x2) / Real(n2), *second);
}

Result<Difference> ProportionDifference(double p1, double n1, double p2, double n2, double level) {
  const Result<Interval> first = WilsonInterval(p1, n1, level);
  if (!first) return Because(first.error());
  const Result<Interval> second = WilsonInterval(p2, n2, level);
  if (!second) return Because(second.error());
  return Newcombe(p1, *first, p2, *second);
}

Result<Interval> CompletionShare(std::int64_t completed, std::int64_t actions, double level) {
  if (!IsCount(completed) || !IsCount(actions) || completed > actions)
    return Because(Undefined::kInputOutOfRange);
  if (actions < kFewestActions) return Because(Undefined::kTooFew);
  return ProportionInterval(ProportionMethod::kWilson, completed, actions, level);
}

std::string_view Name(PoissonMethod method) {
  switch (method) {
    case PoissonMethod::kGarwood:
      return "garwood";
    case PoissonMethod::kMidP:
      return "midp";
    case PoissonMethod::kByar:
      return "byar";
  }
  return "";
}

std::string_view Name(ProportionMethod method) {
  switch (method) {
    case ProportionMethod::kWilson:
      return "wilson";
    case ProportionMethod::kClopperPearson:
      return "clopper_pearson";
    case ProportionMethod::kMidP:
      return "midp";
  }
  return "";
}

}  // namespace holdfast::statistics
