#include "cli/capacity/plan.h"

#include <algorithm>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "journal/journal.h"

namespace holdfast::cli::capacity {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// A user brings one command a second at the peak.
constexpr Assumptions kSimple{.commands_a_user_day = 86'400, .peak_over_mean = 1};

Force Users(const std::string& slug, std::uint64_t users) {
  return {.slug = slug, .users = users};
}
Cluster Of(double rate) {
  return {.partitions = 4, .pods = 2, .partition_rate = rate, .pod_rate = 10 * rate};
}
// Slugs that the hash lays onto one partition of four.
std::vector<std::string> SlugsOn(std::uint32_t partition, std::size_t count) {
  std::vector<std::string> slugs;
  for (int i = 0; slugs.size() < count; ++i) {
    std::string slug = "force-" + std::to_string(i);
    if (journal::PartitionOf(slug, 4) == partition) slugs.push_back(std::move(slug));
  }
  return slugs;
}
Plan PlanOf(const std::vector<Force>& forces, const Cluster& cluster) {
  const auto plan = MakePlan(forces, kSimple, cluster);
  EXPECT_TRUE(plan.ok()) << plan.status();
  return plan.value_or(Plan());
}

TEST(CapacityPlan, CountsPeopleAtTheirPeakAndAMonthOfCrimesInAnHour) {
  const Force force{.slug = "westmoor", .crimes_a_year = 43'200, .users = 1'000};
  EXPECT_NEAR(PeakOf(force, {.import_hours = 1e9}), 3.47, 0.01);
  EXPECT_NEAR(PeakOf(force, {}), 3.47 + 1, 0.01);
}

TEST(CapacityPlan, PlacesAForceWhereTheHashOfItsSlugSays) {
  const Plan plan = PlanOf({Users("westmoor", 1), Users("eastvale", 1)}, Of(100));
  for (const Placed& placed : plan.forces) {
    EXPECT_EQ(placed.partition, journal::PartitionOf(placed.force.slug, 4));
    EXPECT_EQ(placed.pod, placed.partition % 2);
    EXPECT_EQ(placed.moved_to, placed.partition);
  }
  EXPECT_THAT(plan.faults, IsEmpty());
}

TEST(CapacityPlan, SaysWhatIsLeftOfTheFullestPartition) {
  const std::vector<std::string> slugs = SlugsOn(3, 2);
  const Plan plan = PlanOf({Users(slugs[0], 30), Users(slugs[1], 30)}, Of(100));
  EXPECT_DOUBLE_EQ(plan.headroom, 0.4);
  EXPECT_DOUBLE_EQ(plan.forces[0].partition_headroom, 0.4);
  EXPECT_DOUBLE_EQ(plan.peak, 60);
}

TEST(CapacityPlan, MovesAForceWhereAPartitionHasTooLittleLeft) {
  const std::vector<std::string> slugs = SlugsOn(3, 2);
  const Plan plan = PlanOf({Users(slugs[0], 50), Users(slugs[1], 40)}, Of(100));
  ASSERT_EQ(plan.faults.size(), 1U);
  EXPECT_THAT(plan.faults[0], HasSubstr("headroom is 10 %, and 30 % is wanted"));
  EXPECT_EQ(std::ranges::count_if(plan.forces,
                                  [](const Placed& one) { return one.moved_to != one.partition; }),
            1);
  EXPECT_GE(plan.headroom_after_moves, 0.3);
}

TEST(CapacityPlan, SaysThatNoMoveHelpsAForceLargerThanAPartition) {
  const Plan plan = PlanOf({Users("westmoor", 120)}, Of(100));
  ASSERT_EQ(plan.faults.size(), 2U);
  EXPECT_THAT(plan.faults[0], HasSubstr("westmoor"));
  EXPECT_EQ(plan.forces[0].moved_to, plan.forces[0].partition);
}

TEST(CapacityPlan, LeavesRoomForThePartitionsOfAPodThatHasEnded) {
  Cluster cluster = Of(1'000);
  cluster.pod_rate = 100;
  const Plan plan = PlanOf({Users(SlugsOn(0, 1)[0], 40), Users(SlugsOn(1, 1)[0], 40)}, cluster);
  EXPECT_NEAR(plan.headroom, 0.2, 1e-9) << "either pod may have both";
}

TEST(CapacityPlan, RefusesWhatCannotBePlanned) {
  EXPECT_FALSE(MakePlan({}, {}, Of(1)).ok());
  EXPECT_FALSE(MakePlan({Users("a", 1)}, {}, Of(0)).ok());
  EXPECT_THAT(MakePlan({Users("a", 1), Users("a", 1)}, {}, Of(1)).status().message(),
              HasSubstr("force a is given twice"));
}

TEST(CapacityForces, TakesEachOfficerForAUserWhereNothingElseIsSaid) {
  const auto forces = ReadForces(
      "slug,officers,crimes_a_year,users\nwestmoor,900,40000,\neastvale,10,20,30\n", "forces.csv");
  ASSERT_TRUE(forces.ok()) << forces.status();
  ASSERT_EQ(forces->size(), 2U);
  EXPECT_EQ((*forces)[0].users, 900U);
  EXPECT_EQ((*forces)[1].users, 30U);
}

TEST(CapacityForces, NamesLineAndColumnOfAFault) {
  const auto message = [](const std::string& csv) {
    return std::string(ReadForces(csv, "forces.csv").status().message());
  };
  EXPECT_THAT(message("name,size\n"), HasSubstr("line 1: the columns must be slug,"));
  const std::string header = "slug,officers,crimes_a_year,users\n";
  EXPECT_THAT(message(header + "westmoor,many,1,\n"), HasSubstr("line 2: officers must be"));
  EXPECT_THAT(message(header + "westmoor,1\n"), HasSubstr("a row has 4 fields"));
  EXPECT_THAT(message(header + ",1,1,\n"), HasSubstr("slug must be given"));
  EXPECT_THAT(message(""), HasSubstr("is empty"));
}

TEST(CapacityRate, IsThatOfTheMostBrokersWith64InFlight) {
  const auto rate = PartitionRateOf(R"({"machine": "2 cores", "rows": [
      {"scenario": "E8", "path": "commands on 1 broker, 64 in flight", "ours": 9000},
      {"scenario": "E8", "path": "commands on 3 brokers, 64 in flight", "ours": 5000.5},
      {"scenario": "E8", "path": "commands on 3 brokers, 1000 in flight", "ours": 20000},
      {"scenario": "E1", "path": "commands in process, 64 in flight", "ours": 90000}]})");
  ASSERT_TRUE(rate.ok()) << rate.status();
  EXPECT_DOUBLE_EQ(*rate, 5'000.5);
}

TEST(CapacityRate, IsNoneWhereItWasNotMeasured) {
  const auto message = [](const std::string& json) {
    return std::string(PartitionRateOf(json).status().message());
  };
  EXPECT_THAT(message("{]"), HasSubstr("is no JSON"));
  EXPECT_THAT(message(R"({"rows": []})"), HasSubstr("./dev bench E8"));
  EXPECT_THAT(message(R"({"rows": [{"scenario": "E8", "path": "x", "skipped": "why"}]})"),
              HasSubstr("./dev bench E8"));
}

}  // namespace
}  // namespace holdfast::cli::capacity
