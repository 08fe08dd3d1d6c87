#include "app/journal_report.h"

#include <filesystem>
#include <fstream>
#include <string>

#include <gtest/gtest.h>

#include "holdfast/operations/v1/operations.pb.h"

#include "base/hash.h"
#include "journal/verification.h"

namespace holdfast::app {
namespace {

std::string FreshFolder(const std::string& name) {
  std::string folder = ::testing::TempDir() + "/journal-report-" + name;
  std::filesystem::remove_all(folder);
  std::filesystem::create_directories(folder + "/run");
  return folder;
}

TEST(VerifyStoppedJournal, NamesAFolderThatHoldsNoJournal) {
  const auto report = VerifyStoppedJournal(FreshFolder("none"), "westmoor");
  EXPECT_TRUE(absl::IsNotFound(report.status())) << report.status();
}

TEST(VerifyStoppedJournal, LeavesAFolderWhoseJournalIsElsewhereToThoseWhoServeIt) {
  const std::string folder = FreshFolder("deployment");
  std::ofstream(folder + "/run/holdfast.json") << "{}\n";
  const auto report = VerifyStoppedJournal(folder, "westmoor");
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_FALSE(report->has_value());
}

journal::VerifiedPartition Verified(std::uint32_t partition, const journal::TenantHead& head) {
  journal::VerifiedPartition verified;
  verified.id = {"initiative", partition};
  verified.fold.RestoreHead("westmoor", head);
  return verified;
}

TEST(JournalReport, ShowsATenantThatMovedAsItIsWhereItWent) {
  operations::v1::VerifyJournalResponse report;
  AddToReport(Verified(0, {7, Sha256Of("seven"), true}), "westmoor", report);
  AddToReport(Verified(1, {9, Sha256Of("nine"), false}), "westmoor", report);
  AddToReport(Verified(2, {3, Sha256Of("three"), true}), "westmoor", report);
  ASSERT_EQ(report.heads_size(), 1);
  EXPECT_EQ(report.heads(0).seq(), 9U);
  EXPECT_EQ(report.heads(0).hash(), AsBytes(Sha256Of("nine")));
  EXPECT_EQ(report.partitions_size(), 3);
}

}  // namespace
}  // namespace holdfast::app
