#include "ingest/columns.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace holdfast::ingest {
namespace {

using testing::HasSubstr;
using Names = std::vector<std::string_view>;

constexpr std::array<Column, 3> kWanted = {
    {{"area", {"ward code"}}, {"month"}, {"basis", {}, false}}};

absl::StatusOr<ColumnMap> Match(const Names& header, HeaderMatch match = HeaderMatch::kLoose) {
  return ColumnMap::Match("a.csv", 1, header, kWanted, match);
}

TEST(ColumnMap, FindsColumnsByNameInAnyOrder) {
  const auto map = Match({"month", "area"});
  ASSERT_TRUE(map.ok()) << map.status();
  const Names row = {"2016-01", "W1"};
  EXPECT_EQ(map->Field(row, 0), "W1");
  EXPECT_EQ(map->Field(row, 1), "2016-01");
  EXPECT_EQ(map->Field(row, 2), "");
  EXPECT_FALSE(map->Has(2));
}

TEST(ColumnMap, TakesSynonymsAndOtherSpellingsWhereTheProfileIsLoose) {
  EXPECT_TRUE(Match({"Ward_Code", "MONTH", "Basis"}).ok());
  EXPECT_FALSE(Match({"Area", "month"}, HeaderMatch::kExact).ok());
}

TEST(ColumnMap, NamesEveryFaultOfAHeaderAtOnce) {
  const auto map = Match({"aera", "Easting", "basis", "basis"});
  ASSERT_FALSE(map.ok());
  EXPECT_EQ(map.status().message(),
            "a.csv, line 1: unknown column \"aera\"; unknown column \"Easting\"; column \"basis\" "
            "stands there "
            "twice; column \"area\" is missing; column \"month\" is missing");
  EXPECT_THAT(std::string(Match({"areas", "month"}).status().message()),
              HasSubstr("unknown column \"areas\" (did you mean \"area\"?)"));
}

TEST(ColumnMap, SaysSoWhereTheDelimiterIsAnotherOne) {
  EXPECT_THAT(std::string(Match({"area;month"}).status().message()),
              HasSubstr("separated by something else than a comma"));
}

TEST(ColumnMap, IgnoresTheColumnsOfAnErrorsFileAndTakesItsGuardsOff) {
  const auto map =
      Match({"area", "month", "_error_code", "_error_field", "_error_message", "_hint"});
  ASSERT_TRUE(map.ok()) << map.status();
  const Names row = {"'=W1", "'x", "A", "B", "C", "D"};
  EXPECT_EQ(map->Field(row, 0), "=W1");
  EXPECT_EQ(map->Field(row, 1), "'x");
  const auto plain = Match({"area", "month"});
  EXPECT_EQ(plain->Field(Names{"'=W1", "x"}, 0), "'=W1");
}

}  // namespace
}  // namespace holdfast::ingest
