#include "geography/area.h"

#include <cmath>
#include <numbers>

#include <gtest/gtest.h>

namespace holdfast::geography {
namespace {

Ring Box(double west, double south, double east, double north) {
  const auto at = [](double lon, double lat) {
    return Position{static_cast<std::int32_t>(lon * 1e7), static_cast<std::int32_t>(lat * 1e7)};
  };
  return {at(west, south), at(east, south), at(east, north), at(west, north), at(west, south)};
}

// One degree of longitude between two parallels, by summing thin strips of the ellipsoid: its radii
// of curvature along and across the meridian (Snyder 1987, eq. 4-18, 4-20).
double StripsKm2(double south, double north) {
  constexpr double kDegree = std::numbers::pi / 180;
  constexpr double kA = 6378.137;
  constexpr double kE2 = 0.00669437999014;
  constexpr int kStrips = 20'000;
  const double height = (north - south) / kStrips;
  double sum = 0;
  for (int i = 0; i < kStrips; ++i) {
    const double latitude = (south + (i + 0.5) * height) * kDegree;
    const double w = 1 - kE2 * std::pow(std::sin(latitude), 2);
    const double along = kA * (1 - kE2) / std::pow(w, 1.5);
    const double across = kA / std::sqrt(w) * std::cos(latitude);
    sum += along * height * kDegree * across * kDegree;
  }
  return sum;
}

TEST(SurfaceKm2, OfADegreeCellIsThatOfTheEllipsoid) {
  const Area equator{"a", "A", {Polygon{{Box(0, 0, 1, 1)}}}};
  EXPECT_NEAR(SurfaceKm2(equator), StripsKm2(0, 1), 1e-3);
  const Area north{"b", "B", {Polygon{{Box(-2, 50, -1, 51)}}}};
  EXPECT_NEAR(SurfaceKm2(north), StripsKm2(50, 51), 1e-3);
}

TEST(SurfaceKm2, OfTheWholeEarthIsItsKnownSurface) {
  const Area earth{"e", "Earth", {Polygon{{Box(-180, -90, 180, 90)}}}};
  EXPECT_NEAR(SurfaceKm2(earth), 510'065'622, 100);
}

TEST(SurfaceKm2, TakesHolesOutAndAddsPartsUp) {
  const Polygon with_hole{{Box(0, 50, 1, 51), Box(0.25, 50.25, 0.75, 50.75)}};
  const Area whole{"a", "A", {Polygon{{with_hole.rings[0]}}}};
  const Area hole{"b", "B", {Polygon{{with_hole.rings[1]}}}};
  const Area ring{"c", "C", {with_hole}};
  EXPECT_NEAR(SurfaceKm2(ring), SurfaceKm2(whole) - SurfaceKm2(hole), 1e-6);
  const Area both{"d", "D", {with_hole, Polygon{{with_hole.rings[1]}}}};
  EXPECT_NEAR(SurfaceKm2(both), SurfaceKm2(whole), 1e-6);
}

TEST(SurfaceKm2, DoesNotDependOnTheDirectionOfARing) {
  const Ring forward = Box(0, 50, 1, 51);
  const Ring backward(forward.rbegin(), forward.rend());
  EXPECT_DOUBLE_EQ(SurfaceKm2({"a", "A", {Polygon{{forward}}}}),
                   SurfaceKm2({"a", "A", {Polygon{{backward}}}}));
}

}  // namespace
}  // namespace holdfast::geography
