// Crime severity: offences weighted by harm, per head; its interval, its effective number of
// offences, its sensitivity.
//
// Weights come from a loaded weight set, never from code.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "statistics/outcome.h"

namespace holdfast::statistics {

struct WeightedCount {
  std::optional<double> weight;  // > 0; absent: the set has none, and the score is MISSING_WEIGHTS
  std::int64_t count = 0;
};

struct SeverityInput {
  std::span<const WeightedCount> offences;  // the whole basket, counts of 0 included
  double population = 0;                    // or another exposure; 0: ZERO_EXPOSURE
  double level = 0.95;
  double phi = 1;  // over-dispersion; variances are multiplied by it
};

enum class SeverityMethod : std::uint8_t { kDobson, kFayFeuer };

struct SeverityScore {
  double score = 0;  // sum of weight * count / population
  double se = 0;
  // Of how many equally heavy offences the score is worth. 1.2 says that one offence made it. 0
  // without offences.
  double n_eff = 0;
  std::int64_t offences = 0;
  Interval fay_feuer;
  std::optional<Interval> dobson;  // absent without offences
  SeverityMethod method = SeverityMethod::kFayFeuer;

  // What to show: Dobson from n_eff 10, below it Fay–Feuer, which is wide because one offence may
  // weigh as all others.
  const Interval& interval() const {
    return method == SeverityMethod::kDobson ? *dobson : fay_feuer;
  }
};

//   source   Dobson et al. (1991), Fay & Feuer (1997), both in Statistics in Medicine (10 and 16)
Result<SeverityScore> Severity(const SeverityInput& input);

// Says whether a score is made by its heaviest offences: weights capped, and the offences above the
// cap left out.
inline constexpr double kSeverityCap = 3000;
struct SeveritySensitivity {
  Result<SeverityScore> capped = Because(Undefined::kNoEvents);
  Result<SeverityScore> without_heaviest = Because(Undefined::kNoEvents);  // none left: NO_EVENTS
};
Result<SeveritySensitivity> Sensitivity(const SeverityInput& input, double cap = kSeverityCap);

struct SeverityChange {
  double weighted0 = 0;  // sum of weight * count, before
  double weighted1 = 0;
  double ratio = 0;  // of the scores
  double se_log = 0;
  Interval interval;
};

// Ratio of two scores of one basket, after over before, by the delta method. The offences of both
// spans stand in the same order with the same weights. No weighted offence before: ZERO_BASELINE;
// none after: NOT_ESTIMABLE; neither: NO_EVENTS.
Result<SeverityChange> SeverityRatio(const SeverityInput& before, const SeverityInput& after);

// The same two questions of a ratio.
struct RatioSensitivity {
  Result<SeverityChange> capped = Because(Undefined::kNoEvents);
  Result<SeverityChange> without_heaviest = Because(Undefined::kNoEvents);
};
Result<RatioSensitivity> SensitivityOfRatio(const SeverityInput& before, const SeverityInput& after,
                                            double cap = kSeverityCap);

}  // namespace holdfast::statistics
