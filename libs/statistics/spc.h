// Charts that tell a signal from the usual ups and downs: individuals and moving range (XmR), and
// the rules that read it.
//
// values are in time order. NaN = not observed (a month of which there is no data): it has no
// moving range to either side, breaks every run and is never flagged. Infinity: INPUT_OUT_OF_RANGE.
// "Special cause" never reads "effect": a chart says that something changed, not what changed it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "statistics/outcome.h"

namespace holdfast::statistics {

inline constexpr std::string_view kSpcRuleSet = "nhs-plot-the-dots@1";
inline constexpr std::size_t kPointsToFreeze = 12;

struct XmrOptions {
  double scale = 2.66;  // 3 / 1.128
  // On for boards: moving ranges at or above the range limit are left out once, so that one wild
  // month does not hide others.
  bool screen_ranges = false;
  // Limits come from the first points only (a frozen baseline) and judge all; absent: from every
  // point.
  std::optional<std::size_t> limits_from;
  // Series of whole, not negative counts with a mean below this take Poisson limits; 0 turns that
  // off.
  double poisson_below_mean = 10;
};

struct XmrLimits {
  double mean = 0;
  double mean_moving_range = 0;
  double lower = 0;  // may be below 0 for counts; a chart clips it
  double upper = 0;
  double moving_range_limit = 0;
  bool poisson = false;    // limits are the 0.00135 and 0.99865 quantiles
  std::size_t points = 0;  // observed points that the limits rest on
  bool may_freeze() const { return points >= kPointsToFreeze; }
};

// Fewer than two observed neighbours: SERIES_TOO_SHORT. Mean range 0: NO_VARIATION, and no rule
// fires.
//   source   Wheeler (1993), Understanding Variation; NIST/SEMATECH handbook 6.3.2.2
Result<XmrLimits> XmrLimitsOf(std::span<const double> values, const XmrOptions& options = {});

enum class SpcRule : std::uint8_t {
  kOutsideLimits,  // beyond a limit
  kSevenOneSide,   // seven in a row on one side of the mean; a point on it breaks the run
  kSevenTrend,     // six strict steps one way
  kTwoOfThree,     // three in a row on one side, two or more beyond 2/3 of the limit but inside it
};
inline constexpr SpcRule kSpcRules[] = {SpcRule::kOutsideLimits, SpcRule::kSevenOneSide,
                                        SpcRule::kSevenTrend, SpcRule::kTwoOfThree};
std::string_view Name(SpcRule rule);  // "OUTSIDE_LIMITS" …

struct SpcLines {
  double mean = 0;
  std::optional<double> lower;
  std::optional<double> upper;
};

// One flag for each value: at each point that completes the pattern, and for kTwoOfThree at each
// point of the pattern that is near the limit. kOutsideLimits and kTwoOfThree need both limits,
// else INPUT_OUT_OF_RANGE.
//   source   NHS England, Making Data Count; nhs-r-community/NHSRplotthedots
Result<std::vector<bool>> SpcFlags(SpcRule rule, std::span<const double> values,
                                   const SpcLines& lines);

// One flag for each value that is part of the pattern: what a chart paints.
Result<std::vector<bool>> SpcMembers(SpcRule rule, std::span<const double> values,
                                     const SpcLines& lines);

// Of which patterns a point is part, in the order of kSpcRules.
struct XmrMarks {
  bool outside_limits = false;
  bool seven_one_side = false;
  bool seven_trend = false;
  bool two_of_three = false;
  bool any() const { return outside_limits || seven_one_side || seven_trend || two_of_three; }
};

// All four rules by limits that were frozen before. One element for each value.
Result<std::vector<XmrMarks>> MarkByLimits(std::span<const double> values, const XmrLimits& limits);

struct XmrChart {
  XmrLimits limits;
  std::vector<XmrMarks> marks;  // one for each value
};

// Limits from the values, and all four rules by them.
Result<XmrChart> Xmr(std::span<const double> values, const XmrOptions& options = {});

// The daily watch after CLEAR: is the count of the trailing window above what the baseline's mean
// per window would show in all but 0.135 % of windows?
//   baseline_mean   events per window of the same length, >= 0
Result<bool> AboveVacuumLimit(std::int64_t count, double baseline_mean);

}  // namespace holdfast::statistics
