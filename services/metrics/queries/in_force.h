// The reference data in force on a day: weights of severity, residents.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "holdfast/metrics/v1/metrics.pb.h"

#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"
#include "readmodel/reader.h"

namespace holdfast::metrics {

struct WeightsInForce {
  std::string label;  // "css-by-category@1"; empty: none is in force
  bool unverified = false;
  std::map<std::string, double> weights;  // by category
};
// Of `set` ("weights"), keyed by category: the version whose first day is the latest up to that
// day.
absl::StatusOr<WeightsInForce> WeightsOn(const readmodel::Reader& reader, const std::string& set,
                                         absl::CivilDay day);

struct PopulationInForce {
  std::string label;  // "populations@2, from 2016-06-30"; empty: none is in force
  std::map<std::string, double> residents;  // by area
};
absl::StatusOr<PopulationInForce> PopulationOn(const readmodel::Reader& reader,
                                               const type::v1::AreaSet& set, absl::CivilDay day);

}  // namespace holdfast::metrics
