// The partition's actor over a real broker. Where there is none, one test says so and is skipped.
#include <memory>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/synchronization/notification.h"
#include "base/error.h"
#include "eventsourcing/kafka_actor_fixtures.h"

namespace holdfast::eventsourcing {
namespace {

using ::testing::Each;
using ::testing::HasSubstr;

TEST_F(KafkaActor, HasABrokerOnThisMachine) {
  if (testing::KafkaBroker::Get() == nullptr)
    GTEST_SKIP() << "skipped: there is no broker here; ./dev test kafka fetches one";
  EXPECT_THAT(testing::KafkaBroker::Get()->bootstrap(), HasSubstr("127.0.0.1:"));
}

TEST_F(KafkaActor, FindsTheSameHeadsAfterItAndTheBrokerWereStartedAgain) {
  auto process = Start(Store());
  EXPECT_THAT(RegisterTools(*process, 0, 100), Each(absl::StatusCode::kOk));
  const std::vector<journal::TenantHead> heads = process->Heads();
  for (const journal::TenantHead& head : heads) EXPECT_EQ(head.seq, 100U);
  EXPECT_EQ(HeadsOfTheLog(process->journal()), heads);

  process.reset();
  process = Start(Store());
  EXPECT_EQ(process->Heads(), heads) << "from the states that it kept";
  EXPECT_TRUE(process->Call(Register("westmoor", 7))->repeated());

  process.reset();
  testing::KafkaBroker::Get()->Stop();
  testing::KafkaBroker::Get()->StartAgain();
  process = Start(std::make_unique<MemoryStateStore>());
  EXPECT_EQ(process->Heads(), heads) << "from the journal alone";
  EXPECT_TRUE(process->Call(Register("westmoor", 7))->repeated());
  EXPECT_THAT(RegisterTools(*process, 100, 10), Each(absl::StatusCode::kOk));
  EXPECT_EQ(HeadsOfTheLog(process->journal()), process->Heads());
}

TEST_F(KafkaActor, TakesEachCommandOnceWhileTheBrokerIsStartedAgain) {
  constexpr std::uint16_t kCommands = 60;
  const auto process = Start(std::make_unique<MemoryStateStore>());
  for (std::uint16_t i = 0; i < kCommands; ++i) {
    absl::Notification answered;  // of a command that is in flight while there is no broker
    if (i == kCommands / 2) {
      testing::KafkaBroker::Get()->Stop();
      process->Submit(Register("westmoor", i), [&](const CommandAnswer&) { answered.Notify(); });
      testing::KafkaBroker::Get()->StartAgain();
      answered.WaitForNotification();
    }
    const CommandAnswer answer = process->Insist("westmoor", i);
    EXPECT_TRUE(answer.ok()) << answer.status();
  }
  const auto heads = process->Heads();
  EXPECT_EQ(heads.front().seq, kCommands);
  EXPECT_EQ(HeadsOfTheLog(process->journal()), heads);
}

TEST_F(KafkaActor, StepsDownWhenAnotherProcessTakesOver) {
  const auto first = Start(std::make_unique<MemoryStateStore>());
  EXPECT_THAT(RegisterTools(*first, 0, 5), Each(absl::StatusCode::kOk));
  first->ownership().may_take_over = false;
  const auto second = Start(std::make_unique<MemoryStateStore>());
  EXPECT_THAT(RegisterTools(*second, 5, 5), Each(absl::StatusCode::kOk));
  first->Await(Phase::kFollowing);
  EXPECT_EQ(ReasonOf(first->Call(Register("westmoor", 20)).status()), "NOT_OWNER");
  EXPECT_TRUE(Eventually([&] { return first->Heads() == second->Heads(); }));
  EXPECT_EQ(HeadsOfTheLog(first->journal()), second->Heads());
}

TEST_F(KafkaActor, FreezesAtARecordThatIsNoCommit) {
  const auto process = Start(std::make_unique<MemoryStateStore>());
  EXPECT_THAT(RegisterTools(*process, 0, 1), Each(absl::StatusCode::kOk));
  const auto stranger = *process->journal().OpenWriter(OnlyPartition());
  stranger->Append("no commit", [](const absl::StatusOr<journal::Offset>&) {});
  process->Await(Phase::kFrozen);
  const absl::Status refused = process->Call(Register("westmoor", 20)).status();
  EXPECT_TRUE(absl::IsDataLoss(refused)) << refused;
  EXPECT_EQ(ReasonOf(refused), "PARTITION_FROZEN");
}

}  // namespace
}  // namespace holdfast::eventsourcing

int main(int argc, char** argv) {
  testing::InitGoogleMock(&argc, argv);
  return holdfast::testing::KafkaBroker::RunAllTests("KafkaActor.HasABrokerOnThisMachine");
}
