#include "eventsourcing/heartbeats.h"

#include <memory>
#include <string>
#include <vector>

#include "base/executor.h"
#include "base/random.h"
#include "base/uuid.h"
#include "gtest/gtest.h"
#include "testing/virtual_time.h"

namespace holdfast::eventsourcing {
namespace {

using journal::PartitionId;
using journal::WriterId;

// Carries a word to everybody at once, or to nobody.
class Room {
 public:
  class Channel final : public journal::ControlChannel {
   public:
    explicit Channel(Room& room) : room_(room) {}
    ~Channel() override { std::erase(room_.members_, this); }
    void Send(std::string message) override {
      if (!room_.carries) return;
      for (Channel* member : room_.members_) {
        member->heard_(message);
      }
    }
    void Listen(Heard heard) override {
      heard_ = std::move(heard);
      room_.members_.push_back(this);
    }

   private:
    Room& room_;
    Heard heard_;
  };
  bool carries = true;

 private:
  std::vector<Channel*> members_;
};

WriterId Writer(std::uint64_t epoch, char first) {
  WriterId writer{epoch, {}};
  writer.instance[0] = static_cast<std::uint8_t>(first);
  return writer;
}

class HeartbeatsTest : public ::testing::Test {
 protected:
  struct Member {
    std::shared_ptr<Room::Channel> channel;
    std::unique_ptr<Heartbeats> heartbeats;
    std::unique_ptr<Ownership> seat;
  };
  std::unique_ptr<Member> Join(std::uint32_t ordinal) {
    auto member = std::make_unique<Member>();
    member->channel = std::make_shared<Room::Channel>(room_);
    HeartbeatOptions options;
    options.channel = member->channel;
    options.clock = &time_;
    options.executor = strand_.get();
    options.random = &random_;
    options.ordinal = ordinal;
    options.replicas = 2;
    options.address = "127.0.0.1:" + std::to_string(9000 + ordinal);
    member->heartbeats = std::make_unique<Heartbeats>(std::move(options));
    member->heartbeats->Start();
    member->seat = member->heartbeats->Of(partition_);
    time_.RunFor(absl::Milliseconds(10));
    return member;
  }

  const PartitionId partition_{"initiative", 0};  // prefers ordinal 0
  const WriterId nobody_;
  const WriterId first_ = Writer(1, 'a');
  const WriterId second_ = Writer(2, 'b');
  Room room_;
  testing::VirtualTime time_{7};
  std::unique_ptr<Executor> strand_ = time_.NewExecutor();
  SeededRandom random_{7};
};

TEST_F(HeartbeatsTest, GiveAnEmptyPartitionToTheInstanceThatItPrefers) {
  const auto preferred = Join(0);
  const auto standby = Join(1);
  EXPECT_FALSE(standby->seat->MayTakeOver(nobody_));
  EXPECT_TRUE(preferred->seat->MayTakeOver(nobody_));
  preferred->seat->Became(Role::kOwner, first_);
  EXPECT_TRUE(preferred->seat->Sure());
  EXPECT_EQ(standby->seat->AddressOf(first_), "127.0.0.1:9000");
}

TEST_F(HeartbeatsTest, LetNobodyReplaceAHolderWhileItBeatsAndTheStandbyOnceItIsSilent) {
  auto preferred = Join(0);
  const auto standby = Join(1);
  ASSERT_TRUE(preferred->seat->MayTakeOver(nobody_));
  preferred->seat->Became(Role::kOwner, first_);
  for (int i = 0; i < 30; ++i) {
    time_.RunFor(absl::Seconds(1));
    ASSERT_FALSE(standby->seat->MayTakeOver(first_)) << i;
    ASSERT_TRUE(preferred->seat->Sure()) << i;
  }
  preferred->heartbeats.reset();  // dies
  time_.RunFor(absl::Seconds(4));
  EXPECT_FALSE(standby->seat->MayTakeOver(first_));
  time_.RunFor(absl::Seconds(2));
  EXPECT_TRUE(standby->seat->MayTakeOver(first_));
}

TEST_F(HeartbeatsTest, LetTheStandbyComeAtOnceWhereTheHolderReleased) {
  const auto preferred = Join(0);
  const auto standby = Join(1);
  ASSERT_TRUE(preferred->seat->MayTakeOver(nobody_));
  preferred->seat->Became(Role::kOwner, first_);
  EXPECT_FALSE(standby->seat->MayTakeOver(first_));
  preferred->seat->Became(Role::kFollower, first_);
  EXPECT_TRUE(standby->seat->MayTakeOver(first_));
  EXPECT_EQ(standby->seat->AddressOf(first_), "");
}

TEST_F(HeartbeatsTest, ReplaceNobodyWhileTheChannelCarriesNothing) {
  const auto preferred = Join(0);
  const auto standby = Join(1);
  ASSERT_TRUE(preferred->seat->MayTakeOver(nobody_));
  preferred->seat->Became(Role::kOwner, first_);
  room_.carries = false;
  time_.RunFor(absl::Seconds(60));
  EXPECT_FALSE(standby->seat->MayTakeOver(first_));
  EXPECT_FALSE(preferred->seat->Sure());
  EXPECT_FALSE(preferred->seat->MayTakeOver(first_));
}

TEST_F(HeartbeatsTest, KeepAHolderThatLapsedUnsureUntilItMayWriteABarrierAnew) {
  const auto preferred = Join(0);
  const auto standby = Join(1);
  ASSERT_TRUE(preferred->seat->MayTakeOver(nobody_));
  preferred->seat->Became(Role::kOwner, first_);
  room_.carries = false;
  time_.RunFor(absl::Seconds(6));
  room_.carries = true;
  time_.RunFor(absl::Seconds(3));  // its beats come back young, and nobody had asked meanwhile
  EXPECT_FALSE(preferred->seat->Sure());
  EXPECT_TRUE(preferred->seat->MayTakeOver(first_));
  EXPECT_TRUE(preferred->seat->Sure());
}

TEST_F(HeartbeatsTest, GiveANewHolderOneTimeoutFromItsBarrierOn) {
  auto preferred = Join(0);
  const auto standby = Join(1);
  ASSERT_TRUE(preferred->seat->MayTakeOver(nobody_));
  preferred->seat->Became(Role::kOwner, first_);
  time_.RunFor(absl::Seconds(30));
  // Another holder stands in the journal, which has never been heard.
  EXPECT_FALSE(standby->seat->MayTakeOver(second_));
  time_.RunFor(absl::Seconds(4));
  EXPECT_FALSE(standby->seat->MayTakeOver(second_));
  time_.RunFor(absl::Seconds(2));
  EXPECT_TRUE(standby->seat->MayTakeOver(second_));
}

TEST_F(HeartbeatsTest, SeatThePreferredInstanceAndTheNextOne) {
  EXPECT_EQ(PlaceOf(4, 1, 3), Place::kPreferred);
  EXPECT_EQ(PlaceOf(4, 2, 3), Place::kStandby);
  EXPECT_EQ(PlaceOf(4, 0, 3), Place::kNone);
  EXPECT_EQ(PlaceOf(4, 0, 1), Place::kPreferred);
}

TEST_F(HeartbeatsTest, CarryWhatWasFoldedAndClaimNothingByIt) {
  const auto owner = Join(0);
  const auto standby = Join(1);
  owner->heartbeats->digests().Passed(partition_, FoldReader::kDecides, 256, Sha256Of("one"));
  standby->heartbeats->digests().Passed(partition_, FoldReader::kDecides, 256, Sha256Of("one"));
  time_.RunFor(absl::Seconds(3));
  EXPECT_EQ(owner->heartbeats->digests().DisputedAt(partition_), std::nullopt);
  EXPECT_EQ(owner->heartbeats->AddressOf(partition_), "");
  standby->heartbeats->digests().Passed(partition_, FoldReader::kDecides, 512, Sha256Of("other"));
  owner->heartbeats->digests().Passed(partition_, FoldReader::kDecides, 512, Sha256Of("two"));
  time_.RunFor(absl::Seconds(3));
  EXPECT_EQ(owner->heartbeats->digests().DisputedAt(partition_), 512U);
  EXPECT_EQ(standby->heartbeats->digests().DisputedAt(partition_), 512U);
}

}  // namespace
}  // namespace holdfast::eventsourcing
