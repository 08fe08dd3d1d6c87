#include "geography/area.h"

#include <cmath>
#include <cstddef>
#include <numbers>

namespace holdfast::geography {
namespace {

constexpr double kEccentricitySquared = 0.00669437999014;  // WGS 84
constexpr double kSemiMajorKm = 6378.137;
constexpr double kRadiansPerUnit = std::numbers::pi / 180.0 / 1e7;

// Snyder's q: the surface between the equator and a latitude, per radian of longitude, is
// a² q / 2.
double Q(double latitude) {
  const double e = std::sqrt(kEccentricitySquared);
  const double s = std::sin(latitude);
  return (1 - kEccentricitySquared) *
         (s / (1 - kEccentricitySquared * s * s) - std::log((1 - e * s) / (1 + e * s)) / (2 * e));
}

double RingKm2(const Ring& ring) {
  double sum = 0;
  for (std::size_t i = 1; i < ring.size(); ++i) {
    const double width = (ring[i].lon_e7 - static_cast<double>(ring[i - 1].lon_e7));
    sum += width * kRadiansPerUnit *
           (Q(ring[i - 1].lat_e7 * kRadiansPerUnit) + Q(ring[i].lat_e7 * kRadiansPerUnit)) / 2;
  }
  return std::abs(sum) * kSemiMajorKm * kSemiMajorKm / 2;
}

}  // namespace

double SurfaceKm2(const Area& area) {
  double sum = 0;
  for (const Polygon& polygon : area.polygons) {
    for (std::size_t i = 0; i < polygon.rings.size(); ++i) {
      sum += (i == 0 ? 1 : -1) * RingKm2(polygon.rings[i]);
    }
  }
  return sum;
}

}  // namespace holdfast::geography
