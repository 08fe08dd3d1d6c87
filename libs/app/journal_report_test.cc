#include "app/journal_report.h"

#include <filesystem>
#include <fstream>
#include <string>

#include <gtest/gtest.h>

#include "holdfast/operations/v1/operations.pb.h"

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

}  // namespace
}  // namespace holdfast::app
