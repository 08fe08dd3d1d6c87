#include "ingest/errors_file.h"

#include <gtest/gtest.h>

#include "ingest/byte_source.h"
#include "ingest/series_reader.h"

namespace holdfast::ingest {
namespace {

using Fields = std::vector<std::string_view>;

TEST(ErrorsFile, HoldsTheOriginalRowAndWhatIsWrongWithIt) {
  ErrorsFile errors(Fields{"area", "month"});
  const std::vector<RowFault> faults = {
      {"a.csv", 7, "month", "MONTH_MALFORMED", "The month is not of the form 2016-01.", "Mend it."},
      {"a.csv", 7, "area", "REQUIRED", "The area is missing.", ""}};
  errors.Add(Fields{"", "=1+1"}, faults);
  EXPECT_EQ(errors.Take(),
            "area,month,_error_code,_error_field,_error_message,_hint\r\n"
            ",'=1+1,MONTH_MALFORMED; REQUIRED,month; area,"
            "The month is not of the form 2016-01.; The area is missing.,Mend it.\r\n");
  EXPECT_EQ(errors.Take(), "");
}

TEST(ErrorsFile, UploadedAgainIsReadAsTheRowsThatItHolds) {
  MemorySource first("area,month,count\n=W1,2016-13,-4\n");
  const auto once = ReadSeries(first, "a.csv");
  ASSERT_TRUE(once.ok());
  EXPECT_EQ(once->rejected, 1U);
  MemorySource second(once->errors_file);
  const auto twice = ReadSeries(second, "errors.csv");
  ASSERT_TRUE(twice.ok()) << twice.status();
  EXPECT_EQ(twice->errors_file, once->errors_file);
  std::string mended = once->errors_file;
  mended.replace(mended.find("2016-13"), 7, "2016-12");
  mended.replace(mended.find("-4"), 2, "4");
  MemorySource third(mended);
  const auto good = ReadSeries(third, "mended.csv");
  ASSERT_EQ(good->rows.size(), 1U);
  EXPECT_EQ(good->rows[0].area, "=W1");
  EXPECT_EQ(good->rows[0].count, 4);
}

}  // namespace
}  // namespace holdfast::ingest
