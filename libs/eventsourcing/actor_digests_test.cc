#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include <gtest/gtest.h>

#include "holdfast/journal/v1/journal.pb.h"

#include "absl/time/time.h"
#include "eventsourcing/actor_fixtures.h"
#include "eventsourcing/fold_digests.h"
#include "eventsourcing/partition_actor.h"

namespace holdfast::eventsourcing {
namespace {

// Another process that decides, and says that it folded the first 256 records otherwise.
void Dispute(FoldDigests& digests) {
  journal::v1::Heartbeats beat;
  journal::v1::FoldDigest& said = *beat.add_digests();
  said.set_context("testing");
  said.set_offset(256);
  said.set_digest(std::string(32, 'x'));
  said.set_decides(true);
  digests.Hear(Id(9), beat);
}

void LendAndReturn(Shed& shed, std::uint8_t times) {
  shed.Do(Ask(1, Register("d", "drill")));
  shed.Do(Ask(2, Enrol("ann", 1)));
  for (int i = 0; i < times; ++i) {
    CommandRequest lend = Ask(3, Lend("d", "ann"));
    CommandRequest give_back = Ask(4, Return("d"));
    lend.command_id[0] = give_back.command_id[0] = static_cast<std::uint8_t>(i + 1);
    shed.Do(std::move(lend));
    shed.Do(std::move(give_back));
  }
}

TEST(PartitionActor, FreezesWhereAnotherThatDecidesFoldedOtherwise) {
  FoldDigests digests;
  Shed shed;
  shed.options_.fold_digests = &digests;
  shed.Start();
  LendAndReturn(shed, 130);
  Dispute(digests);
  ASSERT_TRUE(shed.Until([&] { return shed.actor_->phase() == Phase::kFrozen; }));
  EXPECT_EQ(Reason(shed.Call(Ask(5, Register("s", "saw")))), "PARTITION_FROZEN");
}

TEST(PartitionActor, KeepsNothingOfWhatItFoldedWhereThatIsDisputed) {
  FoldDigests digests;
  Shed shed;
  shed.options_.fold_digests = &digests;
  const auto store = std::make_shared<MemoryStateStore>();
  shed.Start(std::make_unique<SharedStore>(store));
  LendAndReturn(shed, 130);
  shed.time_.RunFor(absl::Seconds(10));
  ASSERT_FALSE(store->entries().empty());
  Dispute(digests);
  ASSERT_TRUE(shed.Until([&] { return shed.actor_->phase() == Phase::kFrozen; }));
  shed.actor_->Stop();
  EXPECT_TRUE(store->entries().empty());
}

TEST(PartitionActor, GoesOnWhereAllFoldedTheSame) {
  FoldDigests digests;
  FoldDigests others;
  Shed shed;
  shed.options_.fold_digests = &digests;
  shed.Start();
  LendAndReturn(shed, 130);
  journal::v1::Heartbeats beat;
  digests.AddTo(beat);
  ASSERT_EQ(beat.digests_size(), 1);
  EXPECT_EQ(beat.digests(0).offset(), 256U);
  digests.Hear(Id(9), beat);
  shed.time_.RunFor(absl::Seconds(5));
  EXPECT_EQ(shed.actor_->phase(), Phase::kServing);
}

}  // namespace
}  // namespace holdfast::eventsourcing
