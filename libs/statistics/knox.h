// Do crimes that lie close together in place also lie close in time? The Knox table of pairs of
// events.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "statistics/outcome.h"

namespace holdfast::statistics {

struct PlacedEvent {
  double x = 0;  // metres, or the unit of the edges
  double y = 0;
  std::int32_t day = 0;
};

enum class Metric : std::uint8_t { kManhattan, kEuclidean };

struct KnoxBins {
  Metric metric = Metric::kManhattan;
  // Lower edges, rising from 0: bins are half-open, the last is open-ended.
  std::vector<double> distance_edges;
  std::vector<std::int32_t> time_edges_days;
};

struct KnoxTable {
  // [distance bins x time bins]
  std::vector<std::vector<std::int64_t>> pairs;
  std::int64_t total = 0;  // n (n - 1) / 2
};

inline constexpr std::size_t kMostKnoxEvents = 50'000;

// Fewer than two events: TOO_FEW; more than 50,000: TOO_LARGE. Cost: a grid of the last distance
// edge, so near pairs only.
//   source   Knox (1964), Applied Statistics 13
Result<KnoxTable> Knox(std::span<const PlacedEvent> events, const KnoxBins& bins);

struct KnoxCell {
  std::int64_t observed = 0;
  double expected_from_margins = 0;
  std::optional<double> ratio;  // absent where nothing is expected
  double p = 1;                 // (1 + #{permuted >= observed}) / (1 + permutations)
};
// One cell against permutations of the dates. More than 20 million pairs in a near distance bin:
// TOO_LARGE.
Result<KnoxCell> KnoxPermutation(std::span<const PlacedEvent> events, const KnoxBins& bins,
                                 std::size_t distance_bin, std::size_t time_bin,
                                 std::int32_t permutations, std::uint64_t seed);

// "same day", "1 day later" … The first bin of [0, 1 …) is the same day, not the next.
Result<std::vector<std::string>> KnoxTimeLabels(std::span<const std::int32_t> time_edges_days);

}  // namespace holdfast::statistics
