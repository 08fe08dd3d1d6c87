// E21: in which ward a million points lie, beside a bare loop over GEOS's prepared geometries.
#include <memory>
#include <string>
#include <vector>

#include <geos_c.h>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "base/random.h"
#include "base/status_macros.h"
#include "bench.h"
#include "crimes.h"
#include "geography/area.h"
#include "geography/area_index.h"
#include "geography/geojson.h"
#include "scenarios.h"

namespace holdfast::bench {
namespace {

constexpr std::size_t kPoints = 1'000'000;

struct Box {
  std::int32_t west = INT32_MAX;
  std::int32_t east = INT32_MIN;
  std::int32_t south = INT32_MAX;
  std::int32_t north = INT32_MIN;

  void Widen(geography::Position at) {
    west = std::min(west, at.lon_e7);
    east = std::max(east, at.lon_e7);
    south = std::min(south, at.lat_e7);
    north = std::max(north, at.lat_e7);
  }
  bool Holds(geography::Position at) const {
    return at.lon_e7 >= west && at.lon_e7 <= east && at.lat_e7 >= south && at.lat_e7 <= north;
  }
};

Box BoxOf(const geography::Area& area) {
  Box box;
  for (const geography::Polygon& polygon : area.polygons) {
    for (const geography::Position at : polygon.rings[0]) box.Widen(at);
  }
  return box;
}

// Evenly over the box of all wards, in millionths of a degree as police.uk gives them.
std::vector<geography::Position> Points(const std::vector<geography::Area>& areas) {
  Box box;
  for (const geography::Area& area : areas) {
    const Box of = BoxOf(area);
    box.Widen({of.west, of.south});
    box.Widen({of.east, of.north});
  }
  SeededRandom random(21);
  std::vector<geography::Position> points;
  points.reserve(kPoints);
  for (std::size_t i = 0; i < kPoints; ++i) {
    const auto east = static_cast<std::int32_t>(
        random.Below(static_cast<std::uint64_t>(box.east - box.west) + 1));
    const auto north = static_cast<std::int32_t>(
        random.Below(static_cast<std::uint64_t>(box.north - box.south) + 1));
    points.push_back({(box.west + east) / 10 * 10, (box.south + north) / 10 * 10});
  }
  return points;
}

// A box test, then one prepared geometry after the other: what anyone would write first.
class BareLoop {
 public:
  explicit BareLoop(const std::vector<geography::Area>& areas) : context_(GEOS_init_r()) {
    for (const geography::Area& area : areas) {
      GEOSGeometry* geometry = Build(area);
      wards_.push_back({BoxOf(area), geometry, GEOSPrepare_r(context_, geometry)});
    }
  }
  ~BareLoop() {
    for (const Ward& ward : wards_) {
      GEOSPreparedGeom_destroy_r(context_, ward.prepared);
      GEOSGeom_destroy_r(context_, ward.geometry);
    }
    GEOS_finish_r(context_);
  }
  BareLoop(const BareLoop&) = delete;
  BareLoop& operator=(const BareLoop&) = delete;

  bool Find(geography::Position at) const {
    for (const Ward& ward : wards_) {
      if (!ward.box.Holds(at)) continue;
      GEOSGeometry* point = GEOSGeom_createPointFromXY_r(context_, at.lon_e7, at.lat_e7);
      const bool inside = GEOSPreparedIntersects_r(context_, ward.prepared, point) == 1;
      GEOSGeom_destroy_r(context_, point);
      if (inside) return true;
    }
    return false;
  }

 private:
  struct Ward {
    Box box;
    GEOSGeometry* geometry;
    const GEOSPreparedGeometry* prepared;
  };

  GEOSGeometry* BuildRing(const geography::Ring& ring) const {
    GEOSCoordSequence* sequence =
        GEOSCoordSeq_create_r(context_, static_cast<unsigned>(ring.size()), 2);
    for (unsigned i = 0; i < ring.size(); ++i)
      GEOSCoordSeq_setXY_r(context_, sequence, i, ring[i].lon_e7, ring[i].lat_e7);
    return GEOSGeom_createLinearRing_r(context_, sequence);
  }

  GEOSGeometry* Build(const geography::Area& area) const {
    std::vector<GEOSGeometry*> polygons;
    for (const geography::Polygon& polygon : area.polygons) {
      std::vector<GEOSGeometry*> holes;
      for (std::size_t i = 1; i < polygon.rings.size(); ++i)
        holes.push_back(BuildRing(polygon.rings[i]));
      polygons.push_back(GEOSGeom_createPolygon_r(context_, BuildRing(polygon.rings[0]),
                                                  holes.data(),
                                                  static_cast<unsigned>(holes.size())));
    }
    return GEOSGeom_createCollection_r(context_, GEOS_MULTIPOLYGON, polygons.data(),
                                       static_cast<unsigned>(polygons.size()));
  }

  GEOSContextHandle_t context_;
  std::vector<Ward> wards_;
};

}  // namespace

absl::Status E21(Bench& bench) {
  ASSIGN_OR_RETURN(const Crimes crimes, CrimesToImport());
  ASSIGN_OR_RETURN(
      const std::vector<geography::Area> areas,
      geography::ParseAreas(crimes.wards_geojson, {crimes.code_property, crimes.name_property}));
  const std::vector<geography::Position> points = Points(areas);
  const BareLoop loop(areas);
  std::size_t found = 0;
  std::size_t found_by_loop = 0;
  const auto rate = [](absl::Time began) {
    return static_cast<double>(kPoints) / absl::ToDoubleSeconds(absl::Now() - began);
  };
  // A new index each time: what it learns of its cells is part of the work.
  const Measure ours = [&]() -> absl::StatusOr<double> {
    found = 0;
    const absl::Time began = absl::Now();
    ASSIGN_OR_RETURN(const std::unique_ptr<geography::AreaIndex> index,
                     geography::AreaIndex::Create(areas));
    for (const geography::Position at : points)
      found += index->Find(at) == geography::AreaIndex::kNowhere ? 0U : 1U;
    return rate(began);
  };
  const Measure bare = [&]() -> absl::StatusOr<double> {
    found_by_loop = 0;
    const absl::Time began = absl::Now();
    for (const geography::Position at : points) found_by_loop += loop.Find(at) ? 1U : 0U;
    if (found != found_by_loop) {
      return absl::InternalError(
          absl::StrCat("the index finds ", found, " points in wards, GEOS ", found_by_loop));
    }
    return rate(began);
  };
  Row row;
  row.path = "point in ward, 1,000,000 points";
  row.unit = "points/s";
  row.note = absl::StrCat(areas.size(), " wards; points spread evenly over their box");
  return bench.Compare(row, ours, {{"GEOS prepared geometries, bare loop", 0.7, bare}});
}

}  // namespace holdfast::bench
