#include "eventsourcing/command_window.h"

#include <map>
#include <string>
#include <vector>

#include "base/random.h"
#include "gtest/gtest.h"

namespace holdfast::eventsourcing {
namespace {

constexpr char kTenant[] = "westmoor";
const absl::Time kMonday = absl::FromUnixSeconds(1'772'445'600);

FirstReceipt Receipt(std::uint64_t seq, absl::Time at = kMonday) {
  FirstReceipt receipt;
  receipt.seq = seq;
  receipt.version = seq + 100;
  receipt.recorded_at = at;
  receipt.stream = "tool/d";
  receipt.warnings = {"LONG_LOAN"};
  return receipt;
}

class CommandWindowTest : public testing::Test {
 protected:
  Uuid Accepted(std::uint64_t seq, absl::Time at = kMonday) {
    const Uuid id = NewUuidV4(random_);
    window_.Add(id, Receipt(seq, at), 0);
    return id;
  }
  void Flush(std::uint64_t accepted_seq, absl::Time at = kMonday) {
    ASSERT_TRUE(window_.Put(store_, kTenant, accepted_seq, at).ok());
    ASSERT_TRUE(store_.Commit().ok());
    window_.Written();
  }
  // 0: not remembered.
  std::uint64_t SeqOf(const Uuid& id) {
    const auto found = window_.Find(store_, kTenant, id);
    EXPECT_TRUE(found.ok()) << found.status();
    return found.ok() && *found != nullptr ? (*found)->receipt.seq : 0;
  }

  SeededRandom random_{7};
  MemoryStateStore store_;
  CommandWindow window_;
};

TEST_F(CommandWindowTest, RemembersWhatIsInFlightAcceptedAndStored) {
  const Uuid stored = Accepted(1);
  Flush(1);
  const Uuid accepted = Accepted(2);
  const Uuid in_flight = NewUuidV4(random_);
  window_.Add(in_flight, Receipt(3), 9);
  EXPECT_EQ(SeqOf(stored), 1U);
  EXPECT_EQ(SeqOf(accepted), 2U);
  EXPECT_EQ(SeqOf(in_flight), 3U);
  EXPECT_EQ((*window_.Find(store_, kTenant, in_flight))->ticket, 9U);
  EXPECT_EQ(SeqOf(NewUuidV4(random_)), 0U);
}

TEST_F(CommandWindowTest, AnswersTheWholeFirstReceiptFromTheStore) {
  const Uuid id = Accepted(1);
  Accepted(2);
  Flush(2);
  EXPECT_EQ((*window_.Find(store_, kTenant, id))->receipt, Receipt(1));
}

TEST_F(CommandWindowTest, RemembersAfterARestartWhatTheStoreHolds) {
  std::map<Uuid, std::uint64_t> ids;
  for (std::uint64_t seq = 1; seq <= 3'000; ++seq) {
    ids[Accepted(seq)] = seq;
    if (seq % 700 == 0) Flush(seq);
  }
  window_ = CommandWindow();
  // A reaction is added before anyone asks for an id.
  const std::uint64_t reaction = window_.Add(NewUuidV4(random_), Receipt(2'801), 1);
  for (const auto& [id, seq] : ids) ASSERT_EQ(SeqOf(id), seq <= 2'800 ? seq : 0);
  EXPECT_EQ(window_.At(reaction).receipt.seq, 2'801U);
}

TEST_F(CommandWindowTest, ForgetsWhatNeverWasAccepted) {
  const Uuid accepted = Accepted(1);
  const Uuid lost = NewUuidV4(random_);
  window_.Add(lost, Receipt(2), 1);
  window_.DropInFlight();
  EXPECT_EQ(SeqOf(lost), 0U);
  window_.Add(lost, Receipt(2), 2);  // asked again
  EXPECT_EQ(SeqOf(lost), 2U);
  EXPECT_EQ(SeqOf(accepted), 1U);
}

TEST_F(CommandWindowTest, WritesNothingThatIsInFlight) {
  const Uuid accepted = Accepted(1);
  const Uuid in_flight = NewUuidV4(random_);
  const std::uint64_t command = window_.Add(in_flight, Receipt(2), 1);
  Flush(1);
  CommandWindow restarted;
  ASSERT_EQ(*restarted.Find(store_, kTenant, in_flight), nullptr);
  ASSERT_NE(*restarted.Find(store_, kTenant, accepted), nullptr);
  window_.Accept(command);
  Flush(2);
  CommandWindow again;
  EXPECT_NE(*again.Find(store_, kTenant, in_flight), nullptr);
}

TEST_F(CommandWindowTest, KeepsAVoidCommandOutOfTheStore) {
  const Uuid id = NewUuidV4(random_);
  const std::uint64_t command = window_.Add(id, Receipt(1), 1);
  const Uuid next = Accepted(1);
  window_.Drop(command);
  Flush(1);
  window_ = CommandWindow();
  EXPECT_EQ(SeqOf(id), 0U);
  EXPECT_EQ(SeqOf(next), 1U);
}

TEST_F(CommandWindowTest, WritesAgainWhatACommitLost) {
  const Uuid first = Accepted(1);
  ASSERT_TRUE(window_.Put(store_, kTenant, 1, kMonday).ok());
  ASSERT_TRUE(store_.Clear().ok());  // the puts are gone, Written was not called
  const Uuid second = Accepted(2);
  Flush(2);
  window_ = CommandWindow();
  EXPECT_EQ(SeqOf(first), 1U);
  EXPECT_EQ(SeqOf(second), 2U);
}

TEST_F(CommandWindowTest, LetsAChunkGoThatIsOldInBothWays) {
  const absl::Time later = kMonday + kDedupeAge;
  const Uuid old = Accepted(1);
  Flush(1);
  const Uuid young = Accepted(2);
  Flush(2);
  Accepted(kDedupeCommands, later);
  Flush(kDedupeCommands, later);
  EXPECT_EQ(SeqOf(old), 1U) << "old, but within the number of commands";
  Accepted(kDedupeCommands + 2, kMonday);
  Flush(kDedupeCommands + 2, kMonday);
  EXPECT_EQ(SeqOf(old), 1U) << "many commands ago, but young";
  Accepted(kDedupeCommands + 3, later);
  Flush(kDedupeCommands + 3, later);
  EXPECT_EQ(SeqOf(old), 0U);
  EXPECT_EQ(SeqOf(young), 2U);
  window_ = CommandWindow();
  EXPECT_EQ(SeqOf(old), 0U);
  EXPECT_EQ(SeqOf(young), 2U);
}

TEST_F(CommandWindowTest, CostsAFewBytesForEachCommand) {
  for (std::uint64_t seq = 1; seq <= 100'000; ++seq) {
    Accepted(seq);
    if (seq % 2'000 == 0) Flush(seq);
  }
  EXPECT_LE(window_.index_bytes(), 100'000U * 24U);
}

TEST_F(CommandWindowTest, RefusesAStoreThatItCannotRead) {
  store_.Put(layout::WindowKey(kTenant, 1), "short");
  ASSERT_TRUE(store_.Commit().ok());
  EXPECT_TRUE(absl::IsUnavailable(window_.Find(store_, kTenant, Uuid{}).status()));
}

}  // namespace
}  // namespace holdfast::eventsourcing
