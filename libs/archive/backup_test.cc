#include "archive/backup.h"

#include <csignal>
#include <filesystem>
#include <optional>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include "absl/strings/str_cat.h"
#include "archive/archive_fixtures.h"
#include "archive/segment_log.h"
#include "base/hex.h"

namespace holdfast::archive {
namespace {

namespace fs = std::filesystem;
using security::Ed25519PrivateKey;
using security::Ed25519PublicKey;
using ::testing::AllOf;
using ::testing::HasSubstr;

std::string TextOf(const absl::Status& status) {
  return std::string(status.message());
}

class Backups : public ::testing::Test {
 protected:
  void SetUp() override { WriteHistory(written_); }

  absl::StatusOr<v1::Manifest> Create(const BackupOptions& options) {
    return CreateBackup(written_.journal(), *key_, clock_, options);
  }
  BackupOptions Options() { return OptionsFor(written_, backup_ / "it"); }
  absl::Status Verify() {
    auto backup = Backup::Open(backup_ / "it", Trusted());
    return backup.ok() ? backup->Verify(nullptr) : backup.status();
  }
  std::unique_ptr<const Ed25519PublicKey> Trusted() {
    return Ed25519PublicKey::FromPem(key_->public_key().Pem());
  }
  std::set<std::string> FilesOfBackup() {
    std::set<std::string> files;
    for (const auto& entry : fs::recursive_directory_iterator(backup_ / "it"))
      if (entry.is_regular_file()) files.insert(entry.path().string());
    return files;
  }

  const TemporaryFolder data_;
  const TemporaryFolder backup_;
  WrittenJournal written_{data_ / "journal"};
  StandingClock clock_;
  const std::unique_ptr<const Ed25519PrivateKey> key_ = Ed25519PrivateKey::Generate();
};

TEST_F(Backups, RecordTheHeadsOfEveryTenantAndHoldOffline) {
  const auto manifest = Create(Options());
  ASSERT_TRUE(manifest.ok()) << manifest.status();
  EXPECT_EQ(Verify(), absl::OkStatus());
  const auto heads = written_.Heads();
  ASSERT_EQ(static_cast<std::size_t>(manifest->partitions_size()), heads.size());
  for (std::size_t i = 0; i < heads.size(); ++i) {
    const v1::Partition& partition = manifest->partitions(static_cast<int>(i));
    ASSERT_EQ(static_cast<std::size_t>(partition.heads_size()), heads[i].size());
    for (const v1::Head& head : partition.heads()) {
      EXPECT_EQ(head.seq(), heads[i].at(head.tenant()).seq);
      EXPECT_EQ(head.hash(), ToHex(AsBytes(heads[i].at(head.tenant()).hash)));
    }
  }
}

TEST_F(Backups, GrowByWhatIsNew) {
  ASSERT_TRUE(Create(Options()).ok());
  const std::set<std::string> before = FilesOfBackup();
  written_.Commit("initiative", "westmoor", 70);
  ASSERT_TRUE(Create(Options()).ok());
  const std::set<std::string> after = FilesOfBackup();
  EXPECT_EQ(after.size(), before.size() + 1);
  EXPECT_TRUE(std::includes(after.begin(), after.end(), before.begin(), before.end()));
  EXPECT_EQ(Verify(), absl::OkStatus());
  ASSERT_TRUE(Create(Options()).ok());
  EXPECT_EQ(FilesOfBackup(), after) << "nothing is new";
}

TEST_F(Backups, NameEveryFileInWhichAByteIsFlipped) {
  fs::create_directories(data_ / "files/metrics");
  WriteFile(data_ / "files/metrics/upload", "what was handed in");
  BackupOptions options = Options();
  options.data_folder = data_.path();
  options.files = {"files/metrics/upload"};
  ASSERT_TRUE(Create(options).ok());
  for (const std::string& path : FilesOfBackup()) {
    if (path.ends_with("key.pub")) continue;
    const std::string whole = ReadFile(path);
    for (std::size_t at = 0; at < whole.size(); at += 7) {
      std::string bytes = whole;
      bytes[at] = static_cast<char>(bytes[at] ^ 0x20);
      WriteFile(path, bytes);
      const absl::Status status = Verify();
      ASSERT_TRUE(absl::IsDataLoss(status)) << path << " byte " << at << ": " << status;
      ASSERT_THAT(TextOf(status), HasSubstr(path)) << "byte " << at;
    }
    WriteFile(path, whole);
  }
  EXPECT_EQ(Verify(), absl::OkStatus());
}

TEST_F(Backups, NameEveryFileThatIsMissing) {
  ASSERT_TRUE(Create(Options()).ok());
  for (const std::string& path : FilesOfBackup()) {
    if (!path.ends_with(".segment")) continue;
    const std::string whole = ReadFile(path);
    fs::remove(path);
    const absl::Status status = Verify();
    EXPECT_TRUE(absl::IsDataLoss(status)) << path;
    EXPECT_THAT(TextOf(status),
                AllOf(HasSubstr(fs::path(path).parent_path().string()), HasSubstr("is missing")));
    WriteFile(path, whole);
  }
}

TEST_F(Backups, NameEachDamagedPartitionAtOnce) {
  ASSERT_TRUE(Create(Options()).ok());
  for (const std::string partition : {"initiative/00000", "metrics/00001"})
    WriteFile(ListSegments(backup_ / "it/journal/" + partition)->front(), "");
  EXPECT_THAT(TextOf(Verify()), AllOf(HasSubstr("initiative/00000"), HasSubstr("metrics/00001")));
}

TEST_F(Backups, OfAnotherKeyAreForeign) {
  ASSERT_TRUE(Create(Options()).ok());
  const auto other = Ed25519PrivateKey::Generate();
  const auto opened =
      Backup::Open(backup_ / "it", Ed25519PublicKey::FromPem(other->public_key().Pem()));
  EXPECT_TRUE(absl::IsDataLoss(opened.status()));
  EXPECT_THAT(TextOf(opened.status()), HasSubstr(other->public_key().Fingerprint()));
  const auto refused = CreateBackup(written_.journal(), *other, clock_, Options());
  EXPECT_TRUE(absl::IsFailedPrecondition(refused.status())) << refused.status();
}

TEST_F(Backups, RefuseAFolderThatHoldsOtherThings) {
  fs::create_directories(backup_ / "it");
  WriteFile(backup_ / "it/letters", "x");
  const auto refused = Create(Options());
  EXPECT_TRUE(absl::IsFailedPrecondition(refused.status()));
  EXPECT_THAT(TextOf(refused.status()), HasSubstr("letters"));
}

TEST_F(Backups, RefuseAJournalThatIsAnother) {
  ASSERT_TRUE(Create(Options()).ok());
  const TemporaryFolder other_folder;
  WrittenJournal other(other_folder.path());
  other.Create("initiative", 2);
  other.Create("metrics", 2);
  const auto shorter =
      CreateBackup(other.journal(), *key_, clock_, OptionsFor(other, backup_ / "it"));
  EXPECT_TRUE(absl::IsFailedPrecondition(shorter.status()));
  EXPECT_THAT(TextOf(shorter.status()), HasSubstr("record 0 of initiative/0"));
  EXPECT_EQ(Verify(), absl::OkStatus()) << "the backup is as it was";
}

TEST_F(Backups, RefuseAJournalOfEqualLengthWithOtherWords) {
  ASSERT_TRUE(Create(Options()).ok());
  const TemporaryFolder other_folder;
  WrittenJournal other(other_folder.path());
  WriteHistory(other, /*later=*/1);
  const auto refused =
      CreateBackup(other.journal(), *key_, clock_, OptionsFor(other, backup_ / "it"));
  EXPECT_TRUE(absl::IsFailedPrecondition(refused.status())) << refused.status();
  EXPECT_THAT(TextOf(refused.status()), HasSubstr("record 1 of initiative/0"));
  EXPECT_EQ(Verify(), absl::OkStatus()) << "the backup is as it was";
}

// Ends like a power cut after so many records.
void CreateAndDie(const std::string& journal_folder, const Ed25519PrivateKey& key,
                  BackupOptions options, std::uint64_t records) {
  auto journal = journal::EmbeddedJournal::Open({.folder = journal_folder, .read_only = true});
  if (!journal.ok()) _exit(2);
  options.progress = [records](std::uint64_t done) {
    if (done == records) kill(getpid(), SIGKILL);
  };
  const StandingClock clock;
  (void)CreateBackup(**journal, key, clock, options);
  _exit(0);
}

TEST(KilledBackups, ShowNothingHalfAndGoOnWhereTheyEnded) {
  const TemporaryFolder data;
  const TemporaryFolder backup;
  const auto key = Ed25519PrivateKey::Generate();
  BackupOptions options;
  std::uint64_t records = 0;
  {
    WrittenJournal written(data.path());
    WriteHistory(written);
    options = OptionsFor(written, backup / "it");
    for (const auto& partition : options.partitions) {
      auto reader = written.journal().OpenReader(partition, 0);
      records += (*reader)->Read(1'000)->size();
    }
  }
  for (std::uint64_t kill_at = 1; kill_at <= records; kill_at += 3) {
    SCOPED_TRACE(absl::StrCat("killed after ", kill_at, " of ", records, " records"));
    const pid_t child = fork();
    if (child == 0) CreateAndDie(data.path(), *key, options, kill_at);
    int status = 0;
    ASSERT_EQ(waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFSIGNALED(status));
    const auto opened =
        Backup::Open(backup / "it", Ed25519PublicKey::FromPem(key->public_key().Pem()));
    EXPECT_TRUE(absl::IsNotFound(opened.status())) << opened.status();
    for (const auto& partition : options.partitions) {
      auto reader = SegmentLogReader::Open(FolderOfPartition(backup / "it/journal", partition),
                                           partition, key->public_key());
      ASSERT_TRUE(reader.ok());
      auto record = reader->Next();
      while (record.ok() && *record) record = reader->Next();
      EXPECT_TRUE(record.ok()) << record.status();
    }
  }
  auto journal = journal::EmbeddedJournal::Open({.folder = data.path(), .read_only = true});
  const StandingClock clock;
  ASSERT_TRUE(CreateBackup(**journal, *key, clock, options).ok());
  const auto whole =
      Backup::Open(backup / "it", Ed25519PublicKey::FromPem(key->public_key().Pem()));
  ASSERT_TRUE(whole.ok());
  EXPECT_EQ(whole->Verify(nullptr), absl::OkStatus());
}

TEST_F(Backups, OnAFullDiskSayWhatIsFullAndGoOnWhenThereIsRoom) {
  const std::string disk = backup_ / "disk";
  fs::create_directories(disk);
  if (mount("none", disk.c_str(), "tmpfs", 0, "size=256k") != 0)
    GTEST_SKIP() << "skipped: only root may mount a small file system";
  WriteFile(disk + "/ballast", std::string(252 * 1'024, 'b'));
  BackupOptions options = OptionsFor(written_, disk + "/it");
  const auto full = Create(options);
  EXPECT_TRUE(absl::IsResourceExhausted(full.status())) << full.status();
  EXPECT_THAT(TextOf(full.status()), AllOf(HasSubstr("the disk is full"), HasSubstr(disk)));
  for (const auto& entry : fs::recursive_directory_iterator(disk))
    EXPECT_FALSE(entry.path().string().ends_with(".partial")) << entry.path();
  fs::remove(disk + "/ballast");
  const auto done = Create(options);
  EXPECT_TRUE(done.ok()) << done.status();
  umount2(disk.c_str(), MNT_DETACH);
}

}  // namespace
}  // namespace holdfast::archive
