// Areas from a GeoJSON file (RFC 7946, and the older `crs` member where it names WGS 84).
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "geography/area.h"

namespace holdfast::geography {

inline constexpr std::size_t kMaxGeoJsonBytes = std::size_t{256} << 20U;
inline constexpr std::size_t kMaxAreas = 50'000;
inline constexpr std::size_t kMaxCodeBytes = 64;
inline constexpr std::size_t kMaxNameBytes = 200;

// Which properties of a feature hold its code and its name, e.g. WD13CD and WD13NM.
struct AreaProperties {
  std::string code;
  std::string name;
};

// All areas of a FeatureCollection in the file's order, or none.
//   returns   outlines rounded to 1e-7 degrees, positions that then repeat left out
//   errors    InvalidArgument naming the feature (index from 1, code where known), the property or
//             ring, and the rule: not JSON, not a FeatureCollection, another reference system, no
//             feature, a code twice, a property that is missing or no text, a geometry that is no
//             Polygon or MultiPolygon, a ring that is open, short or crosses itself, a coordinate
//             that is no number or outside CRS84
absl::StatusOr<std::vector<Area>> ParseAreas(std::string_view geojson,
                                             const AreaProperties& properties);

}  // namespace holdfast::geography
