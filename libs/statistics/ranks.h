// Ranks with what they are worth. A league table of small counts is mostly luck: each rank comes
// with a 90 % interval, the chance of being in the first three, and how far the count is expected
// to fall back by itself (regression to the mean).
//
// Rank 1 is the highest. Draws depend on the seed and their own number alone, never on threads or
// order.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "statistics/outcome.h"

namespace holdfast::statistics {

// Competition ranks ("1224"): equal values share the better rank. Highest value first; NaN is the
// caller's error.
std::vector<std::int32_t> CompetitionRanks(std::span<const double> values);

// How rates spread over areas: lambda ~ Gamma(a, rate b), fitted by moments.
struct GammaPrior {
  double mean = 0;  // events per exposure over all areas
  double a = 0.5;
  double b = 0;
  // The areas differ no more than chance alone makes them: Jeffreys' (1/2, 0) was taken. Caveat
  // NO_SPREAD.
  bool no_spread = true;
};

struct AreaCount {
  std::optional<std::int64_t> count;  // absent: the area has no data
  double exposure = 1;                // > 0; residents, dwellings, area-days, of one kind
};

//   source   Marshall (1991), Applied Statistics 40, by the method of moments
Result<GammaPrior> EstimatePrior(std::span<const AreaCount> areas);

struct RankOptions {
  std::uint64_t seed = 0;  // SeedOf(digest of the inputs)
  std::int32_t draws = 10'000;
};

inline constexpr std::size_t kMostRankedAreas = 4'000;
inline constexpr std::size_t kMostRankedCells = 50'000;  // areas times offences: 110 MB of tables

struct RankSummary {
  std::int32_t rank = 0;    // observed
  std::int32_t median = 0;  // of the draws; like the limits a nearest-rank quantile
  std::int32_t lower = 0;   // 5 %: the better end
  std::int32_t upper = 0;   // 95 %
  double top_three = 0;     // P(rank <= 3)
  std::int32_t areas = 0;
  double value = 0;                             // observed rate or score
  double expected_next = 0;                     // of the value, had nothing been done
  std::optional<double> expected_fall_percent;  // absent where the value is 0
};

struct Ranking {
  std::vector<RankSummary> areas;  // in the order of the input
  // Of the offences drawn, how many had no spread over the areas (1 and 0 or 1 for rates).
  std::int32_t offences_drawn = 0;
  std::int32_t offences_without_spread = 0;
};

// Ranks areas by rate. An area without data: INCOMPLETE_POPULATION (one missing area moves all
// ranks). No event anywhere: NO_EVENTS. More than 4,000 areas: TOO_LARGE. Cost: about 60 ns for
// each area and draw.
Result<Ranking> RankRates(std::span<const AreaCount> areas, const RankOptions& options);

struct SeverityTable {
  std::size_t areas = 0;
  std::size_t offences = 0;
  std::span<const std::optional<std::int64_t>> counts;  // [areas x offences], row-major
  std::span<const double> weights;                      // [offences], > 0
  std::span<const double> exposures;                    // [areas], > 0
};

// Ranks areas by severity score; each offence is drawn for itself, with its own prior. An offence
// that no area has is left out: it says nothing of how the areas differ.
Result<Ranking> RankSeverity(const SeverityTable& table, const RankOptions& options);

// P(rate 1 > rate 2) at equal exposure, Jeffreys' prior on both: I_1/2(x2 + 1/2, x1 + 1/2).
Result<double> RankProbability(std::int64_t x1, std::int64_t x2);

struct Regression {
  double a = 0;  // of the Gamma prior
  double b = 0;
  double expected_next = 0;
  std::optional<double> expected_fall_percent;  // absent where nothing was observed
};
// What an area that was selected because it was high is expected to show next, one exposure being
// the selection window.
//   prior_mean, prior_sd   of the counts of all candidate areas, > 0
Result<Regression> RegressionToTheMean(double prior_mean, double prior_sd, std::int64_t observed);

}  // namespace holdfast::statistics
