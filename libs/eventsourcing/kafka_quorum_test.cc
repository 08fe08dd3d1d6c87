// The partition's actor over three real brokers that are killed. Where there are none, one test
// says so and is skipped.
#include <memory>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "eventsourcing/kafka_actor_fixtures.h"

namespace holdfast::eventsourcing {
namespace {

using ::testing::Each;

class KafkaQuorum : public KafkaActor {};

TEST_F(KafkaQuorum, StandsOnThisMachine) {
  if (testing::KafkaBroker::Get() == nullptr)
    GTEST_SKIP() << "skipped: there is no broker here; ./dev test kafka fetches one";
  EXPECT_EQ(testing::KafkaBroker::Get()->nodes(), 3);
}

TEST_F(KafkaQuorum, TakesEachCommandOnceWhileEachNodeIsKilledInTurn) {
  constexpr std::uint16_t kBetween = 20;
  auto process = Start(std::make_unique<MemoryStateStore>());
  std::uint16_t number = 0;
  const auto insist = [&](std::uint16_t until) {
    for (; number < until; ++number) {
      const CommandAnswer answer = process->Insist("westmoor", number);
      EXPECT_TRUE(answer.ok()) << number << ": " << answer.status();
    }
  };
  for (int node = 1; node <= 3; ++node) {
    testing::KafkaBroker::Get()->Kill(node);
    insist(static_cast<std::uint16_t>(number + kBetween));
    testing::KafkaBroker::Get()->StartAgain();
    insist(static_cast<std::uint16_t>(number + kBetween));
  }
  const auto heads = process->Heads();
  EXPECT_EQ(heads.front().seq, number);
  EXPECT_EQ(HeadsOfTheLog(process->journal()), heads);
  process.reset();
  process = Start(std::make_unique<MemoryStateStore>());
  EXPECT_EQ(process->Heads(), heads);
  EXPECT_THAT(RegisterTools(*process, number, 5), Each(absl::StatusCode::kOk));
}

}  // namespace
}  // namespace holdfast::eventsourcing

int main(int argc, char** argv) {
  testing::InitGoogleMock(&argc, argv);
  return holdfast::testing::KafkaBroker::RunAllTests("KafkaQuorum.StandsOnThisMachine", 3);
}
