// Calendar words: a day, a month, a half-year, in Europe/London. Half-open everywhere.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "absl/time/civil_time.h"
#include "absl/time/time.h"

namespace holdfast {

// The calendar day in London at that instant.
absl::CivilDay LondonDay(absl::Time at);
// Midnight in London at which that day begins.
absl::Time LondonMidnight(absl::CivilDay day);

// Strict forms: "2016-06-30", "2016-06", "2017H1". Empty where the text is anything else.
std::optional<absl::CivilDay> ParseDay(std::string_view text);
std::optional<absl::CivilMonth> ParseMonth(std::string_view text);
std::string FormatDay(absl::CivilDay day);
std::string FormatMonth(absl::CivilMonth month);

// Six months from 1 January or 1 July.
struct HalfYear {
  std::int32_t year = 0;
  std::int32_t half = 1;  // 1 or 2

  absl::CivilMonth First() const { return absl::CivilMonth(year, half == 1 ? 1 : 7); }
  absl::CivilMonth End() const { return First() + 6; }  // first month after it
  HalfYear Next() const { return half == 1 ? HalfYear{year, 2} : HalfYear{year + 1, 1}; }
  HalfYear Previous() const { return half == 2 ? HalfYear{year, 1} : HalfYear{year - 1, 2}; }
  friend bool operator==(const HalfYear&, const HalfYear&) = default;
  friend auto operator<=>(const HalfYear&, const HalfYear&) = default;
};

std::optional<HalfYear> ParseHalfYear(std::string_view text);
std::string FormatHalfYear(HalfYear half);
HalfYear HalfYearOf(absl::CivilMonth month);

}  // namespace holdfast
