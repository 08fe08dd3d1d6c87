#include "ingest/csv_writer.h"

#include <gtest/gtest.h>

namespace holdfast::ingest {
namespace {

std::string Written(std::string_view text) {
  std::string out;
  CsvWriter(out).Text(text).EndRow();
  return out;
}

TEST(CsvWriter, EndsLinesWithCrlfAndQuotesOnlyWhatMustBe) {
  std::string out;
  CsvWriter writer(out);
  writer.Text("Mill Lane").Text("a,b").Text("say \"no\"").Text("two\nlines").Number(-7);
  writer.EndRow();
  writer.Text("").Text(" x");
  writer.EndRow();
  EXPECT_EQ(out, "Mill Lane,\"a,b\",\"say \"\"no\"\"\",\"two\nlines\",-7\r\n,\" x\"\r\n");
}

TEST(CsvWriter, GuardsTextsThatASpreadsheetWouldRun) {
  EXPECT_EQ(Written("=1+1"), "'=1+1\r\n");
  EXPECT_EQ(Written("+cmd"), "'+cmd\r\n");
  EXPECT_EQ(Written("-cmd"), "'-cmd\r\n");
  EXPECT_EQ(Written("@SUM(A1)"), "'@SUM(A1)\r\n");
  EXPECT_EQ(Written("\tx"), "'\tx\r\n");
  EXPECT_EQ(Written("\rx"), "\"'\rx\"\r\n");
  EXPECT_EQ(Written("=HYPERLINK(\"a\",\"b\")"), "\"'=HYPERLINK(\"\"a\"\",\"\"b\"\")\"\r\n");
}

TEST(CsvWriter, LeavesNumbersAlone) {
  EXPECT_EQ(Written("-0.127758"), "-0.127758\r\n");
  EXPECT_EQ(Written("+44"), "+44\r\n");
  EXPECT_EQ(Written("-1-1"), "'-1-1\r\n");
  EXPECT_EQ(Written("-"), "'-\r\n");
}

}  // namespace
}  // namespace holdfast::ingest
