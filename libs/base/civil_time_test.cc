#include "base/civil_time.h"

#include <gtest/gtest.h>

#include "base/month_number.h"

namespace holdfast {
namespace {

TEST(CivilTime, ReadsOnlyTheStrictForms) {
  EXPECT_EQ(FormatDay(*ParseDay("2016-02-29")), "2016-02-29");
  EXPECT_FALSE(ParseDay("2017-02-29"));
  EXPECT_FALSE(ParseDay("2016-2-29"));
  EXPECT_FALSE(ParseDay("2016-02-29 "));
  EXPECT_EQ(FormatMonth(*ParseMonth("2016-04")), "2016-04");
  EXPECT_FALSE(ParseMonth("2016-13"));
  EXPECT_FALSE(ParseMonth("0016-01"));
  EXPECT_EQ(FormatHalfYear(*ParseHalfYear("2017H1")), "2017H1");
  EXPECT_FALSE(ParseHalfYear("2017H3"));
  EXPECT_FALSE(ParseHalfYear("2017h1"));
}

TEST(CivilTime, CountsTheDayInLondonAlsoInSummer) {
  EXPECT_EQ(FormatDay(LondonDay(absl::FromUnixSeconds(1467327600))),
            "2016-07-01");  // 23:00 UTC on 30 June
  EXPECT_EQ(LondonMidnight(absl::CivilDay(2016, 7, 1)), absl::FromUnixSeconds(1467327600));
}

TEST(MonthNumber, CountsMonthsFromJanuaryOfTheYearZero) {
  EXPECT_EQ(MonthNumber(0, 1), 0);
  EXPECT_EQ(MonthNumber(absl::CivilMonth(2017, 1)), MonthNumber(absl::CivilMonth(2016, 12)) + 1);
  EXPECT_EQ(MonthNumber(2016, 1), 24'192);
}

TEST(HalfYear, IsHalfOpenAndWalksBothWays) {
  const HalfYear half{2017, 2};
  EXPECT_EQ(FormatMonth(half.First()), "2017-07");
  EXPECT_EQ(FormatMonth(half.End()), "2018-01");
  EXPECT_EQ(half.Next().Previous(), half);
  EXPECT_EQ(HalfYearOf(absl::CivilMonth(2017, 6)), (HalfYear{2017, 1}));
}

}  // namespace
}  // namespace holdfast
