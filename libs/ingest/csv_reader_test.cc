#include "ingest/csv_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ingest/fuzz_entry.h"

namespace holdfast::ingest {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using Row = std::vector<std::string>;

struct Table {
  std::vector<Row> rows;
  std::vector<std::uint64_t> lines;
  std::string fault;
};

Table Read(std::string_view text, CsvOptions options = {}) {
  FuzzCsv(text);  // keeps its promises on every example
  MemorySource source(text);
  CsvReader reader(source, "a.csv", options);
  Table table;
  while (true) {
    const auto more = reader.Next();
    if (!more.ok()) {
      EXPECT_EQ(more.status().code(), absl::StatusCode::kInvalidArgument);
      table.fault = std::string(more.status().message());
      return table;
    }
    if (!*more) return table;
    table.rows.emplace_back(reader.fields().begin(), reader.fields().end());
    table.lines.push_back(reader.line());
  }
}

TEST(CsvReader, ReadsCrlfLfAndALastLineWithoutEnd) {
  EXPECT_THAT(Read("a,b\r\n1,2\n3,4").rows,
              ElementsAre(Row{"a", "b"}, Row{"1", "2"}, Row{"3", "4"}));
}

TEST(CsvReader, KeepsEmptyFields) {
  EXPECT_THAT(Read(",\n,,\n\"\",x\n").rows,
              ElementsAre(Row{"", ""}, Row{"", "", ""}, Row{"", "x"}));
}

TEST(CsvReader, UnescapesQuotedFieldsWithDelimitersQuotesAndNewlines) {
  EXPECT_THAT(Read("\"a,b\",\"say \"\"no\"\"\",\"two\r\nlines\"\r\n\"\"\"\",z\n").rows,
              ElementsAre(Row{"a,b", "say \"no\"", "two\r\nlines"}, Row{"\"", "z"}));
}

TEST(CsvReader, CountsLinesThroughQuotedNewlinesAndEmptyLines) {
  EXPECT_THAT(Read("h\n\"1\n2\n3\"\n\n\r\nx\n").lines, ElementsAre(1, 2, 7));
}

TEST(CsvReader, SkipsAByteOrderMark) {
  EXPECT_THAT(Read("\xEF\xBB\xBF"
                   "a,b\n")
                  .rows,
              ElementsAre(Row{"a", "b"}));
  EXPECT_TRUE(Read("\xEF\xBB\xBF").rows.empty());
}

TEST(CsvReader, OfNothingHasNoRow) {
  EXPECT_TRUE(Read("").rows.empty());
  EXPECT_EQ(Read("").fault, "");
  EXPECT_TRUE(Read("\n\n").rows.empty());
}

TEST(CsvReader, TakesAnotherDelimiterWhereTheProfileSaysSo) {
  EXPECT_THAT(Read("a;b,c\n", {.delimiter = ';'}).rows, ElementsAre(Row{"a", "b,c"}));
}

TEST(CsvReader, RefusesBytesThatAreNotUtf8NamingTheLine) {
  EXPECT_THAT(Read("a\nb\ncaf\xE9,1\n").fault, HasSubstr("a.csv, line 3: a byte is not UTF-8"));
  EXPECT_THAT(Read("a\n\xED\xA0\x80\n").fault, HasSubstr("line 2: a byte is not UTF-8"));
  EXPECT_THAT(Read("a\ncaf\xC3").fault, HasSubstr("line 2: the file ends inside"));
  EXPECT_THAT(Read(std::string_view("\xFF\xFE"
                                    "a\0",
                                    4))
                  .fault,
              HasSubstr("UTF-16"));
}

TEST(CsvReader, RefusesNul) {
  EXPECT_THAT(Read(std::string_view("a\nb\0c\n", 6)).fault, HasSubstr("line 2: a NUL byte"));
}

TEST(CsvReader, RefusesLinesThatEndInCrAlone) {
  EXPECT_THAT(Read("a,b\r1,2\r3,4\r").fault, HasSubstr("line 1: a line ends in CR alone"));
}

TEST(CsvReader, RefusesQuotesThatDoNotFit) {
  EXPECT_THAT(Read("a\n5\" pipe,b\n").fault, HasSubstr("line 2: a quote stands inside a field"));
  EXPECT_THAT(Read("a\n\"x\"y,b\n").fault, HasSubstr("line 2: text stands behind a closing quote"));
  EXPECT_THAT(Read("a\n\"x\ny\n").fault,
              HasSubstr("line 2: a quote that opens in this row is never"));
}

TEST(CsvReader, RefusesWhatIsBeyondItsLimits) {
  CsvOptions limits;
  limits.max_row_bytes = 40;
  limits.max_field_bytes = 10;
  limits.max_fields = 5;
  limits.buffer_bytes = 16;
  EXPECT_EQ(Read("1,2,3,4,5\n", limits).fault, "");
  EXPECT_THAT(Read("1,2,3,4,5,6\n", limits).fault,
              HasSubstr("line 1: the row has too many fields"));
  EXPECT_THAT(Read("a\n12345678901\n", limits).fault, HasSubstr("line 2: a field is too long"));
  EXPECT_THAT(Read("a\n\"12345678901\"\n", limits).fault, HasSubstr("line 2: a field is too long"));
  EXPECT_THAT(Read("123456789,123456789,123456789,123456789,12\n", limits).fault,
              HasSubstr("the row is too long"));
  EXPECT_THAT(Read("\"" + std::string(500, 'x'), limits).fault,
              HasSubstr("line 1: the row is too long"));
}

TEST(CsvReader, ReadsTheSameWhateverTheSizeOfItsBuffer) {
  std::string text;
  for (int i = 0; i < 5'000; ++i) {
    text += std::to_string(i) + ",\"q\"\"" + std::string(static_cast<std::size_t>(i % 37), 'x') +
            "\",caf\xC3\xA9\r\n";
  }
  CsvOptions small;
  small.max_row_bytes = 80;
  small.buffer_bytes = 1;
  const Table expected = Read(text);
  ASSERT_EQ(expected.rows.size(), 5'000U);
  EXPECT_EQ(expected.rows[36][1], "q\"" + std::string(36, 'x'));
  EXPECT_EQ(Read(text, small).rows, expected.rows);
}

TEST(CsvReader, SaysWhetherARowMayHoldControlCharacters) {
  MemorySource clean("a,b\n1,2\n");
  CsvReader reader(clean, "a.csv");
  ASSERT_TRUE(*reader.Next());
  EXPECT_FALSE(reader.may_hold_control());
  MemorySource odd("a,b\n1,\x07\n");
  CsvReader odd_reader(odd, "a.csv");
  ASSERT_TRUE(*odd_reader.Next());
  EXPECT_TRUE(odd_reader.may_hold_control());
}

TEST(HashingSource, HashesWhatPasses) {
  MemorySource inner("a,b\n1,2\n");
  HashingSource source(inner);
  CsvReader reader(source, "a.csv");
  while (*reader.Next()) {
  }
  EXPECT_EQ(source.Finish(), Sha256Of("a,b\n1,2\n"));
}

}  // namespace
}  // namespace holdfast::ingest
