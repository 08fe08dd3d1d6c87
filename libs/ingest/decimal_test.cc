#include "ingest/decimal.h"

#include <gtest/gtest.h>

namespace holdfast::ingest {
namespace {

TEST(ParseMillionths, ReadsDecimalsExactly) {
  EXPECT_EQ(ParseMillionths("0.081555"), 81'555);
  EXPECT_EQ(ParseMillionths("-0.127758"), -127'758);
  EXPECT_EQ(ParseMillionths("51.5"), 51'500'000);
  EXPECT_EQ(ParseMillionths("+7"), 7'000'000);
  EXPECT_EQ(ParseMillionths(".5"), 500'000);
  EXPECT_EQ(ParseMillionths("5."), 5'000'000);
  EXPECT_EQ(ParseMillionths("-0"), 0);
}

TEST(ParseMillionths, RoundsHalfAwayFromZero) {
  EXPECT_EQ(ParseMillionths("0.0000005"), 1);
  EXPECT_EQ(ParseMillionths("-0.0000005"), -1);
  EXPECT_EQ(ParseMillionths("0.00000049999"), 0);
  EXPECT_EQ(ParseMillionths("0.9999995"), 1'000'000);
}

TEST(ParseMillionths, RefusesWhatIsNoPlainNumber) {
  for (const char* text : {"", "-", ".", "1e3", "NaN", "inf", "0x1", " 1", "1 ", "1,5", "1.2.3",
                           "--1", "1234567890123"}) {
    EXPECT_EQ(ParseMillionths(text), std::nullopt) << text;
  }
}

TEST(ParseCount, ReadsDigitsOnly) {
  EXPECT_EQ(ParseCount("0"), 0);
  EXPECT_EQ(ParseCount("007"), 7);
  EXPECT_EQ(ParseCount("999999999999999"), 999'999'999'999'999);
  for (const char* text : {"", "-1", "+1", "1.0", "1 ", "1,000", "1234567890123456"}) {
    EXPECT_EQ(ParseCount(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace holdfast::ingest
