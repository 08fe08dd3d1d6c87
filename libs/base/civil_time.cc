#include "base/civil_time.h"

#include <cstdio>

#include "base/check.h"

namespace holdfast {
namespace {

const absl::TimeZone& London() {
  static const absl::TimeZone zone = [] {
    absl::TimeZone loaded;
    HOLDFAST_CHECK(absl::LoadTimeZone("Europe/London", &loaded));
    return loaded;
  }();
  return zone;
}

// The digits [from, from + count) as a number; empty if any is no digit.
std::optional<int> Digits(std::string_view text, std::size_t from, std::size_t count) {
  int value = 0;
  for (std::size_t i = from; i < from + count; ++i) {
    if (text[i] < '0' || text[i] > '9') return std::nullopt;
    value = value * 10 + (text[i] - '0');
  }
  return value;
}

}  // namespace

absl::CivilDay LondonDay(absl::Time at) {
  return absl::ToCivilDay(at, London());
}

absl::Time LondonMidnight(absl::CivilDay day) {
  return absl::FromCivil(day, London());
}

std::optional<absl::CivilDay> ParseDay(std::string_view text) {
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return std::nullopt;
  const auto year = Digits(text, 0, 4);
  const auto month = Digits(text, 5, 2);
  const auto day = Digits(text, 8, 2);
  if (!year || !month || !day || *year < 1000) return std::nullopt;
  const absl::CivilDay out(*year, *month, *day);
  if (out.month() != *month || out.day() != *day) return std::nullopt;  // it was normalised
  return out;
}

std::optional<absl::CivilMonth> ParseMonth(std::string_view text) {
  if (text.size() != 7 || text[4] != '-') return std::nullopt;
  const auto year = Digits(text, 0, 4);
  const auto month = Digits(text, 5, 2);
  if (!year || !month || *year < 1000 || *month < 1 || *month > 12) return std::nullopt;
  return absl::CivilMonth(*year, *month);
}

std::string FormatDay(absl::CivilDay day) {
  return absl::FormatCivilTime(day);
}

std::string FormatMonth(absl::CivilMonth month) {
  return absl::FormatCivilTime(month);
}

std::optional<HalfYear> ParseHalfYear(std::string_view text) {
  if (text.size() != 6 || text[4] != 'H' || (text[5] != '1' && text[5] != '2')) return std::nullopt;
  const auto year = Digits(text, 0, 4);
  if (!year || *year < 1000) return std::nullopt;
  return HalfYear{*year, text[5] - '0'};
}

std::string FormatHalfYear(HalfYear half) {
  char out[32];
  std::snprintf(out, sizeof out, "%04dH%d", half.year, half.half);
  return out;
}

HalfYear HalfYearOf(absl::CivilMonth month) {
  return {static_cast<std::int32_t>(month.year()), month.month() <= 6 ? 1 : 2};
}

}  // namespace holdfast
