#include "metrics/intake/outline_codec.h"

#include <algorithm>
#include <cstdint>
#include <utility>

namespace holdfast::metrics {

v1::Feature ToFeature(const geography::Area& area) {
  v1::Feature feature;
  feature.set_code(area.code);
  feature.set_name(area.name);
  for (const geography::Polygon& polygon : area.polygons) {
    v1::Outline::Polygon& kept = *feature.mutable_outline()->add_polygons();
    for (const geography::Ring& ring : polygon.rings) {
      v1::Outline::Ring& differences = *kept.add_rings();
      geography::Position last{};
      for (const geography::Position& position : ring) {
        differences.add_longitude_e7(position.lon_e7 - last.lon_e7);
        differences.add_latitude_e7(position.lat_e7 - last.lat_e7);
        last = position;
      }
    }
  }
  return feature;
}

geography::Area ToArea(const v1::Feature& feature) {
  geography::Area area;
  area.code = feature.code();
  area.name = feature.name();
  for (const auto& kept : feature.outline().polygons()) {
    geography::Polygon polygon;
    for (const auto& differences : kept.rings()) {
      geography::Ring ring;
      geography::Position last{};
      const int positions =
          std::min(differences.longitude_e7_size(), differences.latitude_e7_size());
      for (int i = 0; i < positions; ++i) {
        last.lon_e7 += differences.longitude_e7(i);
        last.lat_e7 += differences.latitude_e7(i);
        ring.push_back(last);
      }
      polygon.rings.push_back(std::move(ring));
    }
    area.polygons.push_back(std::move(polygon));
  }
  return area;
}

}  // namespace holdfast::metrics
