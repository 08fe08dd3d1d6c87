#include "archive/restore.h"

#include <filesystem>
#include <optional>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "holdfast/journal/v1/journal.pb.h"

#include "archive/archive_fixtures.h"
#include "journal/simulated_journal.h"
#include "journal/verification.h"
#include "testing/virtual_time.h"

namespace holdfast::archive {
namespace {

using security::Ed25519PrivateKey;
using security::Ed25519PublicKey;
using ::testing::HasSubstr;

class Restores : public ::testing::Test {
 protected:
  Backup BackUp(WrittenJournal& written) {
    const auto made =
        CreateBackup(written.journal(), *key_, clock_, OptionsFor(written, backup_ / "it"));
    EXPECT_TRUE(made.ok()) << made.status();
    auto opened = Backup::Open(backup_ / "it", Ed25519PublicKey::FromPem(key_->public_key().Pem()));
    EXPECT_TRUE(opened.ok()) << opened.status();
    return *std::move(opened);
  }
  static void CreateContexts(WrittenJournal& to, const Backup& backup) {
    for (const v1::Partition& partition : backup.manifest().partitions())
      if (partition.partition() == 0) to.Create(partition.context(), 2);
  }
  static Hash DigestOf(WrittenJournal& written, const journal::PartitionId& partition) {
    return journal::VerifyPartition(written.journal(), partition)->fold.digest();
  }

  const TemporaryFolder from_folder_;
  const TemporaryFolder to_folder_;
  const TemporaryFolder backup_;
  StandingClock clock_;
  const std::unique_ptr<const Ed25519PrivateKey> key_ = Ed25519PrivateKey::Generate();
};

TEST_F(Restores, BringBackEveryRecordByteForByte) {
  WrittenJournal from(from_folder_.path());
  WriteHistory(from);
  const Backup backup = BackUp(from);
  const auto plan = PlanRestore(backup, std::nullopt, nullptr);
  ASSERT_TRUE(plan.ok()) << plan.status();
  WrittenJournal to(to_folder_.path());
  CreateContexts(to, backup);
  ASSERT_EQ(RestoreJournal(backup, *plan, to.journal(), nullptr), absl::OkStatus());
  EXPECT_EQ(to.Heads(), from.Heads());
  for (const auto& partition : from.journal().AllPartitions())
    EXPECT_EQ(DigestOf(to, partition), DigestOf(from, partition)) << "void records and offsets too";
}

TEST_F(Restores, OfAJournalThatSkipsOffsetsKeepEveryHead) {
  WrittenJournal from(from_folder_.path());
  WriteHistory(from);
  holdfast::testing::VirtualTime time(1);
  const auto strand = time.NewExecutor();
  journal::SimulatedJournalOptions sparse;
  sparse.records = WithSkippedOffsets(from, "initiative");
  journal::SimulatedJournal simulated(*strand, sparse);
  BackupOptions options = OptionsFor(from, backup_ / "it");
  options.partitions = {{"initiative", 0}, {"initiative", 1}};
  ASSERT_TRUE(CreateBackup(simulated, *key_, clock_, options).ok());
  const auto again = CreateBackup(simulated, *key_, clock_, options);
  ASSERT_TRUE(again.ok()) << again.status();
  const auto backup = Backup::Open(backup_ / "it", nullptr);
  ASSERT_TRUE(backup.ok());
  const auto plan = PlanRestore(*backup, std::nullopt, nullptr);
  ASSERT_TRUE(plan.ok()) << plan.status();
  WrittenJournal to(to_folder_.path());
  to.Create("initiative", 2);
  ASSERT_EQ(RestoreJournal(*backup, *plan, to.journal(), nullptr), absl::OkStatus());
  const auto heads = from.Heads();
  EXPECT_THAT(to.Heads(), ::testing::ElementsAre(heads[0], heads[1]));
}

// The target of a move holds nothing later than the moment, its source does.
TEST_F(Restores, RefuseAMomentThatTearsAMove) {
  WrittenJournal from(from_folder_.path());
  from.Create("source", 2);
  const std::uint32_t home = journal::PartitionOf("westmoor", 2);
  const journal::PartitionId here{"source", home};
  const journal::PartitionId there{"source", 1 - home};
  from.Own(here);
  from.Own(there);
  from.Commit("source", "westmoor", 10);
  std::string neighbour = "a";
  while (journal::PartitionOf(neighbour, 2) != home) neighbour += "a";
  from.Commit("source", neighbour, 50);
  const auto reader = from.journal().OpenReader(here, 1);
  journal::v1::Record first;
  ASSERT_TRUE(first.ParseFromString((*reader)->Read(1)->front().bytes));
  from.Append(here, journal::EncodeTenantClosed(from.OwnerOf(here), "westmoor", 1 - home));
  from.Append(there, journal::EncodeCopy(from.OwnerOf(there), first.commit()));
  from.Append(there, journal::EncodeTenantOpened(from.OwnerOf(there), "westmoor",
                                                 from.Heads()[home].at("westmoor")));
  const Backup backup = BackUp(from);
  const auto torn = PlanRestore(backup, At(45), nullptr);
  EXPECT_TRUE(absl::IsFailedPrecondition(torn.status())) << torn.status();
  EXPECT_THAT(std::string(torn.status().message()), HasSubstr("westmoor"));
  EXPECT_TRUE(PlanRestore(backup, At(55), nullptr).ok());
}

TEST_F(Restores, AsOfAMomentEndBeforeTheFirstLaterCommit) {
  // The same history, ended by hand at the moment.
  WrittenJournal from(from_folder_.path());
  WrittenJournal wanted(to_folder_ / "wanted");
  for (WrittenJournal* journal : {&from, &wanted}) {
    journal->Create("source", 2);
    journal->Own({"source", 0});
    journal->Own({"source", 1});
    for (int i = 0; i < 10; ++i) {
      if (journal == &wanted && i > 4) break;
      for (const std::string tenant : {"eastvale", "sandbox", "westmoor"})
        journal->Commit("source", tenant, i * 10);
    }
  }
  const Backup backup = BackUp(from);
  const auto plan = PlanRestore(backup, At(45), nullptr);
  ASSERT_TRUE(plan.ok()) << plan.status();
  std::uint64_t left_out = 0;
  for (const PartitionPlan& partition : plan->partitions) left_out += partition.left_out;
  EXPECT_EQ(left_out, 15U);
  WrittenJournal to(to_folder_ / "restored");
  CreateContexts(to, backup);
  ASSERT_EQ(RestoreJournal(backup, *plan, to.journal(), nullptr), absl::OkStatus());
  EXPECT_EQ(to.Heads(), wanted.Heads());
  EXPECT_EQ(PlanRestore(backup, At(40), nullptr)->partitions[0].left_out,
            plan->partitions[0].left_out)
      << "a commit of the very moment is brought back";
}

TEST_F(Restores, RefuseAMomentThatTearsAReactionFromItsCause) {
  WrittenJournal from(from_folder_.path());
  for (const std::string context : {"source", "target"}) {
    from.Create(context, 2);
    for (const std::uint32_t p : {0U, 1U}) from.Own({context, p});
  }
  from.Commit("source", "westmoor", 10);
  from.Commit("source", "westmoor", 30);
  from.Commit("target", "westmoor", 20, /*caused_by_seq=*/2);  // by a clock that was behind
  const Backup backup = BackUp(from);
  const auto torn = PlanRestore(backup, At(25), nullptr);
  EXPECT_TRUE(absl::IsFailedPrecondition(torn.status()));
  EXPECT_THAT(std::string(torn.status().message()), HasSubstr("choose an earlier moment"));
  EXPECT_TRUE(PlanRestore(backup, At(15), nullptr).ok());
  EXPECT_TRUE(PlanRestore(backup, At(30), nullptr).ok());
}

TEST_F(Restores, RefuseAJournalThatIsNotEmpty) {
  WrittenJournal from(from_folder_.path());
  WriteHistory(from);
  const Backup backup = BackUp(from);
  const auto plan = PlanRestore(backup, std::nullopt, nullptr);
  WrittenJournal to(to_folder_.path());
  CreateContexts(to, backup);
  to.Own({"metrics", 1});
  const absl::Status refused = RestoreJournal(backup, *plan, to.journal(), nullptr);
  EXPECT_TRUE(absl::IsFailedPrecondition(refused));
  EXPECT_THAT(std::string(refused.message()), HasSubstr("metrics/1 is not empty"));
  EXPECT_EQ(journal::VerifyPartition(to.journal(), {"initiative", 0})->records(), 0U)
      << "nothing was written";
}

TEST_F(Restores, RefuseAJournalOfOtherPartitions) {
  WrittenJournal from(from_folder_.path());
  WriteHistory(from);
  const Backup backup = BackUp(from);
  const auto plan = PlanRestore(backup, std::nullopt, nullptr);
  WrittenJournal to(to_folder_.path());
  to.Create("initiative", 3);
  to.Create("metrics", 2);
  EXPECT_TRUE(absl::IsFailedPrecondition(RestoreJournal(backup, *plan, to.journal(), nullptr)));
}

TEST_F(Restores, PlanNothingOfADamagedBackup) {
  WrittenJournal from(from_folder_.path());
  WriteHistory(from);
  const Backup backup = BackUp(from);
  const std::string path = backup_ / "it/journal/metrics/00001/00000000000000000000.segment";
  std::string bytes = ReadFile(path);
  bytes[bytes.size() / 2] = static_cast<char>(bytes[bytes.size() / 2] ^ 1);
  WriteFile(path, bytes);
  const auto refused = PlanRestore(backup, std::nullopt, nullptr);
  EXPECT_TRUE(absl::IsDataLoss(refused.status()));
  EXPECT_THAT(std::string(refused.status().message()), HasSubstr(path));
}

}  // namespace
}  // namespace holdfast::archive
