#include "ingest/nearest_name.h"

#include <array>
#include <string>

#include <gtest/gtest.h>

namespace holdfast::ingest {
namespace {

constexpr std::array<std::string_view, 4> kKnown = {"Longitude", "Latitude", "Location", "Month"};

TEST(NearestName, FindsTheOneThatWasMeant) {
  EXPECT_EQ(NearestName("longitud", kKnown), "Longitude");
  EXPECT_EQ(NearestName("LATITUDE", kKnown), "Latitude");
  EXPECT_EQ(NearestName("Months", kKnown), "Month");
}

TEST(NearestName, StaysSilentWhereNoneIsNear) {
  EXPECT_EQ(NearestName("Easting", kKnown), "");
  EXPECT_EQ(NearestName("", kKnown), "");
  EXPECT_EQ(NearestName(std::string(65, 'x'), kKnown), "");
}

}  // namespace
}  // namespace holdfast::ingest
