#include "ingest/series_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ingest/fuzz_entry.h"

namespace holdfast::ingest {
namespace {

using testing::HasSubstr;

absl::StatusOr<Series> Read(std::string_view text) {
  FuzzProfiles(text);
  MemorySource source(text);
  return ReadSeries(source, "s.csv");
}

TEST(Series, HoldsAnAreaAMonthAndACount) {
  const auto series = Read("Area,Month,Count\r\nW1,2016-01,12\r\nW1,2016-02,0\r\n");
  ASSERT_TRUE(series.ok()) << series.status();
  ASSERT_EQ(series->rows.size(), 2U);
  EXPECT_EQ(series->rows[0].area, "W1");
  EXPECT_EQ(series->rows[0].month, absl::CivilMonth(2016, 1));
  EXPECT_EQ(series->rows[0].count, 12);
  EXPECT_EQ(series->rejected, 0U);
  EXPECT_EQ(series->errors_file, "");
}

TEST(Series, RejectsABadRowAlone) {
  const auto series =
      Read("area,month,count\nW1,2016-01,1\nW1,Jan 2016,-1\nW1,2016-03\nW2,2016-01,1\n");
  ASSERT_TRUE(series.ok());
  EXPECT_EQ(series->rows.size(), 2U);
  EXPECT_EQ(series->rejected, 2U);
  ASSERT_EQ(series->faults.size(), 3U);
  EXPECT_EQ(series->faults[0].code, "MONTH_MALFORMED");
  EXPECT_EQ(series->faults[0].line, 3U);
  EXPECT_EQ(series->faults[1].code, "NOT_A_COUNT");
  EXPECT_EQ(series->faults[1].field, "count");
  EXPECT_EQ(series->faults[2].code, "ROW_WIDTH");
  EXPECT_THAT(series->errors_file,
              HasSubstr("W1,Jan 2016,-1,MONTH_MALFORMED; NOT_A_COUNT,month; count,"));
}

TEST(Series, RejectsEveryRowOfAKeyThatStandsTwice) {
  const auto series = Read("area,month,count\nW1,2016-01,1\nW2,2016-01,5\nW1,2016-01,2\n");
  ASSERT_TRUE(series.ok());
  ASSERT_EQ(series->rows.size(), 1U);
  EXPECT_EQ(series->rows[0].area, "W2");
  EXPECT_EQ(series->rejected, 2U);
  EXPECT_EQ(series->faults[1].code, "DUPLICATE_KEY");
  EXPECT_EQ(series->faults[1].line, 4U);
  EXPECT_THAT(series->faults[1].hint, HasSubstr("first on line 2"));
}

TEST(Series, IsRefusedWholeForItsStructure) {
  EXPECT_THAT(std::string(Read("area,month\nW1,2016-01\n").status().message()),
              HasSubstr("s.csv, line 1: column \"count\" is missing"));
  EXPECT_THAT(std::string(Read("").status().message()), HasSubstr("the file is empty"));
}

TEST(Series, RowsHaveOneEncodingEach) {
  std::string a;
  std::string b;
  AppendCanonicalRow(a, SeriesRow{"W1", absl::CivilMonth(2016, 1), 7, 2});
  AppendCanonicalRow(b, SeriesRow{"W1", absl::CivilMonth(2016, 1), 7, 99});
  EXPECT_EQ(a, b);  // the line is not part of it
  EXPECT_EQ(a, std::string("\x02\0\0\x5E\x80\0\0\0\0\0\0\0\x07W1", 15));
}

TEST(Series, RejectsAreasThatAreNotKnownWithItsOtherFaults) {
  MemorySource source("month,area,count\n2017-01,W1,4\n2017-01,W9,3\n2017-02,W1,many\n");
  const auto know = [](const std::vector<std::string>& codes) -> absl::StatusOr<AreaCodes> {
    EXPECT_EQ(codes, (std::vector<std::string>{"W1", "W9"}));
    return AreaCodes{"W1"};
  };
  const auto series = ReadSeries(source, "s.csv", know);
  ASSERT_TRUE(series.ok()) << series.status();
  EXPECT_EQ(series->rows.size(), 1);
  EXPECT_EQ(series->rejected, 2);
  EXPECT_EQ(series->rejected_by_month.at(absl::CivilMonth(2017, 1)), 1);
  EXPECT_EQ(series->rejected_by_month.at(absl::CivilMonth(2017, 2)), 1);
  EXPECT_NE(series->errors_file.find("2017-01,W9,3,UNKNOWN_AREA"), std::string::npos);
  EXPECT_NE(series->errors_file.find("2017-02,W1,many,NOT_A_COUNT"), std::string::npos);
}

}  // namespace
}  // namespace holdfast::ingest
