#include "cli/report/words.h"

#include <algorithm>
#include <cctype>
#include <string>

#include <google/protobuf/descriptor.h>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace holdfast::cli::report {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(Words, HasASentenceForEveryCaveatReasonAndGate) {
  const auto check = [](const google::protobuf::EnumDescriptor& codes, auto say) {
    for (int i = 0; i < codes.value_count(); ++i) {
      const auto& code = *codes.value(i);
      if (code.number() == 0) continue;
      std::string plain = code.name();
      std::transform(plain.begin(), plain.end(), plain.begin(),
                     [](unsigned char c) { return c == '_' ? ' ' : std::tolower(c); });
      EXPECT_NE(say(code.number()), plain) << code.name();
    }
  };
  check(*metrics::v1::Caveat::Code_descriptor(),
        [](int code) { return CaveatSentence(static_cast<metrics::v1::Caveat::Code>(code)); });
  check(*metrics::v1::Undefined::Reason_descriptor(), [](int code) {
    return UndefinedReason(static_cast<metrics::v1::Undefined::Reason>(code));
  });
  for (int gate = 1; gate <= 10; ++gate) {
    const std::string name = GateName(static_cast<metrics::v1::Gate::Code>(gate));
    EXPECT_THAT(name, HasSubstr("G" + std::to_string(gate) + ", "));
    EXPECT_THAT(name, Not(HasSubstr("g" + std::to_string(gate) + " ")));
  }
}

TEST(Words, SayNumbersTheBritishWay) {
  EXPECT_EQ(Number(0), "0");
  EXPECT_EQ(Number(1234567), "1,234,567");
  EXPECT_EQ(Number(999.94), "999.9");
  EXPECT_EQ(Number(-18.25, 1), "\u221218.2");
  EXPECT_EQ(Number(-0.001, 1), "0");
  EXPECT_EQ(Number(100), "100");
  EXPECT_EQ(PValue(0.00004), "<\u00A00.001");
  EXPECT_EQ(LongDay(absl::CivilDay(2018, 6, 30)), "30 June 2018");
  EXPECT_EQ(SayMonths({absl::CivilMonth(2017, 1), absl::CivilMonth(2017, 1)}), "Jan 2017");
}

TEST(Words, NeverSayANumberForAFigureThatHasNone) {
  metrics::v1::Figure figure;
  EXPECT_EQ(Estimate(figure), "no data");
  figure.mutable_undefined()->set_reason(metrics::v1::Undefined::MISSING_PERIOD);
  EXPECT_EQ(Estimate(figure), "not defined: a month has no data");
  EXPECT_EQ(IntervalOf(figure), "");
  figure.mutable_suppressed()->set_rule(metrics::v1::Suppressed::BELOW_TEN);
  EXPECT_EQ(Estimate(figure), "withheld: below ten");
}

}  // namespace
}  // namespace holdfast::cli::report
