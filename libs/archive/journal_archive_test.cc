#include "archive/journal_archive.h"

#include <memory>
#include <optional>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "holdfast/archive/v1/archive.pb.h"

#include "archive/archive_fixtures.h"
#include "archive/backup.h"
#include "archive/manifest.h"
#include "archive/restore.h"
#include "archive/segment_log.h"
#include "base/hash.h"
#include "base/hex.h"

namespace holdfast::archive {
namespace {

using security::Ed25519PrivateKey;
using ::testing::HasSubstr;

class JournalArchives : public ::testing::Test {
 protected:
  std::unique_ptr<JournalArchive> Open() {
    JournalArchiveOptions options;
    options.folder = folder_.path();
    options.max_segment_bytes = 2'000;
    auto opened = JournalArchive::Open(written_.journal(), *key_, clock_, options);
    EXPECT_TRUE(opened.ok()) << opened.status();
    return *std::move(opened);
  }
  std::unique_ptr<JournalArchive> Following() {
    auto archive = Open();
    EXPECT_TRUE(archive->Follow("initiative").ok());
    EXPECT_TRUE(archive->Follow("metrics").ok());
    return archive;
  }
  absl::StatusOr<Backup> Read() { return Backup::Open(folder_.path(), nullptr); }
  // The manifest holds every record of the journal.
  void ExpectWhole() {
    const auto backup = Read();
    ASSERT_TRUE(backup.ok()) << backup.status();
    EXPECT_TRUE(backup->Verify(nullptr).ok()) << backup->Verify(nullptr);
    const auto heads = written_.Heads();
    ASSERT_EQ(static_cast<std::size_t>(backup->manifest().partitions_size()), heads.size());
    for (std::size_t i = 0; i < heads.size(); ++i) {
      const v1::Partition& archived = backup->manifest().partitions(static_cast<int>(i));
      EXPECT_EQ(static_cast<std::size_t>(archived.heads_size()), heads[i].size());
      for (const v1::Head& head : archived.heads())
        EXPECT_EQ(head.hash(), ToHex(AsBytes(heads[i].at(head.tenant()).hash)));
    }
  }

  const TemporaryFolder journal_folder_;
  const TemporaryFolder folder_;
  WrittenJournal written_{journal_folder_.path()};
  StandingClock clock_;
  const std::unique_ptr<const Ed25519PrivateKey> key_ = Ed25519PrivateKey::Generate();
};

TEST_F(JournalArchives, AreBackupsThatCanBeVerified) {
  WriteHistory(written_);
  ASSERT_TRUE(Following()->Finish().ok());
  ExpectWhole();
}

TEST_F(JournalArchives, GrowWithTheJournalAcrossRestarts) {
  WriteHistory(written_);
  for (int start = 1; start < 4; ++start) {
    const auto archive = start == 1 ? Following() : Open();
    ASSERT_TRUE(archive->Finish().ok());
    ExpectWhole();
    for (const char* tenant : {"westmoor", "northam"})
      written_.Commit("metrics", tenant, 100 * start);
  }
  ASSERT_TRUE(Open()->Finish().ok());
  ExpectWhole();
}

TEST_F(JournalArchives, HoldARecordNoLongerThanTheAgeOfASegment) {
  WriteHistory(written_);
  const auto archive = Following();
  ASSERT_TRUE(archive->Finish().ok());
  written_.Commit("metrics", "westmoor", 100);
  ASSERT_TRUE(archive->CatchUp().ok());
  clock_.Advance(absl::Seconds(60));
  ASSERT_TRUE(archive->CatchUp().ok());
  ExpectWhole();
}

TEST_F(JournalArchives, HaveNoLagOnceEverythingIsInTheManifest) {
  WriteHistory(written_);
  const auto archive = Following();
  ASSERT_TRUE(archive->Finish().ok());
  EXPECT_EQ(archive->Lag("metrics"), absl::ZeroDuration());
  written_.Commit("metrics", "westmoor", 100);
  clock_.Advance(absl::Seconds(20));
  ASSERT_TRUE(archive->CatchUp().ok());
  EXPECT_GE(archive->Lag("metrics"), absl::Seconds(20));
  EXPECT_EQ(archive->Lag("initiative"), absl::ZeroDuration());
}

TEST_F(JournalArchives, TellTheirLagByWhatWasRecordedBeforeTheyWereStarted) {
  WriteHistory(written_);
  clock_.Advance(absl::Seconds(1'000));
  const auto archive = Following();
  // The records are some 1,000 s old, and none is in a manifest.
  ASSERT_FALSE(Read().ok());
  written_.Commit("metrics", "westmoor", 400);
  ASSERT_TRUE(archive->Finish().ok());
  written_.Commit("metrics", "westmoor", 700);
  ASSERT_TRUE(archive->CatchUp().ok());
  EXPECT_EQ(archive->Lag("metrics"), absl::Seconds(300));
}

TEST_F(JournalArchives, PublishNoReactionWithoutItsCause) {
  written_.Create("metrics", 1);
  written_.Create("source", 1);
  written_.Own({"metrics", 0});
  written_.Own({"source", 0});
  const auto archive = Open();
  ASSERT_TRUE(archive->Follow("metrics").ok());
  ASSERT_TRUE(archive->Follow("source").ok());
  ASSERT_TRUE(archive->Finish().ok());
  // The cause is not to be seen yet.
  written_.Commit("metrics", "westmoor", 2, /*caused_by_seq=*/1);
  ASSERT_TRUE(archive->Finish().ok());
  EXPECT_EQ(Read()->manifest().partitions(0).records(), 1U);
  written_.Commit("source", "westmoor", 1);
  ASSERT_TRUE(archive->Finish().ok());
  EXPECT_EQ(Read()->manifest().partitions(0).records(), 2U);
  EXPECT_TRUE(PlanRestore(*Read(), std::nullopt, nullptr).ok());
}

TEST_F(JournalArchives, GoOnWithTheOtherPartitionsWhereOneCannotBeArchived) {
  WriteHistory(written_);
  ASSERT_TRUE(Following()->Finish().ok());
  const std::string damaged =
      ListSegments(FolderOfPartition(JournalOf(folder_.path()), {"initiative", 0}))->front();
  std::string bytes = ReadFile(damaged);
  bytes[bytes.size() / 2] = static_cast<char>(bytes[bytes.size() / 2] ^ 1);
  WriteFile(damaged, bytes);
  written_.Commit("metrics", "westmoor", 100);
  const auto archive = Open();
  const absl::Status told = archive->CatchUp();
  EXPECT_TRUE(absl::IsDataLoss(told));
  EXPECT_THAT(std::string(told.message()), HasSubstr("archive initiative/0"));
  clock_.Advance(absl::Seconds(60));
  EXPECT_TRUE(absl::IsDataLoss(archive->CatchUp()));
  const auto home = journal::PartitionOf("westmoor", 2);
  const std::string segments = FolderOfPartition(JournalOf(folder_.path()), {"metrics", home});
  auto row = SegmentLogReader::Open(segments, {"metrics", home}, key_->public_key());
  std::uint64_t records = 0;
  for (auto record = row->Next(); record.ok() && *record; record = row->Next()) ++records;
  EXPECT_EQ(records, Read()->manifest().partitions(2 + static_cast<int>(home)).records() + 1);
  EXPECT_GE(archive->Lag("metrics"), absl::Seconds(60));
}

TEST_F(JournalArchives, RefuseAnotherJournal) {
  WriteHistory(written_);
  ASSERT_TRUE(Following()->Finish().ok());
  const TemporaryFolder elsewhere;
  WrittenJournal other(elsewhere.path());
  WriteHistory(other, /*later=*/1);
  JournalArchiveOptions options;
  options.folder = folder_.path();
  const auto archive = JournalArchive::Open(other.journal(), *key_, clock_, options);
  ASSERT_TRUE(archive.ok()) << archive.status();
  const absl::Status told = (*archive)->CatchUp();
  EXPECT_TRUE(absl::IsFailedPrecondition(told));
  EXPECT_THAT(std::string(told.message()), HasSubstr("not the one in the archive"));
}

TEST_F(JournalArchives, HoldTheFilesAsTheyAreAtEachManifest) {
  WriteHistory(written_);
  const TemporaryFolder files;
  FilesByPath listed{{"state/command-mac.key", files.path() + "/mac"}};
  WriteFile(files.path() + "/mac", "first");
  JournalArchiveOptions options;
  options.folder = folder_.path();
  options.files = [&listed]() -> absl::StatusOr<FilesByPath> { return listed; };
  auto archive = JournalArchive::Open(written_.journal(), *key_, clock_, options);
  ASSERT_TRUE(archive.ok()) << archive.status();
  ASSERT_TRUE((*archive)->Follow("metrics").ok());
  ASSERT_TRUE((*archive)->Finish().ok());
  const auto content = [this](int file) {
    const auto backup = Read();
    EXPECT_TRUE(backup->Verify(nullptr).ok()) << backup->Verify(nullptr);
    return ReadFile(backup->PathOf(backup->manifest().files(file)));
  };
  EXPECT_EQ(content(0), "first");
  WriteFile(files.path() + "/mac", "another");
  WriteFile(files.path() + "/upload", "handed in");
  listed["files/metrics/upload"] = files.path() + "/upload";
  written_.Commit("metrics", "westmoor", 100);
  ASSERT_TRUE((*archive)->Finish().ok());
  EXPECT_EQ(content(0), "handed in");
  EXPECT_EQ(content(1), "another");
}

TEST_F(JournalArchives, BelongToOneKey) {
  ASSERT_NE(Open(), nullptr);
  const auto other = Ed25519PrivateKey::Generate();
  JournalArchiveOptions options;
  options.folder = folder_.path();
  EXPECT_TRUE(absl::IsFailedPrecondition(
      JournalArchive::Open(written_.journal(), *other, clock_, options).status()));
}

}  // namespace
}  // namespace holdfast::archive
