#include "ingest/text_scan.h"

#include <string>

#include <gtest/gtest.h>

namespace holdfast::ingest {
namespace {

using Stop = TextScan::Stop;

TEST(ScanText, PassesUtf8OfEveryLengthAtEveryOffset) {
  for (const std::string& character :
       {std::string("a"), std::string("é"), std::string("€"), std::string("😀")}) {
    for (std::size_t before = 0; before < 40; ++before) {
      const std::string text = std::string(before, 'x') + character + std::string(20, 'y');
      const TextScan scan = ScanText(text);
      EXPECT_EQ(scan.stop, Stop::kEnd);
      EXPECT_EQ(scan.length, text.size());
      EXPECT_FALSE(scan.control);
    }
  }
}

TEST(ScanText, StopsBeforeWhatIsNoCharacter) {
  // A lone continuation, overlong forms, a surrogate, above U+10FFFF, and bytes that never occur.
  for (const char* bad :
       {"\x80", "\xC0\x80", "\xC1\xBF", "\xE0\x9F\xBF", "\xED\xA0\x80", "\xF0\x8F\xBF\xBF",
        "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xFF", "\xC3(", "\xE2\x82("}) {
    const TextScan scan = ScanText(std::string(19, 'x') + bad + std::string(20, 'y'));
    EXPECT_EQ(scan.stop, Stop::kNotUtf8);
    EXPECT_EQ(scan.length, 19U);
  }
}

TEST(ScanText, TellsAnUnfinishedCharacterFromAWrongOne) {
  for (const char* start : {"\xC3", "\xE2\x82", "\xF0\x9F\x98"}) {
    const TextScan scan = ScanText(std::string(30, 'x') + start);
    EXPECT_EQ(scan.stop, Stop::kIncomplete);
    EXPECT_EQ(scan.length, 30U);
  }
}

TEST(ScanText, FindsNulAndControlCharacters) {
  EXPECT_EQ(ScanText(std::string(33, 'x') + std::string(1, '\0')).stop, Stop::kNul);
  EXPECT_TRUE(ScanText(std::string(33, 'x') + "\x1B" + std::string(40, 'x')).control);
  EXPECT_TRUE(ScanText(std::string(33, 'x') + "\x7F").control);
  EXPECT_FALSE(ScanText("a\tb\r\nc" + std::string(40, 'x')).control);
}

}  // namespace
}  // namespace holdfast::ingest
