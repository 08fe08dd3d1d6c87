// Topics that are no journal, on a real broker.
#include "journal/topic_client.h"

#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "journal/topic_registry.h"
#include "testing/kafka_broker.h"

namespace holdfast::journal {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Pair;

constexpr absl::Duration kLimit = absl::Seconds(30);

const std::string& Bootstrap() {
  return testing::KafkaBroker::Get()->bootstrap();
}

std::string FreshTopic(std::uint32_t partitions, const std::string& cleanup = "delete") {
  static int number = 0;
  WantedTopic topic;
  topic.name = absl::StrCat("topic-client-", ++number);
  topic.partitions = partitions;
  topic.replication = 1;
  topic.settings = {{"cleanup.policy", cleanup}};
  EXPECT_TRUE(MakeMissingTopics(Bootstrap(), {topic}, kLimit).ok());
  EXPECT_TRUE(RequireTopics(Bootstrap(), {topic.name}, kLimit).ok());
  return topic.name;
}

void SendAll(const std::string& topic, const std::vector<TopicRecord>& records) {
  TopicSenderOptions options;
  options.bootstrap = Bootstrap();
  auto sender = OpenTopicSender(options);
  ASSERT_TRUE(sender.ok()) << sender.status();
  for (const TopicRecord& record : records) {
    const absl::Status sent = (*sender)->Send(topic, record);
    ASSERT_TRUE(sent.ok()) << sent;
  }
  const absl::Status confirmed = (*sender)->AwaitConfirmed(kLimit);
  ASSERT_TRUE(confirmed.ok()) << confirmed;
}

std::unique_ptr<TopicReceiver> Join(const std::string& topic, const std::string& member) {
  auto receiver = OpenTopicReceiver({Bootstrap(), topic, topic + "-group", member});
  EXPECT_TRUE(receiver.ok()) << receiver.status();
  return receiver.ok() ? *std::move(receiver) : nullptr;
}

std::vector<ReceivedRecord> Take(TopicReceiver& receiver, std::size_t count) {
  std::vector<ReceivedRecord> taken;
  const absl::Time until = absl::Now() + absl::Minutes(1);
  while (taken.size() < count && absl::Now() < until) {
    auto received = receiver.Receive(absl::Milliseconds(200));
    EXPECT_TRUE(received.ok()) << received.status();
    if (!received.ok()) break;
    if (*received) taken.push_back(**std::move(received));
  }
  EXPECT_EQ(taken.size(), count);
  return taken;
}

TEST(TopicClient, KeepsKeyValueAndHeadersAsTheyAre) {
  const std::string topic = FreshTopic(1);
  const std::vector<TopicRecord> records = {
      {"key", std::string("a\0b", 3), {{"one", "1"}, {"one", "again"}, {"none", std::nullopt}}},
      {std::nullopt, "", {}},
      {"gone", std::nullopt, {{"empty", ""}}},
  };
  SendAll(topic, records);
  const auto receiver = Join(topic, "member");
  const std::vector<ReceivedRecord> taken = Take(*receiver, records.size());
  for (std::size_t i = 0; i < taken.size(); ++i) {
    EXPECT_EQ(taken[i].record, records[i]) << i;
    EXPECT_EQ(taken[i].topic, topic);
    EXPECT_EQ(taken[i].offset, static_cast<std::int64_t>(i));
  }
}

TEST(TopicClient, GivesAgainWhatWasNotAcknowledged) {
  const std::string topic = FreshTopic(1);
  SendAll(topic, {{"k", "0", {}}, {"k", "1", {}}, {"k", "2", {}}});
  {
    const auto receiver = Join(topic, "member");
    const std::vector<ReceivedRecord> taken = Take(*receiver, 2);
    ASSERT_TRUE(receiver->Acknowledge(taken.front()).ok());
  }
  const auto again = Join(topic, "member");
  const std::vector<ReceivedRecord> taken = Take(*again, 2);
  EXPECT_EQ(taken.front().record.value, "1");
}

TEST(TopicClient, ChoosesThePartitionByTheKey) {
  const std::string topic = FreshTopic(3);
  SendAll(topic, {{"site/a", "x", {}}, {"site/a", "y", {}}, {"site/b", "z", {}}});
  const auto receiver = Join(topic, "member");
  std::set<std::pair<std::string, std::int32_t>> places;
  for (const ReceivedRecord& received : Take(*receiver, 3)) {
    places.insert({*received.record.key, received.partition});
  }
  EXPECT_EQ(places.size(), 2) << "one partition for each key";
}

TEST(TopicClient, ReadsTheNewestOfEachKey) {
  const std::string topic = FreshTopic(1, "compact");
  const auto empty = ReadCompactedTopic(Bootstrap(), topic, kLimit);
  ASSERT_TRUE(empty.ok()) << empty.status();
  EXPECT_TRUE(empty->empty());
  SendAll(topic, {{"a", "1", {}}, {"b", "1", {}}, {"a", "2", {}}, {"b", std::nullopt, {}}});
  const auto newest = ReadCompactedTopic(Bootstrap(), topic, kLimit);
  ASSERT_TRUE(newest.ok()) << newest.status();
  EXPECT_THAT(*newest, ElementsAre(Pair("a", "2")));
}

TEST(TopicClient, NamesATopicThatIsNotThereAndHowItIsMade) {
  const absl::Status missing =
      RequireTopics(Bootstrap(), {"holdfast.none.initiative.v1"}, absl::Milliseconds(500));
  EXPECT_EQ(missing.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(missing.message()), HasSubstr("holdfast.none.initiative.v1"));
  EXPECT_THAT(std::string(missing.message()), HasSubstr("kafka topics apply"));
}

}  // namespace
}  // namespace holdfast::journal
