#include "observability/log.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "base/clock.h"

namespace holdfast::log {
namespace {

class StoppedClock final : public Clock {
 public:
  absl::Time Now() const override { return absl::FromUnixMillis(1'479'934'378'123) + passed; }
  absl::Duration SinceBoot() const override { return absl::Seconds(100) + passed; }
  absl::Duration passed;
};

class LogTest : public ::testing::Test {
 protected:
  StoppedClock clock_;
  std::vector<std::string> lines_;
  ScopedSink sink_{[this](std::string_view line) { lines_.emplace_back(line); }, clock_};
};

TEST_F(LogTest, WritesOneJsonLineOfTypedFields) {
  SetService("standalone");
  Warn("commit_voided", Context("initiative"), Partition(3), Offset(17), Reason("fenced"),
       Took(absl::Microseconds(1500)));
  ASSERT_EQ(lines_.size(), 1U);
  EXPECT_EQ(lines_[0],
            "{\"ts\":\"2016-11-23T20:52:58.123Z\",\"level\":\"warn\",\"service\":\"standalone\","
            "\"event\":\"commit_voided\",\"context\":\"initiative\",\"partition\":3,\"offset\":17,"
            "\"reason\":\"fenced\",\"ms\":1.500}\n");
}

TEST_F(LogTest, WritesNoFreeText) {
  Info("imported", Reason("Ada Example, 1 Mill Lane"), Tenant("west\"moor"),
       Method(std::string(500, 'a')));
  ASSERT_EQ(lines_.size(), 1U);
  EXPECT_NE(lines_[0].find("\"reason\":\"?\",\"tenant\":\"?\",\"method\":\"?\""), std::string::npos)
      << lines_[0];
}

TEST_F(LogTest, SuppressesWhatComesMoreThanTenTimesInASecond) {
  for (int i = 0; i < 50; ++i) Info("noisy");
  Info("quiet");
  ASSERT_EQ(lines_.size(), 12U);
  EXPECT_NE(lines_[10].find("\"event\":\"suppressed\",\"reason\":\"noisy\""), std::string::npos);
  EXPECT_NE(lines_[11].find("\"event\":\"quiet\""), std::string::npos);
  clock_.passed += absl::Seconds(1);
  Info("noisy");
  EXPECT_EQ(lines_.size(), 13U);
}

TEST_F(LogTest, WritesDebugLinesOnlyForTheTimeAskedFor) {
  Debug("decided");
  EXPECT_TRUE(lines_.empty());
  DebugFor(absl::Minutes(10));
  Debug("decided");
  EXPECT_EQ(lines_.size(), 1U);
  clock_.passed += absl::Minutes(10);
  Debug("decided");
  EXPECT_EQ(lines_.size(), 1U);
}

}  // namespace
}  // namespace holdfast::log
