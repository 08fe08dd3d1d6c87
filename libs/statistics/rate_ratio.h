// Did the rate change? Ratio of two Poisson rates, theta = (x1 / e1) / (x0 / e0), with x1 now and
// x0 then.
//
// Two-sided p is central, min(1, 2 min(lower tail, upper tail)), because it agrees with the
// interval. Both counts 0: NO_EVENTS. x0 = 0: ZERO_BASELINE where a ratio is asked for; show the
// counts. An exposure of 0: ZERO_EXPOSURE. Anything else that is no count, exposure or level:
// INPUT_OUT_OF_RANGE.
#pragma once

#include <cstdint>
#include <optional>

#include "statistics/outcome.h"

namespace holdfast::statistics {

struct TwoCounts {
  std::int64_t x1 = 0;  // now
  double e1 = 1;        // exposure now, > 0, in any unit that both share
  std::int64_t x0 = 0;  // then
  double e0 = 1;
};

enum class Alternative : std::uint8_t { kTwoSided, kGreater, kLess };

struct RatioInput {
  TwoCounts counts;
  double level = 0.95;
  double null_ratio = 1;
  Alternative alternative = Alternative::kTwoSided;
};

// Limits of a ratio. A one-sided alternative bounds one side only: the other limit is 0, or absent
// (unbounded).
struct RatioInterval {
  double lower = 0;
  std::optional<double> upper;
};

struct RateRatio {
  double ratio = 0;
  RatioInterval exact;  // Clopper–Pearson given the total
  double p = 1;
  RatioInterval midp;  // shorter: half the probability of the observed split counts in each tail
  double p_midp = 1;
};

// The default: exact given x1 + x0, of which x1 is binomial.
//   source   Przyborowski & Wilenski (1940), Biometrika 31; Fay (2010), R Journal 2(1)
Result<RateRatio> ConditionalRateRatio(const RatioInput& input);

// Central two-sided p of the conditional test alone, at equal or unequal exposure. Cheap: no limits
// are sought.
Result<double> ConditionalP(const TwoCounts& counts);

// Two-sided p of Krishnamoorthy & Thomson (2004), J. Stat. Plan. Inf. 119. Above 1,000 events the
// score test answers.
Result<double> RateRatioETest(const TwoCounts& counts);

enum class RatioStatistic : std::uint8_t { kWald, kScore, kSqrt };
struct ZTest {
  double z = 0;
  double p = 1;
};
//   source   Gu, Ng, Tang & Schucany (2008), Biometrical Journal 50
Result<ZTest> AsymptoticRateRatio(const RatioInput& input, RatioStatistic statistic);

// How much more the log of a ratio varies than Poisson counts do.
struct Spread {
  double phi = 1;  // quasi-Poisson: variance times phi
  // Negative binomial instead: variance mu + alpha mu^2 in each period, counts being sums of that
  // many periods.
  double alpha = 0;
  double periods1 = 1;
  double periods0 = 1;
};
struct LogRatio {
  double ratio = 0;
  double se_log = 0;
  Interval interval;
};
// theta * exp(+-z se). A zero on either side: NOT_ESTIMABLE, nothing is added to it.
Result<LogRatio> LogWaldRateRatio(const TwoCounts& counts, const Spread& spread,
                                  double level = 0.95);

// 100 (theta - 1) at equal exposure. Below minimum_baseline BASELINE_TOO_SMALL: show both counts
// and PoissonZ instead.
inline constexpr std::int64_t kBoardBaseline = 20;
Result<double> PercentChange(std::int64_t now, std::int64_t then,
                             std::int64_t minimum_baseline = 0);

// 2 (sqrt x1 - sqrt x0) at equal exposure; about standard normal when nothing changed.
Result<double> PoissonZ(std::int64_t now, std::int64_t then);

}  // namespace holdfast::statistics
