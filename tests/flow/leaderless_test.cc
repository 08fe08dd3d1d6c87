// A partition whose only copy lies on a broker that is gone, while the other brokers are there: its
// tenants wait, the others work on. Label grpc.
#include <cstdint>
#include <cstdlib>
#include <map>
#include <set>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "deployment_house.h"
#include "journal/journal.h"
#include "load.h"
#include "testing/kafka_broker.h"

namespace holdfast::flow {
namespace {

using ::testing::IsEmpty;
using testing::KafkaBroker;

// The broker that leads each partition of a topic.
std::map<std::uint32_t, int> LeadersOf(const std::string& topic) {
  const std::string said =
      KafkaBroker::RunTool("org.apache.kafka.tools.TopicCommand",
                           absl::StrCat("--describe --topic ", topic, " --bootstrap-server ",
                                        KafkaBroker::Get()->bootstrap()));
  std::map<std::uint32_t, int> leaders;
  const std::string partition = "Partition: ";
  const std::string leader = "Leader: ";
  for (std::size_t at = 0; (at = said.find(partition, at)) != std::string::npos; ++at) {
    const std::size_t by = said.find(leader, at);
    if (by == std::string::npos) break;
    leaders[static_cast<std::uint32_t>(std::atoi(said.c_str() + at + partition.size()))] =
        std::atoi(said.c_str() + by + leader.size());
  }
  return leaders;
}

// A broker without the control topic, that leads the partition of one of the tenants and not that
// of another.
struct Victim {
  int broker = 0;
  std::string waits;
  std::string goes_on;
};

Victim Choose(const std::set<std::string>& tenants) {
  const std::map<std::uint32_t, int> leaders = LeadersOf("holdfast.journal.initiative");
  const int control = LeadersOf("holdfast.control")[0];
  const auto leader_of = [&](const std::string& tenant) {
    return leaders.at(journal::PartitionOf(tenant, DeploymentHouse::kPartitions));
  };
  for (const std::string& waits : tenants) {
    for (const std::string& goes_on : tenants) {
      const int broker = leader_of(waits);
      if (broker != control && leader_of(goes_on) != broker) return {broker, waits, goes_on};
    }
  }
  return {};
}

TEST(APartitionWithoutALeader, WaitsAndLosesNothingAndOthersGoOn) {
  if (KafkaBroker::Get() == nullptr) GTEST_SKIP() << "skipped: there is no broker here";
  DeploymentHouse house("leaderless", *KafkaBroker::Get(), 1);
  ASSERT_TRUE(house.Open());
  const Victim victim = Choose({"westmoor", "eastvale", "sandbox"});
  if (victim.broker == 0)
    GTEST_SKIP() << "skipped: all tenants, or the control topic, are led by one broker";
  Load waits(ThroughDoors(house.doors()), {victim.waits}, 2);
  Load goes_on(ThroughDoors(house.doors()), {victim.goes_on}, 1);
  waits.AwaitMore(20);
  goes_on.AwaitMore(20);
  KafkaBroker::Get()->Kill(victim.broker);
  goes_on.AwaitMore(100);
  KafkaBroker::Get()->StartAgain();
  waits.AwaitMore(20);
  waits.Stop();
  goes_on.Stop();
  std::printf("[ leaderless ] longest command %s there, %s elsewhere\n",
              absl::FormatDuration(waits.record().longest).c_str(),
              absl::FormatDuration(goes_on.record().longest).c_str());
  LoadRecord record = waits.record();
  record.Add(goes_on.record());
  EXPECT_THAT(house.Violations(record), IsEmpty());
}

}  // namespace
}  // namespace holdfast::flow

int main(int argc, char** argv) {
  testing::InitGoogleMock(&argc, argv);
  return holdfast::testing::KafkaBroker::RunAllTests(
      "APartitionWithoutALeader.WaitsAndLosesNothingAndOthersGoOn", 3);
}
