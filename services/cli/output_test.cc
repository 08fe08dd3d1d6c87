#include "cli/output.h"

#include <gtest/gtest.h>

namespace holdfast::cli {
namespace {

const Rows kRows = {
    {"area", "count"}, {{"Mill Lane", "7"}, {"=HYPERLINK(1)", "no_data"}}, {false, true}};

TEST(Output, AlignsNumbersToTheRight) {
  EXPECT_EQ(TableOf(kRows),
            "area             count\nMill Lane            7\n=HYPERLINK(1)  no_data\n");
}

TEST(Output, GuardsAgainstFormulasInCsvButNotNumbers) {
  const Rows rows = {{"a", "b"}, {{"=1+1", "-7"}, {"a,b", "\"x\""}}, {}};
  EXPECT_EQ(CsvOf(rows), "a,b\r\n'=1+1,-7\r\n\"a,b\",\"\"\"x\"\"\"\r\n");
}

TEST(Output, WritesNumbersBareInJsonLines) {
  EXPECT_EQ(
      JsonLinesOf(kRows),
      "{\"area\":\"Mill Lane\",\"count\":7}\n{\"area\":\"=HYPERLINK(1)\",\"count\":\"no_data\"}\n");
}

TEST(Output, KnowsItsFormats) {
  Format format = Format::kTable;
  EXPECT_TRUE(ParseFormat("jsonl", format));
  EXPECT_EQ(format, Format::kJsonLines);
  EXPECT_FALSE(ParseFormat("xml", format));
}

}  // namespace
}  // namespace holdfast::cli
