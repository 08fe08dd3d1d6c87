// How unevenly crime lies over places, and how well an area chosen in advance caught it.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "statistics/outcome.h"

namespace holdfast::statistics {

struct Concentration {
  double gini = 0;
  double generalised = 0;  // with fewer crimes than places, equality at best means one crime each
  std::optional<double> unbiased;  // times k / (k - 1), k = places; absent for one place
  std::optional<double> generalised_unbiased;  // k = min(places, crimes)
  double share_of_places_25 =
      0;  // smallest share of places, busiest first, that holds 25 % of the crimes
  double share_of_places_50 = 0;
};

// counts, one for each place, places without crime included. No crime: NO_EVENTS.
//   source   Bernasco & Steenbeek (2017), J. Quant. Criminol. 33
Result<Concentration> ConcentrationOf(std::span<const std::int64_t> counts);

// Prediction accuracy index: share of crimes over share of area. No crime at all: NO_EVENTS.
//   source   Chainey, Tompson & Uhlig (2008), Security Journal 21
Result<double> PredictionAccuracy(std::int64_t crimes_in_area, std::int64_t crimes_total,
                                  double area, double area_total);

}  // namespace holdfast::statistics
