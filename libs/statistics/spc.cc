#include "statistics/spc.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "statistics/distributions.h"
#include "statistics/neumaier_sum.h"

namespace holdfast::statistics {
namespace {

constexpr double kRangeLimit = 3.267;  // D4 of ranges of two
constexpr double kLowTail = 0.00135;   // of a normal beyond three standard deviations
constexpr double kHighTail = 0.99865;

bool Observed(double value) {
  return !std::isnan(value);
}

bool AnyInfinite(std::span<const double> values) {
  return std::any_of(values.begin(), values.end(), [](double value) { return std::isinf(value); });
}

double MeanOf(std::span<const double> values) {
  return SumOf(values) / static_cast<double>(values.size());
}

std::vector<double> MovingRanges(std::span<const double> values) {
  std::vector<double> ranges;
  for (std::size_t i = 1; i < values.size(); ++i) {
    if (Observed(values[i]) && Observed(values[i - 1]))
      ranges.push_back(std::abs(values[i] - values[i - 1]));
  }
  return ranges;
}

bool AreCounts(std::span<const double> values) {
  return std::all_of(values.begin(), values.end(),
                     [](double value) { return value >= 0 && value == std::floor(value); });
}

int SideOf(double value, double mean) {
  return value > mean ? 1 : value < mean ? -1 : 0;
}

// A rule as windows: `length` neighbours, all observed, that satisfy `holds` when the last of them
// is at `end`.
std::size_t Length(SpcRule rule) {
  switch (rule) {
    case SpcRule::kOutsideLimits:
      return 1;
    case SpcRule::kSevenOneSide:
    case SpcRule::kSevenTrend:
      return 7;
    case SpcRule::kTwoOfThree:
      return 3;
  }
  return 1;
}

bool Outside(double value, const SpcLines& lines) {
  return (lines.upper && value > *lines.upper) || (lines.lower && value < *lines.lower);
}

bool Near(double value, const SpcLines& lines) {
  const bool high = lines.upper && value > lines.mean + (*lines.upper - lines.mean) * 2 / 3;
  const bool low = lines.lower && value < lines.mean + (*lines.lower - lines.mean) * 2 / 3;
  return (high || low) && !Outside(value, lines);
}

bool OneSide(std::span<const double> window, double mean) {
  const int side = SideOf(window.front(), mean);
  return side != 0 && std::all_of(window.begin(), window.end(),
                                  [&](double value) { return SideOf(value, mean) == side; });
}

bool Strict(std::span<const double> window) {
  const int step = SideOf(window[1], window[0]);
  for (std::size_t i = 1; i < window.size(); ++i) {
    if (step == 0 || SideOf(window[i], window[i - 1]) != step) return false;
  }
  return true;
}

bool Holds(SpcRule rule, std::span<const double> window, const SpcLines& lines) {
  if (!std::all_of(window.begin(), window.end(), Observed)) return false;
  switch (rule) {
    case SpcRule::kOutsideLimits:
      return Outside(window[0], lines);
    case SpcRule::kSevenOneSide:
      return OneSide(window, lines.mean);
    case SpcRule::kSevenTrend:
      return Strict(window);
    case SpcRule::kTwoOfThree:
      return OneSide(window, lines.mean) &&
             std::count_if(window.begin(), window.end(),
                           [&](double value) { return Near(value, lines); }) >= 2;
  }
  return false;
}

bool NeedsLimits(SpcRule rule) {
  return rule == SpcRule::kOutsideLimits || rule == SpcRule::kTwoOfThree;
}

bool AreLines(SpcRule rule, const SpcLines& lines) {
  const double lower = lines.lower.value_or(lines.mean);
  const double upper = lines.upper.value_or(lines.mean);
  if (!std::isfinite(lines.mean) || !std::isfinite(lower) || !std::isfinite(upper)) return false;
  if (!NeedsLimits(rule)) return true;
  return (lines.lower || lines.upper) && (!lines.lower || !lines.upper || lower <= upper);
}

enum class Paint : std::uint8_t { kCompleting, kMembers };

// Marks the window that ends before `end`, whose pattern holds.
void Mark(SpcRule rule, std::size_t end, Paint paint, std::span<const double> values,
          const SpcLines& lines, std::vector<bool>& flags) {
  const bool near_only = rule == SpcRule::kTwoOfThree && paint == Paint::kCompleting;
  const bool whole = near_only || paint == Paint::kMembers;
  for (std::size_t i = whole ? end - Length(rule) : end - 1; i < end; ++i) {
    if (!near_only || Near(values[i], lines)) flags[i] = true;
  }
}

Result<std::vector<bool>> Flags(SpcRule rule, std::span<const double> values, const SpcLines& lines,
                                Paint paint) {
  if (!AreLines(rule, lines) || AnyInfinite(values)) return Because(Undefined::kInputOutOfRange);
  std::vector<bool> flags(values.size(), false);
  const std::size_t length = Length(rule);
  for (std::size_t end = length; end <= values.size(); ++end) {
    if (Holds(rule, values.subspan(end - length, length), lines))
      Mark(rule, end, paint, values, lines, flags);
  }
  return flags;
}

}  // namespace

std::string_view Name(SpcRule rule) {
  switch (rule) {
    case SpcRule::kOutsideLimits:
      return "OUTSIDE_LIMITS";
    case SpcRule::kSevenOneSide:
      return "SEVEN_ONE_SIDE";
    case SpcRule::kSevenTrend:
      return "SEVEN_TREND";
    case SpcRule::kTwoOfThree:
      return "TWO_OF_THREE";
  }
  return "";
}

Result<XmrLimits> XmrLimitsOf(std::span<const double> values, const XmrOptions& options) {
  if (!IsPositive(options.scale) || AnyInfinite(values))
    return Because(Undefined::kInputOutOfRange);
  const std::span<const double> base =
      values.first(std::min(values.size(), options.limits_from.value_or(values.size())));
  std::vector<double> seen;
  std::copy_if(base.begin(), base.end(), std::back_inserter(seen), Observed);
  std::vector<double> ranges = MovingRanges(base);
  if (ranges.empty()) return Because(Undefined::kSeriesTooShort);

  XmrLimits limits;
  limits.points = seen.size();
  limits.mean = MeanOf(seen);
  limits.mean_moving_range = MeanOf(ranges);
  if (options.screen_ranges) {
    const double limit = kRangeLimit * limits.mean_moving_range;
    std::erase_if(ranges, [limit](double range) { return range >= limit; });
    if (!ranges.empty()) limits.mean_moving_range = MeanOf(ranges);
  }
  if (limits.mean_moving_range == 0) return Because(Undefined::kNoVariation);
  limits.moving_range_limit = kRangeLimit * limits.mean_moving_range;
  limits.lower = limits.mean - options.scale * limits.mean_moving_range;
  limits.upper = limits.mean + options.scale * limits.mean_moving_range;
  if (limits.mean < options.poisson_below_mean && AreCounts(seen)) {
    limits.poisson = true;
    limits.lower = static_cast<double>(PoissonQuantile(kLowTail, limits.mean));
    limits.upper = static_cast<double>(PoissonQuantile(kHighTail, limits.mean));
  }
  if (!std::isfinite(limits.lower) || !std::isfinite(limits.upper) ||
      !std::isfinite(limits.moving_range_limit))
    return Because(Undefined::kTooLarge);
  return limits;
}

Result<std::vector<bool>> SpcFlags(SpcRule rule, std::span<const double> values,
                                   const SpcLines& lines) {
  return Flags(rule, values, lines, Paint::kCompleting);
}

Result<std::vector<bool>> SpcMembers(SpcRule rule, std::span<const double> values,
                                     const SpcLines& lines) {
  return Flags(rule, values, lines, Paint::kMembers);
}

Result<std::vector<XmrMarks>> MarkByLimits(std::span<const double> values,
                                           const XmrLimits& limits) {
  static constexpr bool XmrMarks::*kMark[] = {&XmrMarks::outside_limits, &XmrMarks::seven_one_side,
                                              &XmrMarks::seven_trend, &XmrMarks::two_of_three};
  const SpcLines lines{limits.mean, limits.lower, limits.upper};
  std::vector<XmrMarks> marks(values.size());
  for (const SpcRule rule : kSpcRules) {
    const Result<std::vector<bool>> members = SpcMembers(rule, values, lines);
    if (!members) return Because(members.error());
    for (std::size_t i = 0; i < values.size(); ++i)
      marks[i].*kMark[static_cast<std::size_t>(rule)] = (*members)[i];
  }
  return marks;
}

Result<XmrChart> Xmr(std::span<const double> values, const XmrOptions& options) {
  const Result<XmrLimits> limits = XmrLimitsOf(values, options);
  if (!limits) return Because(limits.error());
  Result<std::vector<XmrMarks>> marks = MarkByLimits(values, *limits);
  if (!marks) return Because(marks.error());
  return XmrChart{*limits, *std::move(marks)};
}

Result<bool> AboveVacuumLimit(std::int64_t count, double baseline_mean) {
  if (!IsCount(count) || !std::isfinite(baseline_mean) || baseline_mean < 0 ||
      baseline_mean > static_cast<double>(kMaxCount))
    return Because(Undefined::kInputOutOfRange);
  return count > PoissonQuantile(kHighTail, baseline_mean);
}

}  // namespace holdfast::statistics
