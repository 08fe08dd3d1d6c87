// An area as plain data: a code, a name, and its outline in whole units of 1e-7 degrees.
//
// Whole numbers, because outlines stand in journals and rows, which repeat byte for byte; a unit is
// about 1 cm, finer than any boundary is surveyed.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace holdfast::geography {

// CRS84 (WGS 84, longitude before latitude), in 1e-7 degrees.
struct Position {
  std::int32_t lon_e7 = 0;
  std::int32_t lat_e7 = 0;
  friend bool operator==(const Position&, const Position&) = default;
};

// A place given in millionths of a degree, the precision of police.uk.
constexpr Position FromMicrodegrees(std::int32_t lon_e6, std::int32_t lat_e6) {
  return {lon_e6 * 10, lat_e6 * 10};
}

// Closed: the last position equals the first; at least four of them.
using Ring = std::vector<Position>;

// rings[0] is the outline, the others are holes.
struct Polygon {
  std::vector<Ring> rings;
  friend bool operator==(const Polygon&, const Polygon&) = default;
};

struct Area {
  std::string code;  // unique within its set, e.g. a ward's code of one vintage
  std::string name;
  std::vector<Polygon> polygons;
  friend bool operator==(const Area&, const Area&) = default;
};

// Surface in km² on the WGS 84 ellipsoid, holes taken out; edges are straight in longitude and
// latitude, as GeoJSON means them.
//   source   authalic latitude: Snyder, Map Projections: A Working Manual (1987), eq. 3-11, 3-12
double SurfaceKm2(const Area& area);

}  // namespace holdfast::geography
