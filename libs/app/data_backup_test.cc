#include "app/data_backup.h"

#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include "absl/strings/str_cat.h"
#include "app/data_folder.h"
#include "archive/bulk_writer.h"
#include "journal/acceptance.h"
#include "journal/embedded_journal.h"
#include "journal/verification.h"

namespace holdfast::app {
namespace {

namespace fs = std::filesystem;
using security::Ed25519PrivateKey;
using security::Ed25519PublicKey;
using ::testing::AllOf;
using ::testing::HasSubstr;

class DataBackups : public ::testing::Test {
 protected:
  void SetUp() override {
    fs::remove_all(root_);
    fs::create_directories(root_ + "/data/journal");
    fs::create_directories(root_ + "/data/files/metrics/westmoor");
    fs::create_directories(root_ + "/data/state");
    std::ofstream(root_ + "/data/files/metrics/westmoor/upload") << "rows";
    std::ofstream(root_ + "/data/state/command-mac.key") << std::string(32, 'k');
    std::ofstream(root_ + "/data/state/derived") << "folded again";
    auto journal = journal::EmbeddedJournal::Open({.folder = root_ + "/data/journal"});
    ASSERT_TRUE(journal.ok()) << journal.status();
    ASSERT_TRUE((*journal)->CreateContext("initiative", 3).ok());
    archive::BulkWriter writer(*(*journal)->OpenWriter({"initiative", 1}));
    ASSERT_TRUE(writer.Append(journal::EncodeBarrier({1, Uuid{1}})).ok());
    ASSERT_TRUE(writer.Append(journal::EncodeBarrier({2, Uuid{2}})).ok());
    ASSERT_TRUE(writer.Finish().ok());
  }
  void TearDown() override { fs::remove_all(root_); }

  absl::Status Create(const std::string& to) {
    return BackUpData(root_ + "/data", to, *key_, nullptr).status();
  }
  archive::Backup Open() {
    auto opened = archive::Backup::Open(root_ + "/backup",
                                        Ed25519PublicKey::FromPem(key_->public_key().Pem()));
    EXPECT_TRUE(opened.ok()) << opened.status();
    return *std::move(opened);
  }
  absl::Status Restore(const std::string& to, const archive::CountRecords& progress = nullptr) {
    const archive::Backup backup = Open();
    const auto plan = archive::PlanRestore(backup, std::nullopt, nullptr);
    return plan.ok() ? RestoreData(backup, *plan, to, progress) : plan.status();
  }
  static std::string Read(const std::string& path) {
    std::ifstream file(path);
    return {std::istreambuf_iterator<char>(file), {}};
  }

  const std::string root_ = absl::StrCat(::testing::TempDir(), "data_backup_", ::getpid());
  const std::unique_ptr<const Ed25519PrivateKey> key_ = Ed25519PrivateKey::Generate();
};

TEST_F(DataBackups, BringBackJournalFilesAndKeyAndNothingThatIsDerived) {
  ASSERT_EQ(Create(root_ + "/backup"), absl::OkStatus());
  ASSERT_EQ(Restore(root_ + "/restored"), absl::OkStatus());
  EXPECT_EQ(Read(root_ + "/restored/files/metrics/westmoor/upload"), "rows");
  EXPECT_EQ(Read(root_ + "/restored/state/command-mac.key"), std::string(32, 'k'));
  EXPECT_EQ(fs::status(root_ + "/restored/state/command-mac.key").permissions(),
            fs::perms::owner_read | fs::perms::owner_write);
  EXPECT_FALSE(fs::exists(root_ + "/restored/state/derived"));
  auto journal = journal::EmbeddedJournal::Open({.folder = root_ + "/restored/journal"});
  ASSERT_TRUE(journal.ok()) << journal.status();
  EXPECT_EQ(*(*journal)->Partitions("initiative"), 3U);
  EXPECT_EQ(journal::VerifyPartition(**journal, {"initiative", 1})->records(), 2U);
}

TEST_F(DataBackups, NeedAFolderThatNoProcessServes) {
  const auto served = DataFolder::Open(root_ + "/data");
  ASSERT_TRUE(served.ok());
  const absl::Status refused = Create(root_ + "/backup");
  EXPECT_TRUE(absl::IsFailedPrecondition(refused));
  EXPECT_THAT(std::string(refused.message()),
              AllOf(HasSubstr(absl::StrCat("(", ::getpid(), ")")), HasSubstr("Stop it")));
}

TEST_F(DataBackups, DoNotLieInsideWhatTheyBackUp) {
  EXPECT_TRUE(absl::IsFailedPrecondition(Create(root_ + "/data/backup")));
  EXPECT_TRUE(absl::IsFailedPrecondition(Create(root_ + "/data/../data/deep/backup")));
  EXPECT_EQ(Create(root_ + "/data-backup"), absl::OkStatus());
}

TEST_F(DataBackups, AreNotRestoredIntoAFolderThatHoldsSomething) {
  ASSERT_EQ(Create(root_ + "/backup"), absl::OkStatus());
  const absl::Status refused = Restore(root_ + "/data");
  EXPECT_TRUE(absl::IsFailedPrecondition(refused));
  EXPECT_THAT(std::string(refused.message()), HasSubstr("is not empty"));
  fs::create_directories(root_ + "/empty/lost+found");
  EXPECT_EQ(Restore(root_ + "/empty"), absl::OkStatus());
}

TEST_F(DataBackups, ThatWereKilledWhileRestoredAreServedByNobody) {
  ASSERT_EQ(Create(root_ + "/backup"), absl::OkStatus());
  const pid_t child = fork();
  if (child == 0) {
    (void)Restore(root_ + "/restored", [](std::uint64_t) { kill(getpid(), SIGKILL); });
    _exit(0);
  }
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFSIGNALED(status));
  const absl::Status served = DataFolder::Open(root_ + "/restored").status();
  EXPECT_TRUE(absl::IsFailedPrecondition(served));
  EXPECT_THAT(std::string(served.message()), HasSubstr("a restore that did not end"));
  EXPECT_TRUE(absl::IsFailedPrecondition(Restore(root_ + "/restored")));
}

}  // namespace
}  // namespace holdfast::app
