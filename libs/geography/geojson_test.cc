#include "geography/geojson.h"

#include <fstream>
#include <iterator>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "geography/fuzz_entry.h"

namespace holdfast::geography {
namespace {

using testing::HasSubstr;

constexpr char kSquare[] = "[[[0,50],[1,50],[1,51],[0,51],[0,50]]]";

std::string Feature(const std::string& code, const std::string& coordinates = kSquare,
                    const std::string& type = "Polygon") {
  return R"({"type":"Feature","properties":{"code":")" + code + R"(","name":"Mill Lane"},)" +
         R"("geometry":{"type":")" + type + R"(","coordinates":)" + coordinates + "}}";
}

std::string Collection(const std::string& features, const std::string& more = "") {
  return R"({"type":"FeatureCollection",)" + more + R"("features":[)" + features + "]}";
}

absl::StatusOr<std::vector<Area>> Parse(const std::string& json) {
  FuzzGeoJson(json);  // keeps its promises on every example
  return ParseAreas(json, {.code = "code", .name = "name"});
}

void ExpectRefused(const std::string& json, const std::string& sentence) {
  const auto areas = Parse(json);
  ASSERT_FALSE(areas.ok()) << json;
  EXPECT_EQ(areas.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(areas.status().message()), HasSubstr(sentence));
}

TEST(GeoJson, YieldsCodeNameAndOutlineInTheOrderOfTheFile) {
  const auto areas = Parse(Collection(Feature("W2") + "," + Feature("W1")));
  ASSERT_TRUE(areas.ok()) << areas.status();
  ASSERT_EQ(areas->size(), 2U);
  EXPECT_EQ((*areas)[0].code, "W2");
  EXPECT_EQ((*areas)[0].name, "Mill Lane");
  ASSERT_EQ((*areas)[0].polygons.size(), 1U);
  EXPECT_EQ((*areas)[0].polygons[0].rings[0][2], (Position{10'000'000, 510'000'000}));
}

TEST(GeoJson, ReadsMultiPolygonsWithHolesAndAltitudes) {
  const auto areas = Parse(Collection(Feature("W1",
                                              "[[[[0,50,7],[1,50,7],[1,51,7],[0,51,7],[0,50,7]],"
                                              "[[0.2,50.2],[0.4,50.2],[0.4,50.4],[0.2,50.2]]],"
                                              "[[[2,50],[3,50],[3,51],[2,50]]]]",
                                              "MultiPolygon")));
  ASSERT_TRUE(areas.ok()) << areas.status();
  ASSERT_EQ((*areas)[0].polygons.size(), 2U);
  EXPECT_EQ((*areas)[0].polygons[0].rings.size(), 2U);
}

TEST(GeoJson, RefusesACodeThatStandsTwice) {
  ExpectRefused(Collection(Feature("W1") + "," + Feature("W2") + "," + Feature("W1")),
                "feature 3: the code W1 stands already at feature 1");
}

TEST(GeoJson, RefusesAnOpenRingAndNamesIt) {
  ExpectRefused(Collection(Feature("W1") + "," + Feature("W2", "[[[0,50],[1,50],[1,51],[0,51]]]")),
                "feature 2 (W2): ring 1: the ring is open");
}

TEST(GeoJson, RefusesARingThatCrossesItself) {
  ExpectRefused(Collection(Feature("W1", "[[[0,50],[1,51],[1,50],[0,51],[0,50]]]")),
                "feature 1 (W1): the outline is not valid: self-intersection at longitude 0.5");
}

TEST(GeoJson, RefusesAHoleOutsideItsOutline) {
  ExpectRefused(
      Collection(Feature(
          "W1", "[[[0,50],[1,50],[1,51],[0,51],[0,50]],[[5,50],[6,50],[6,51],[5,51],[5,50]]]")),
      "the outline is not valid: hole lies outside shell");
}

TEST(GeoJson, RefusesARingWithoutSurface) {
  ExpectRefused(Collection(Feature("W1", "[[[0,50],[1,50],[0,50]]]")), "at least four");
}

TEST(GeoJson, RefusesWhatIsNoNumberOrOutOfBounds) {
  ExpectRefused(Collection(Feature("W1", "[[[NaN,50],[1,50],[1,51],[0,51],[NaN,50]]]")),
                "the file is not JSON");
  ExpectRefused(Collection(Feature("W1", "[[[1e999,50],[1,50],[1,51],[0,51],[0,50]]]")),
                "the file is not JSON");
  ExpectRefused(Collection(Feature("W1", R"([[["0",50],[1,50],[1,51],[0,51],[0,50]]])")),
                "not [longitude, latitude] in numbers");
  ExpectRefused(Collection(Feature("W1", "[[[0,91],[1,50],[1,51],[0,51],[0,91]]]")),
                "a latitude is outside -90 to 90");
  // Metres of the National Grid.
  ExpectRefused(Collection(Feature("W1", "[[[544000,184000],[1,50],[1,51],[0,50]]]")),
                "feature 1 (W1): ring 1: a longitude is outside -180 to 180");
}

TEST(GeoJson, RefusesAMissingPropertyAndListsThoseThereAre) {
  const auto areas = ParseAreas(Collection(Feature("W1")), {.code = "WD13CD", .name = "name"});
  ASSERT_FALSE(areas.ok());
  EXPECT_EQ(areas.status().message(),
            "feature 1: property WD13CD: missing; the feature has code, name");
}

TEST(GeoJson, RefusesAPropertyThatIsNoUsableText) {
  ExpectRefused(Collection(Feature("")), "property code: is empty");
  ExpectRefused(Collection(Feature("a\\u0007b")), "property code: holds a control character");
  ExpectRefused(Collection(Feature(std::string(65, 'x'))), "property code: is too long");
}

TEST(GeoJson, RefusesAnotherTypeOfGeometry) {
  ExpectRefused(Collection(Feature("W1", "[0,50]", "Point")), "only Polygon and MultiPolygon");
  ExpectRefused(
      Collection(R"({"type":"Feature","properties":{"code":"a","name":"b"},"geometry":null})"),
      "feature 1 (a): geometry: missing");
}

TEST(GeoJson, RefusesAnotherReferenceSystem) {
  ExpectRefused(
      Collection(Feature("W1"),
                 R"("crs":{"type":"name","properties":{"name":"urn:ogc:def:crs:EPSG::27700"}},)"),
      "the file is not in CRS84");
}

TEST(GeoJson, RefusesWhatIsNoFeatureCollection) {
  ExpectRefused("", "the file is not JSON");
  ExpectRefused("{\"type\":", "the file is not JSON");
  ExpectRefused(Feature("W1"), "not a GeoJSON FeatureCollection");
  ExpectRefused(Collection(""), "holds no area");
  ExpectRefused(Collection("7"), "feature 1: is not a Feature");
  ExpectRefused(std::string(100'000, '['), "the file is not JSON");
}

std::string ReadFile(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

TEST(GeoJson, ReadsTheRealWardsOfTwoBoroughs) {
  struct Borough {
    const char* path;
    std::size_t wards;
    std::size_t multi;
    std::size_t vertices;
  };
  for (const Borough& borough :
       {Borough{"../shared/data/geography/wards-2013-barking-and-dagenham.geojson", 17, 2, 539},
        Borough{"../shared/data/geography/wards-2013-bradford.geojson", 30, 0, 2'644}}) {
    const std::string json = ReadFile(borough.path);
    if (json.empty()) GTEST_SKIP() << "skipped: " << borough.path << " is not here";
    const auto areas = ParseAreas(json, {.code = "WD13CD", .name = "WD13NM"});
    ASSERT_TRUE(areas.ok()) << areas.status();
    EXPECT_EQ(areas->size(), borough.wards);
    std::size_t multi = 0;
    std::size_t vertices = 0;
    for (const Area& area : *areas) {
      multi += area.polygons.size() > 1 ? 1U : 0U;
      for (const Polygon& polygon : area.polygons) {
        for (const Ring& ring : polygon.rings) vertices += ring.size();
      }
    }
    EXPECT_LE(multi, borough.multi);
    EXPECT_EQ(vertices, borough.vertices);
  }
}

}  // namespace
}  // namespace holdfast::geography
