#include "journal/topic_registry.h"

#include <string>
#include <vector>

#include "holdfast/config/v1/kafka.pb.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace holdfast::journal {
namespace {

using ::testing::ElementsAre;
using ::testing::Pair;

constexpr char kRegistry[] = R"({
  "contexts": ["initiative", "metrics"],
  "topics": [
    {"name": "holdfast.journal.<context>", "partitions": 24, "partitionsFixed": true,
     "replication": 3, "settings": [{"name": "min.insync.replicas", "value": "2"},
                                    {"name": "retention.ms", "value": "-1"}]},
    {"name": "holdfast.control", "partitions": 1, "replication": 3},
    {"name": "holdfast.<tenant>.<context>.v1", "partitions": 3, "replication": 3}
  ]})";

std::vector<std::string> Names(const std::vector<WantedTopic>& topics) {
  std::vector<std::string> names;
  for (const WantedTopic& topic : topics) names.push_back(topic.name);
  return names;
}

TEST(TopicRegistry, HasATopicForEachContextAndOfEachTenantThatIsNamed) {
  const auto registry = ReadTopicRegistry(kRegistry);
  ASSERT_TRUE(registry.ok()) << registry.status();
  EXPECT_THAT(
      Names(WantedTopics(*registry, {})),
      ElementsAre("holdfast.journal.initiative", "holdfast.journal.metrics", "holdfast.control"));
  TopicScope scope;
  scope.tenants = {"westmoor"};
  EXPECT_THAT(
      Names(WantedTopics(*registry, scope)),
      ElementsAre("holdfast.journal.initiative", "holdfast.journal.metrics", "holdfast.control",
                  "holdfast.westmoor.initiative.v1", "holdfast.westmoor.metrics.v1"));
}

TEST(TopicRegistry, TakesTheNumbersOfASmallCluster) {
  const auto registry = ReadTopicRegistry(kRegistry);
  ASSERT_TRUE(registry.ok()) << registry.status();
  const auto wanted = WantedTopics(*registry, {{}, 4, 1});
  EXPECT_EQ(wanted[0].partitions, 4);
  EXPECT_EQ(wanted[0].replication, 1);
  EXPECT_THAT(wanted[0].settings,
              ElementsAre(Pair("min.insync.replicas", "1"), Pair("retention.ms", "-1")));
  EXPECT_EQ(wanted[2].partitions, 1) << "only journals have a number of their own";
}

TEST(TopicRegistry, RefusesWhatIsNone) {
  for (const char* text :
       {"", "[]", "{}", R"({"contexts":["a"]})", R"({"topics":[{"nam":"a"}]})"}) {
    EXPECT_EQ(ReadTopicRegistry(text).status().code(), absl::StatusCode::kInvalidArgument) << text;
  }
}

}  // namespace
}  // namespace holdfast::journal
