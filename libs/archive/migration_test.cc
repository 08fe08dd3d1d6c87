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
  const auto migrated =
      MigrateContext(from_.journal(), to_.journal(), "initiative", random_, nullptr);
  ASSERT_TRUE(migrated.ok()) << migrated.status();
  EXPECT_EQ(*migrated, HeadsOf(from_, "initiative"));
  EXPECT_EQ(HeadsOf(to_, "initiative"), *migrated);
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
  const auto migrated = MigrateContext(simulated, to_.journal(), "initiative", random_, nullptr);
  ASSERT_TRUE(migrated.ok()) << migrated.status();
  EXPECT_EQ(*migrated, HeadsOf(from_, "initiative"));
}

TEST_F(Migrating, LeavesATenantOpenForTheNextWriter) {
  WriteHistory(from_);
  to_.Create("initiative", 3);
  const auto migrated =
      MigrateContext(from_.journal(), to_.journal(), "initiative", random_, nullptr);
  ASSERT_TRUE(migrated.ok()) << migrated.status();
  for (const auto& [tenant, head] : *migrated) EXPECT_FALSE(head.receiving) << tenant;
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
  const auto migrated =
      MigrateContext(from_.journal(), to_.journal(), "initiative", random_, nullptr);
  ASSERT_TRUE(migrated.ok()) << migrated.status();
  EXPECT_EQ(migrated->at("westmoor"), fold.HeadOf("westmoor"));
}

TEST_F(Migrating, RefusesATargetThatIsNotEmpty) {
  WriteHistory(from_);
  to_.Create("initiative", 2);
  to_.Own({"initiative", 1});
  const auto refused =
      MigrateContext(from_.journal(), to_.journal(), "initiative", random_, nullptr);
  EXPECT_TRUE(absl::IsFailedPrecondition(refused.status()));
  EXPECT_THAT(std::string(refused.status().message()), HasSubstr("initiative/1 is not empty"));
}

}  // namespace
}  // namespace holdfast::archive
