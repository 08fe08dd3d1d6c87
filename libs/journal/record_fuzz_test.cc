#include "journal/record_fuzz.h"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "holdfast/journal/v1/journal.pb.h"

#include "base/random.h"
#include "journal/acceptance.h"

namespace holdfast::journal {
namespace {

using ::testing::HasSubstr;

WriterId Owner() {
  WriterId owner;
  owner.epoch = 1;
  return owner;
}

v1::Commit FirstCommit() {
  v1::Commit commit;
  commit.set_format(kCommitFormat);
  commit.set_tenant("westmoor");
  commit.set_seq(1);
  commit.set_prev_hash(std::string(32, '\0'));
  commit.add_events()->set_payload("x");
  return commit;
}

// What a partition that Owner() holds makes of the bytes as its next record.
struct Said {
  absl::StatusOr<Outcome> outcome;
  bool unchanged = false;
};
Said Fold(const std::string& record) {
  AcceptanceFold fold;
  EXPECT_TRUE(fold.Apply(0, EncodeBarrier(Owner()))->accepted());
  const PartitionState before = fold.state();
  const absl::StatusOr<Folded> folded = fold.Apply(1, record);
  Said said;
  if (folded.ok()) {
    said.outcome = folded->outcome;
  } else {
    said.outcome = folded.status();
  }
  said.unchanged = fold.state() == before && fold.heads().empty();
  return said;
}

void ExpectUnreadable(const std::string& record, const std::string& why) {
  const Said said = Fold(record);
  EXPECT_TRUE(absl::IsDataLoss(said.outcome.status())) << said.outcome.status();
  EXPECT_THAT(std::string(said.outcome.status().message()), HasSubstr(why));
  EXPECT_TRUE(said.unchanged) << "what cannot be read changes nothing";
}

struct Kind {
  std::string name;
  std::string record;
  Outcome outcome;
};
std::vector<Kind> Kinds() {
  return {
      {"commit", EncodeCommitRecord(Owner(), FirstCommit()).record, Outcome::kAccepted},
      {"copy", EncodeCopy(Owner(), FirstCommit().SerializeAsString()), Outcome::kAccepted},
      {"barrier", EncodeBarrier({.epoch = 2, .instance = {}}), Outcome::kAccepted},
      {"tenant closed", EncodeTenantClosed(Owner(), "westmoor"), Outcome::kAccepted},
      {"tenant opened", EncodeTenantOpened(Owner(), "westmoor", {}), Outcome::kClosed},
  };
}

TEST(RecordFuzz, EveryKindOfRecordIsReadWholeAndEveryPieceOfItIsDataLoss) {
  for (const Kind& kind : Kinds()) {
    SCOPED_TRACE(kind.name);
    EXPECT_EQ(*Fold(kind.record).outcome, kind.outcome);
    for (std::size_t size = 0; size < kind.record.size(); ++size)
      ExpectUnreadable(kind.record.substr(0, size), "cannot be read");
  }
}

TEST(RecordFuzz, AWholeRecordThatMustNotCountIsVoidAndNotUnreadable) {
  WriterId stranger = Owner();
  stranger.instance[0] = 1;
  EXPECT_EQ(*Fold(EncodeCommitRecord(stranger, FirstCommit()).record).outcome, Outcome::kFenced);
  EXPECT_EQ(*Fold(EncodeBarrier({.epoch = 3, .instance = {}})).outcome, Outcome::kFenced);
  v1::Commit late = FirstCommit();
  late.set_seq(2);
  EXPECT_EQ(*Fold(EncodeCommitRecord(Owner(), late).record).outcome, Outcome::kConflict);
}

TEST(RecordFuzz, SaysWhatIsWrongWithARecordThatCannotBeRead) {
  const auto commit_with = [](auto change) {
    v1::Commit commit = FirstCommit();
    change(commit);
    return EncodeCommitRecord(Owner(), commit).record;
  };
  ExpectUnreadable(std::string("\xFF\xFF\xFF", 3), "its bytes are no Record");
  ExpectUnreadable(FirstCommit().SerializeAsString(), "its bytes are no Record");
  ExpectUnreadable("", "its writer has no instance");
  ExpectUnreadable(Serialise(TenantHead{}), "its bytes are no Record");
  ExpectUnreadable(EncodeCopy(Owner(), "\xFF"), "its bytes are no Commit");
  ExpectUnreadable(commit_with([](v1::Commit& commit) { commit.set_format(99); }),
                   "its format is not known");
  ExpectUnreadable(commit_with([](v1::Commit& commit) { commit.clear_tenant(); }),
                   "it names no tenant");
  ExpectUnreadable(commit_with([](v1::Commit& commit) { commit.set_prev_hash("short"); }),
                   "prev_hash is no hash");
  ExpectUnreadable(EncodeTenantClosed(Owner(), ""), "it names no tenant");
  ExpectUnreadable(EncodeTenantOpened(Owner(), "", {}), "it names no tenant");
  v1::Record nothing;
  nothing.mutable_writer()->set_instance(std::string(16, '\0'));
  ExpectUnreadable(nothing.SerializeAsString(), "its content is of no known kind");
}

TEST(RecordFuzz, KeepsItsPromisesOverPrefixesAndFlippedBitsOfEverythingThatIsStored) {
  std::vector<std::string> stored = {FirstCommit().SerializeAsString(), Serialise(PartitionState{}),
                                     Serialise(TenantHead{})};
  for (const Kind& kind : Kinds()) stored.push_back(kind.record);
  SeededRandom random(7);
  int unreadable = 0;
  int readable = 0;
  for (const std::string& record : stored) {
    for (std::size_t size = 0; size <= record.size(); ++size) FuzzRecord(record.substr(0, size));
    for (int i = 0; i < 300; ++i) {
      std::string flipped = record;
      for (std::uint64_t flips = 1 + random.Below(4); flips > 0; --flips) {
        char& byte = flipped[random.Below(flipped.size())];
        byte = static_cast<char>(byte ^ (1 << random.Below(8)));
      }
      FuzzRecord(flipped);
      const Said said = Fold(flipped);
      EXPECT_TRUE(said.outcome.ok() || absl::IsDataLoss(said.outcome.status()));
      EXPECT_EQ(said.unchanged, !said.outcome.ok());
      ++(said.outcome.ok() ? readable : unreadable);
    }
  }
  EXPECT_GT(unreadable, 300);
  EXPECT_GT(readable, 300);
}

}  // namespace
}  // namespace holdfast::journal
