// Intervals of a count, a rate, a proportion, and a difference of two proportions.
//
// level is the confidence level, in (0, 1). Counts are in [0, 2^53]. An input outside that is
// INPUT_OUT_OF_RANGE.
#pragma once

#include <cstdint>
#include <string_view>

#include "statistics/outcome.h"

namespace holdfast::statistics {

enum class PoissonMethod : std::uint8_t { kGarwood, kMidP, kByar };

// Interval of the mean of a Poisson count. x = 0: the lower limit is 0.
//   source   Garwood (1936), Biometrika 28; mid-P: Cohen & Yang (1994); Byar: Breslow & Day (1987),
//   II p. 69
Result<Interval> PoissonInterval(PoissonMethod method, std::int64_t x, double level = 0.95);

// The same for over-dispersed counts: phi * CI(x / phi). Not MidP, whose x must be whole.
//   phi      > 0; 1 gives the plain interval
Result<Interval> ScaledPoissonInterval(PoissonMethod method, std::int64_t x, double phi,
                                       double level = 0.95);

struct Rate {
  double rate = 0;
  Interval interval;
  PoissonMethod method = PoissonMethod::kByar;  // Garwood below 10 events, else Byar
};

// per * x / exposure. exposure 0: ZERO_EXPOSURE.
//   source   PHEindicatormethods, the rule of UK public health statistics
Result<Rate> RateOf(std::int64_t x, double exposure, double per = 1000, double level = 0.95);

enum class ProportionMethod : std::uint8_t { kWilson, kClopperPearson, kMidP };

// Interval of x out of n. n = 0: ZERO_EXPOSURE; x > n: INPUT_OUT_OF_RANGE. At x = 0 and x = n the
// limit is exactly 0, 1.
//   source   Wilson (1927), JASA 22; Clopper & Pearson (1934), Biometrika 26
Result<Interval> ProportionInterval(ProportionMethod method, std::int64_t x, std::int64_t n,
                                    double level = 0.95);

// Wilson at a proportion and a sample size that need not be whole: surveys use the effective size.
//   p        in [0, 1];   n > 0
Result<Interval> WilsonInterval(double p, double n, double level = 0.95);

struct Difference {
  double difference = 0;  // x1/n1 - x2/n2
  Interval interval;
};

// Newcombe's hybrid score interval of the difference of two independent proportions.
//   source   Newcombe (1998), Statistics in Medicine 17, method 10
Result<Difference> ProportionDifference(std::int64_t x1, std::int64_t n1, std::int64_t x2,
                                        std::int64_t n2, double level = 0.95);
// The same of proportions at effective sample sizes.
Result<Difference> ProportionDifference(double p1, double n1, double p2, double n2, double level);

// The word of a method, as inputs and figures write it: "garwood", "midp", "byar", "wilson",
// "clopper_pearson".
std::string_view Name(PoissonMethod method);
std::string_view Name(ProportionMethod method);

// Share of actions that an owner completed in time; below 10 actions TOO_FEW.
inline constexpr std::int64_t kFewestActions = 10;
Result<Interval> CompletionShare(std::int64_t completed, std::int64_t actions, double level = 0.95);

}  // namespace holdfast::statistics
