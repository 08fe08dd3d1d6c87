#include "geography/geojson.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <utility>

#include <simdjson.h>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/status_macros.h"
#include "geography/area_validity.h"

namespace holdfast::geography {
namespace {

using simdjson::dom::array;
using simdjson::dom::element;
using simdjson::dom::object;

absl::string_view Absl(std::string_view text) {
  return {text.data(), text.size()};
}

absl::Status Invalid(std::string_view rule) {
  return absl::InvalidArgumentError(Absl(rule));
}

// Old files name their reference system; anything but WGS 84 would put crimes into the wrong ward.
absl::Status CheckReferenceSystem(const object& collection) {
  element crs;
  if (collection["crs"].get(crs) != simdjson::SUCCESS || crs.is_null()) return absl::OkStatus();
  std::string_view name;
  if (crs["properties"]["name"].get(name) == simdjson::SUCCESS &&
      (absl::EndsWith(Absl(name), "CRS84") || absl::EndsWith(Absl(name), "EPSG::4326") ||
       Absl(name) == "EPSG:4326")) {
    return absl::OkStatus();
  }
  return Invalid(
      "crs: the file is not in CRS84 (WGS 84, longitude before latitude); convert it, e.g. with "
      "ogr2ogr -t_srs OGC:CRS84");
}

bool HasControlCharacter(std::string_view text) {
  for (const char c : text) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) return true;
  }
  return false;
}

std::string NamesOf(const object& properties) {
  std::vector<std::string_view> names;
  for (const auto field : properties) {
    names.push_back(field.key);
    if (names.size() == 20) break;
  }
  return absl::StrJoin(names, ", ", [](std::string* out, std::string_view name) {
    out->append(name.substr(0, kMaxCodeBytes));
  });
}

absl::StatusOr<std::string> ReadText(const object& properties, std::string_view name,
                                     std::size_t max_bytes) {
  const auto fault = [name](std::string_view rule) {
    return absl::InvalidArgumentError(absl::StrCat("property ", Absl(name), ": ", Absl(rule)));
  };
  element value;
  if (properties.at_key(name).get(value) != simdjson::SUCCESS) {
    return fault("missing; the feature has " + NamesOf(properties));
  }
  std::string_view text;
  if (value.get(text) != simdjson::SUCCESS) return fault("is not a text");
  if (text.empty()) return fault("is empty");
  if (text.size() > max_bytes) return fault("is too long");
  if (HasControlCharacter(text)) return fault("holds a control character");
  return std::string(text);
}

absl::StatusOr<std::int32_t> ReadDegrees(const array& position, std::size_t axis, double limit) {
  double value = 0;
  if (position.at(axis).get(value) != simdjson::SUCCESS) {
    return Invalid("a position is not [longitude, latitude] in numbers");
  }
  if (!std::isfinite(value) || std::abs(value) > limit) {
    return Invalid(axis == 0 ? "a longitude is outside -180 to 180 degrees (CRS84)"
                             : "a latitude is outside -90 to 90 degrees (CRS84)");
  }
  return static_cast<std::int32_t>(std::lround(value * 1e7));
}

absl::StatusOr<Ring> ReadRing(const element& json) {
  array positions;
  if (json.get(positions) != simdjson::SUCCESS) return Invalid("a ring is not a list of positions");
  Ring ring;
  ring.reserve(positions.size());
  for (const element item : positions) {
    array position;
    if (item.get(position) != simdjson::SUCCESS) return Invalid("a position is not a list");
    Position at;
    ASSIGN_OR_RETURN(at.lon_e7, ReadDegrees(position, 0, 180));
    ASSIGN_OR_RETURN(at.lat_e7, ReadDegrees(position, 1, 90));
    if (ring.empty() || ring.back() != at) ring.push_back(at);
  }
  if (ring.size() > 1 && ring.front() != ring.back()) {
    return Invalid("the ring is open: its last position must equal its first");
  }
  if (ring.size() < 4) return Invalid("a ring needs at least four different positions");
  return ring;
}

absl::StatusOr<Polygon> ReadPolygon(const element& json) {
  array rings;
  if (json.get(rings) != simdjson::SUCCESS || rings.size() == 0) {
    return Invalid("a polygon is not a list of rings");
  }
  Polygon polygon;
  for (const element ring : rings) {
    absl::StatusOr<Ring> read = ReadRing(ring);
    if (!read.ok()) {
      return WithContext(read.status(), absl::StrCat("ring ", polygon.rings.size() + 1));
    }
    polygon.rings.push_back(*std::move(read));
  }
  return polygon;
}

absl::StatusOr<std::vector<Polygon>> ReadGeometry(const object& feature) {
  std::string_view type;
  if (feature["geometry"]["type"].get(type) != simdjson::SUCCESS) {
    return Invalid("geometry: missing");
  }
  element coordinates;
  if (feature["geometry"]["coordinates"].get(coordinates) != simdjson::SUCCESS) {
    return Invalid("geometry: coordinates are missing");
  }
  std::vector<Polygon> polygons;
  if (type == "Polygon") {
    ASSIGN_OR_RETURN(Polygon polygon, ReadPolygon(coordinates));
    polygons.push_back(std::move(polygon));
    return polygons;
  }
  array parts;
  if (type != "MultiPolygon" || coordinates.get(parts) != simdjson::SUCCESS) {
    return Invalid("geometry: only Polygon and MultiPolygon enclose an area");
  }
  for (const element part : parts) {
    ASSIGN_OR_RETURN(Polygon polygon, ReadPolygon(part));
    polygons.push_back(std::move(polygon));
  }
  return polygons;
}

absl::Status ReadFeature(const element& json, const AreaProperties& names, Area& area) {
  object feature;
  std::string_view type;
  if (json.get(feature) != simdjson::SUCCESS || feature["type"].get(type) != simdjson::SUCCESS ||
      type != "Feature") {
    return Invalid("is not a Feature");
  }
  object properties;
  if (feature["properties"].get(properties) != simdjson::SUCCESS) {
    return Invalid("properties: missing");
  }
  ASSIGN_OR_RETURN(area.code, ReadText(properties, names.code, kMaxCodeBytes));
  ASSIGN_OR_RETURN(area.name, ReadText(properties, names.name, kMaxNameBytes));
  ASSIGN_OR_RETURN(area.polygons, ReadGeometry(feature));
  return CheckValid(area);
}

// "feature 3 (E05000028)"
std::string Which(std::size_t index, const Area& area) {
  if (area.code.empty()) return absl::StrCat("feature ", index);
  return absl::StrCat("feature ", index, " (", area.code, ")");
}

absl::Status CheckCodesAreUnique(const std::vector<Area>& areas) {
  std::vector<std::pair<std::string_view, std::size_t>> codes;
  codes.reserve(areas.size());
  for (const Area& area : areas) codes.emplace_back(area.code, codes.size() + 1);
  std::sort(codes.begin(), codes.end());
  for (std::size_t i = 1; i < codes.size(); ++i) {
    if (codes[i].first != codes[i - 1].first) continue;
    return absl::InvalidArgumentError(
        absl::StrCat("feature ", codes[i].second, ": the code ", Absl(codes[i].first),
                     " stands already at feature ", codes[i - 1].second));
  }
  return absl::OkStatus();
}

absl::StatusOr<array> FeaturesOf(const element& document) {
  object collection;
  std::string_view type;
  if (document.get(collection) != simdjson::SUCCESS ||
      collection["type"].get(type) != simdjson::SUCCESS || type != "FeatureCollection") {
    return Invalid("the file is not a GeoJSON FeatureCollection");
  }
  RETURN_IF_ERROR(CheckReferenceSystem(collection));
  array features;
  if (collection["features"].get(features) != simdjson::SUCCESS) {
    return Invalid("features: missing, or not a list");
  }
  if (features.size() == 0) return Invalid("features: the file holds no area");
  if (features.size() > kMaxAreas) {
    return absl::InvalidArgumentError(absl::StrCat("features: more than ", kMaxAreas, " areas"));
  }
  return features;
}

}  // namespace

absl::StatusOr<std::vector<Area>> ParseAreas(std::string_view geojson,
                                             const AreaProperties& properties) {
  if (geojson.size() > kMaxGeoJsonBytes) return Invalid("the file is larger than 256 MiB");
  if (geojson.starts_with("\xEF\xBB\xBF")) geojson.remove_prefix(3);
  simdjson::dom::parser parser;
  element document;
  if (const auto error = parser.parse(simdjson::padded_string(geojson)).get(document);
      error != simdjson::SUCCESS) {
    return absl::InvalidArgumentError(
        absl::StrCat("the file is not JSON: ", simdjson::error_message(error)));
  }
  ASSIGN_OR_RETURN(const array features, FeaturesOf(document));
  std::vector<Area> areas;
  areas.reserve(features.size());
  for (const element feature : features) {
    Area area;
    if (absl::Status read = ReadFeature(feature, properties, area); !read.ok()) {
      return WithContext(read, Which(areas.size() + 1, area));
    }
    areas.push_back(std::move(area));
  }
  RETURN_IF_ERROR(CheckCodesAreUnique(areas));
  return areas;
}

}  // namespace holdfast::geography
