#include "archive/migration.h"

#include <map>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "archive/archive_fixtures.h"
#include "base/random.h"
#include "journal/simulated_journal.h"
#include "journal/verification.h"
#include "testing/virtual_time.h"

namespace holdfast::archive {
namespace {

using journal::TenantHead;
using ::testing::HasSubstr;

std::map<std::string, TenantHead> HeadsOf(WrittenJournal& written, const std::string& context) {
  std::map<std::string, TenantHead> heads;
  for (const auto& partition : written.journal().AllPartitions()) {
    if (partition.context != context) continue;
    const auto verified = journal::VerifyPartition(written.journal(), partition);
    for (const auto& [tenant, head] : verified->fold.heads()) heads.emplace(tenant, head);
  }
  return heads;
}

class Migrations : public ::testing::TestWithParam<std::uint32_t> {
 protected:
  const TemporaryFolder from_folder_;
  const TemporaryFolder to_folder_;
  WrittenJournal from_{from_folder_.path()};
  WrittenJournal to_{to_folder_.path()};
  SeededRandom random_{7};
};

TEST_P(Migrations, KeepEveryHeadWhateverThePartitions) {
  WriteHistory(from_);
  to_.Create("initiative", GetParam());
  const auto migrated = MigrateContext(from_.journal(), to_.journal(), "initiative", random_,
                                       MigrationMode::kCopy, nullptr);
  ASSERT_TRUE(migrated.ok()) << migrated.status();
  EXPECT_EQ(migrated->heads, HeadsOf(from_, "initiative"));
  EXPECT_EQ(HeadsOf(to_, "initiative"), migrated->heads);
  for (const auto& partition : to_.journal().AllPartitions()) {
    const auto verified = journal::VerifyPartition(to_.journal(), partition);
    EXPECT_EQ(verified->Count(journal::Outcome::kAccepted), verified->records());
  }
}
INSTANTIATE_TEST_SUITE_P(To, Migrations, ::testing::Values(1U, 2U, 7U));

class Migrating : public Migrations {};

TEST_F(Migrating, ReadsAJournalOfAnyKind) {
  WriteHistory(from_);
  holdfast::testing::VirtualTime time(1);
  const auto strand = time.NewExecutor();
  journal::SimulatedJournalOptions sparse;
  sparse.records = WithSkippedOffsets(from_, "initiative");
  journal::SimulatedJournal simulated(*strand, sparse);
  to_.Create("initiative", 3);
  const auto migrated = MigrateContext(simulated, to_.journal(), "initiative", random_,
                                       MigrationMode::kCopy, nullptr);
  ASSERT_TRUE(migrated.ok()) << migrated.status();
  EXPECT_EQ(migrated->heads, HeadsOf(from_, "initiative"));
}

TEST_F(Migrating, LeavesATenantOpenForTheNextWriter) {
  WriteHistory(from_);
  to_.Create("initiative", 3);
  const auto migrated = MigrateContext(from_.journal(), to_.journal(), "initiative", random_,
                                       MigrationMode::kCopy, nullptr);
  ASSERT_TRUE(migrated.ok()) << migrated.status();
  for (const auto& [tenant, head] : migrated->heads) EXPECT_FALSE(head.receiving) << tenant;
}

TEST_F(Migrating, TakesOverATenantThatMovedBetweenPartitionsOnce) {
  from_.Create("initiative", 2);
  from_.Own({"initiative", 0});
  from_.Own({"initiative", 1});
  from_.Commit("initiative", "westmoor", 1);
  const std::uint32_t old_place = journal::PartitionOf("westmoor", 2);
  const journal::PartitionId here{"initiative", old_place};
  const journal::PartitionId there{"initiative", 1 - old_place};
  from_.Append(here, journal::EncodeTenantClosed(from_.OwnerOf(here), "westmoor"));
  // The copy, in the other partition, opened there.
  auto reader = from_.journal().OpenReader(here, 1);
  journal::AcceptanceFold fold;
  ASSERT_TRUE(fold.Apply(0, (*from_.journal().OpenReader(here, 0).value()->Read(1))[0].bytes).ok());
  const auto commit = (*reader)->Read(1)->front();
  const auto folded = fold.Apply(1, commit.bytes);
  ASSERT_TRUE(folded.ok());
  from_.Append(there, journal::EncodeCopy(from_.OwnerOf(there), folded->commit_bytes));
  from_.Append(there, journal::EncodeTenantOpened(from_.OwnerOf(there), "westmoor",
                                                  fold.HeadOf("westmoor")));
  to_.Create("initiative", 4);
  const auto migrated = MigrateContext(from_.journal(), to_.journal(), "initiative", random_,
                                       MigrationMode::kCopy, nullptr);
  ASSERT_TRUE(migrated.ok()) << migrated.status();
  EXPECT_EQ(migrated->heads.at("westmoor"), fold.HeadOf("westmoor"));
}

// The first records of a journal, as a process that was killed leaves them.
void CopyFirst(WrittenJournal& from, std::size_t records, WrittenJournal& to) {
  for (const auto& partition : from.journal().AllPartitions()) {
    auto reader = from.journal().OpenReader(partition, 0);
    if (records == 0) continue;
    const auto first = (*reader)->Read(records);
    ASSERT_TRUE(first.ok()) << first.status();
    for (const auto& record : *first) to.Append(partition, record.bytes);
  }
}

TEST_F(Migrating, GoesOnWhereverItWasKilled) {
  WriteHistory(from_);
  to_.Create("initiative", 2);
  const auto whole = MigrateContext(from_.journal(), to_.journal(), "initiative", random_,
                                    MigrationMode::kCopy, nullptr);
  ASSERT_TRUE(whole.ok()) << whole.status();
  for (std::size_t records = 0; records < 16; ++records) {
    const TemporaryFolder folder;
    WrittenJournal begun(folder.path());
    begun.Create("initiative", 2);
    CopyFirst(to_, records, begun);
    const auto migrated = MigrateContext(from_.journal(), begun.journal(), "initiative", random_,
                                         MigrationMode::kCopy, nullptr);
    ASSERT_TRUE(migrated.ok()) << migrated.status() << " behind " << records;
    EXPECT_EQ(HeadsOf(begun, "initiative"), whole->heads) << "behind " << records;
  }
}

TEST_F(Migrating, AskedTwiceWritesNothingMore) {
  WriteHistory(from_);
  to_.Create("initiative", 2);
  ASSERT_TRUE(MigrateContext(from_.journal(), to_.journal(), "initiative", random_,
                             MigrationMode::kCopy, nullptr)
                  .ok());
  const auto before = journal::VerifyPartition(to_.journal(), {"initiative", 0});
  const auto again = MigrateContext(from_.journal(), to_.journal(), "initiative", random_,
                                    MigrationMode::kCopy, nullptr);
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(again->there_before, again->commits);
  const auto after = journal::VerifyPartition(to_.journal(), {"initiative", 0});
  EXPECT_EQ(after->fold.digest(), before->fold.digest());
}

TEST_F(Migrating, WritesNothingInADryRun) {
  WriteHistory(from_);
  const auto planned = MigrateContext(from_.journal(), to_.journal(), "initiative", random_,
                                      MigrationMode::kDryRun, nullptr);
  ASSERT_TRUE(planned.ok()) << planned.status();
  EXPECT_EQ(planned->heads, HeadsOf(from_, "initiative"));
  EXPECT_TRUE(to_.journal().AllPartitions().empty());
}

TEST_F(Migrating, RefusesATargetThatHoldsAnotherHistory) {
  WriteHistory(from_);
  to_.Create("initiative", 2);
  to_.Own({"initiative", 1});
  to_.Own({"initiative", 0});
  to_.Commit("initiative", "westmoor", 1);
  const auto refused = MigrateContext(from_.journal(), to_.journal(), "initiative", random_,
                                      MigrationMode::kCopy, nullptr);
  EXPECT_TRUE(absl::IsFailedPrecondition(refused.status()));
  EXPECT_THAT(std::string(refused.status().message()),
              HasSubstr("is not empty: it holds commit 1 of westmoor"));
}

TEST_F(Migrating, RefusesTheCopyOfAnotherJournal) {
  WriteHistory(from_);
  const TemporaryFolder elsewhere;
  WrittenJournal other(elsewhere.path());
  WriteHistory(other, /*later=*/1);
  to_.Create("initiative", 2);
  ASSERT_TRUE(MigrateContext(other.journal(), to_.journal(), "initiative", random_,
                             MigrationMode::kCopy, nullptr)
                  .ok());
  const auto refused = MigrateContext(from_.journal(), to_.journal(), "initiative", random_,
                                      MigrationMode::kCopy, nullptr);
  EXPECT_TRUE(absl::IsFailedPrecondition(refused.status()));
  EXPECT_THAT(std::string(refused.status().message()), HasSubstr("no part of a migration"));
}

TEST_F(Migrating, RefusesASourceThatWentOnAfterItsTenantsWereOpened) {
  WriteHistory(from_);
  to_.Create("initiative", 2);
  ASSERT_TRUE(MigrateContext(from_.journal(), to_.journal(), "initiative", random_,
                             MigrationMode::kCopy, nullptr)
                  .ok());
  from_.Commit("initiative", "westmoor", 500);
  const auto refused = MigrateContext(from_.journal(), to_.journal(), "initiative", random_,
                                      MigrationMode::kCopy, nullptr);
  EXPECT_TRUE(absl::IsFailedPrecondition(refused.status()));
  EXPECT_THAT(std::string(refused.status().message()), HasSubstr("tenant westmoor was opened"));
}

}  // namespace
}  // namespace holdfast::archive
