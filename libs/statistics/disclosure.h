// What may leave the force: counts below ten are withheld, zero too, others rounded to the nearest
// five.
//
// Only the first rule of a release; secondary suppression and differencing need the whole release
// and stand elsewhere.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "statistics/outcome.h"

namespace holdfast::statistics {

// The published count, or nothing where it is withheld (BELOW_TEN). Publishing a published count
// changes nothing.
//   source   ONS, comparison of post-tabular disclosure control methods
constexpr std::optional<std::int64_t> TenFive(std::int64_t count) {
  if (count < 10) return std::nullopt;
  return (count + 2) / 5 * 5;
}

Result<std::vector<std::optional<std::int64_t>>> TenFive(std::span<const std::int64_t> counts);

}  // namespace holdfast::statistics
