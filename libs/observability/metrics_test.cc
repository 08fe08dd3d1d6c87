#include "observability/metrics.h"

#include <set>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace holdfast::metrics {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(Metrics, ChildrenOfAContextStandAtZeroBeforeAnythingHappens) {
  Registry registry;
  EXPECT_THAT(registry.Text(), Not(HasSubstr("context=\"initiative\"")));
  registry.Prepare("initiative", 2);
  const std::string text = registry.Text();
  EXPECT_THAT(text,
              HasSubstr("holdfast_commit_void_total{context=\"initiative\",why=\"fenced\"} 0"));
  EXPECT_THAT(text, HasSubstr("holdfast_command_seconds_count{context=\"initiative\",outcome="
                              "\"unavailable\"} 0"));
  EXPECT_THAT(text,
              HasSubstr("holdfast_partition_frozen{context=\"initiative\",partition=\"1\"} 0"));
  EXPECT_THAT(text, HasSubstr("holdfast_fsync_seconds_count 0"));
}

TEST(Metrics, AHandleCountsInItsChild) {
  Registry registry;
  const Counter voided = registry.GetCounter(kCommitVoid, {"metrics", "conflict"});
  voided.Increment();
  registry.GetCounter(kCommitVoid, {"metrics", "conflict"}).Increment(2);
  registry.GetHistogram(kFsyncSeconds).Observe(absl::Milliseconds(3));
  registry.GetGauge(kReady).Set(1);
  const std::string text = registry.Text();
  EXPECT_THAT(text,
              HasSubstr("holdfast_commit_void_total{context=\"metrics\",why=\"conflict\"} 3"));
  EXPECT_THAT(text, HasSubstr("holdfast_fsync_seconds_bucket{le=\"0.005\"} 1"));
  EXPECT_THAT(text, HasSubstr("holdfast_fsync_seconds_bucket{le=\"0.001\"} 0"));
  EXPECT_THAT(text, HasSubstr("holdfast_ready 1"));
}

TEST(Metrics, NothingLongOrStrangeBecomesALabel) {
  Registry registry;
  registry.GetCounter(kCommandRefused, {"metrics", "Ada Example"}).Increment();
  registry.GetCounter(kCommandRefused, {"metrics", std::string(101, 'A')}).Increment();
  const std::string text = registry.Text();
  EXPECT_THAT(text, Not(HasSubstr("Ada")));
  EXPECT_THAT(text,
              HasSubstr("holdfast_command_refused_total{context=\"metrics\",reason=\"_other\"} 2"));
}

TEST(Metrics, TheHundredAndFirstTenantIsCountedWithTheOthers) {
  Registry registry;
  for (int i = 0; i < 102; ++i)
    registry.GetGauge(kQuotaUsedRatio, {"tenant-" + std::to_string(i)}).Set(0.5);
  const std::string text = registry.Text();
  EXPECT_THAT(text, HasSubstr("tenant=\"tenant-99\""));
  EXPECT_THAT(text, Not(HasSubstr("tenant=\"tenant-100\"")));
  EXPECT_THAT(text, HasSubstr("holdfast_quota_used_ratio{tenant=\"_other\"} 0.5"));
}

TEST(Metrics, TooManySeriesAreRefusedAndCounted) {
  Registry registry(200);
  for (int i = 0; i < 300; ++i)
    registry.GetCounter(kPolicyDenied, {"rule" + std::to_string(i)}).Increment();
  const std::string text = registry.Text();
  EXPECT_THAT(text, Not(HasSubstr("rule299")));
  EXPECT_THAT(text, Not(HasSubstr("holdfast_series_dropped_total 0")));
}

TEST(Metrics, AReadingIsTakenWhenThePageIsMadeAndNeverAfterItsOwner) {
  Registry registry;
  double value = 7;
  auto reading = registry.Read(kTenantsFrozen, {"metrics"}, [&value] { return value; });
  EXPECT_THAT(registry.Text(), HasSubstr("holdfast_tenants_frozen{context=\"metrics\"} 7"));
  value = 8;
  reading.reset();
  EXPECT_THAT(registry.Text(), HasSubstr("holdfast_tenants_frozen{context=\"metrics\"} 7"));
}

TEST(Metrics, EveryFamilyHasHelpAndANameOfItsKind) {
  std::set<std::string_view> names;
  for (const Family* family : AllFamilies()) {
    EXPECT_TRUE(names.insert(family->name).second) << family->name;
    EXPECT_TRUE(family->help.ends_with(".")) << family->name;
    EXPECT_EQ(family->kind == Kind::kCounter, family->name.ends_with("_total")) << family->name;
    EXPECT_EQ(family->kind == Kind::kHistogram, !BoundsOf(family->buckets).empty()) << family->name;
    for (const Label& label : family->labels) {
      EXPECT_EQ(label.key == Key::kNone, NameOf(label.key).empty());
    }
  }
}

TEST(Metrics, TheProcessMeasuresItself) {
  const std::string text = Process().Text();
  EXPECT_THAT(text, HasSubstr("process_resident_memory_bytes"));
  EXPECT_THAT(text, Not(HasSubstr("process_resident_memory_bytes 0\n")));
  EXPECT_THAT(text, Not(HasSubstr("process_open_fds 0\n")));
}

}  // namespace
}  // namespace holdfast::metrics
