#include "archive/archiver.h"

#include <filesystem>
#include <fstream>
#include <optional>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "archive/archive_fixtures.h"

namespace holdfast::archive {
namespace {

using journal::PartitionId;
using journal::StoredRecord;
using security::Ed25519PrivateKey;

const PartitionId kPartition{"initiative", 0};

class Following : public ::testing::Test {
 protected:
  void SetUp() override {
    written_.Create("initiative", 1);
    written_.Own(kPartition);
  }
  std::unique_ptr<Archiver> Open(std::uint64_t max_bytes = 1'000'000) {
    ArchiverOptions options;
    options.folder = archive_.path();
    options.max_segment_bytes = max_bytes;
    options.max_segment_age = absl::Seconds(60);
    auto opened = Archiver::Open(written_.journal(), kPartition, *key_, clock_, options);
    EXPECT_TRUE(opened.ok()) << opened.status();
    return *std::move(opened);
  }
  std::string Folder() const { return FolderOfPartition(archive_.path(), kPartition); }

  // Every record of the archive is the journal's, without gap or overlap: how many there are.
  int Compared() {
    auto archived = SegmentLogReader::Open(Folder(), kPartition, key_->public_key());
    auto reader = written_.journal().OpenReader(kPartition, 0);
    for (int count = 0;; ++count) {
      const auto record = archived->Next();
      EXPECT_TRUE(record.ok()) << record.status();
      if (!record.ok() || !*record) return count;
      const auto stored = (*reader)->Read(1);
      EXPECT_EQ((*record)->offset, stored->front().offset);
      EXPECT_EQ((*record)->bytes, stored->front().bytes);
    }
  }

  const TemporaryFolder journal_folder_;
  const TemporaryFolder archive_;
  WrittenJournal written_{journal_folder_.path()};
  StandingClock clock_;
  const std::unique_ptr<const Ed25519PrivateKey> key_ = Ed25519PrivateKey::Generate();
};

TEST_F(Following, SealsByTimeWhatIsTooSmallForASegment) {
  const auto archiver = Open();
  written_.Commit("initiative", "westmoor", 1);
  ASSERT_TRUE(archiver->CatchUp().ok());
  EXPECT_EQ(archiver->archived_to(), 0U);
  clock_.Advance(absl::Seconds(59));
  written_.Commit("initiative", "westmoor", 2);
  ASSERT_TRUE(archiver->CatchUp().ok());
  EXPECT_EQ(archiver->archived_to(), 0U);
  clock_.Advance(absl::Seconds(1));
  ASSERT_TRUE(archiver->CatchUp().ok());
  EXPECT_EQ(archiver->archived_to(), 3U);
  EXPECT_EQ(Compared(), 3);
}

TEST_F(Following, SealsBySizeAndCopiesVoidRecordsToo) {
  const auto archiver = Open(/*max_bytes=*/500);
  for (int i = 0; i < 20; ++i) written_.Commit("initiative", "westmoor", i);
  written_.Append(kPartition, journal::EncodeBarrier({9, Uuid{}}));
  ASSERT_TRUE(archiver->CatchUp().ok());
  EXPECT_GT(ListSegments(Folder())->size(), 3U);
  ASSERT_TRUE(archiver->Seal().ok());
  EXPECT_EQ(archiver->archived_to(), 22U);
  EXPECT_EQ(Compared(), 22);
}

TEST_F(Following, GoesOnWhereItEndedWithoutGapOrOverlap) {
  int written = 1;
  for (int start = 0; start < 6; ++start) {
    const auto archiver = Open(/*max_bytes=*/700);
    for (int i = 0; i < 5; ++i, ++written) written_.Commit("initiative", "westmoor", written);
    ASSERT_TRUE(archiver->CatchUp().ok());
    // Every second one ends as a killed one does: with a draft, and without sealing.
    if (start % 2 == 0) {
      ASSERT_TRUE(archiver->Seal().ok());
    }
    std::ofstream(absl::StrCat(Folder(), "/99.segment.partial")) << "half";
  }
  const auto last = Open();
  ASSERT_TRUE(last->CatchUp().ok());
  ASSERT_TRUE(last->Seal().ok());
  EXPECT_EQ(Compared(), written);
}

TEST_F(Following, DoesNotGoOnBehindADamagedSegment) {
  {
    const auto archiver = Open();
    written_.Commit("initiative", "westmoor", 1);
    ASSERT_TRUE(archiver->CatchUp().ok());
    ASSERT_TRUE(archiver->Seal().ok());
  }
  const std::string path = ListSegments(Folder())->back();
  std::string bytes = ReadFile(path);
  bytes[bytes.size() / 2] = static_cast<char>(bytes[bytes.size() / 2] ^ 1);
  WriteFile(path, bytes);
  const auto refused =
      Archiver::Open(written_.journal(), kPartition, *key_, clock_, {.folder = archive_.path()});
  EXPECT_TRUE(absl::IsDataLoss(refused.status()));
  EXPECT_THAT(std::string(refused.status().message()), ::testing::HasSubstr(path));
}

TEST_F(Following, DoesNotGoOnWithAJournalThatHasAnotherRecordWhereItEnded) {
  {
    const auto archiver = Open();
    written_.Commit("initiative", "westmoor", 1);
    ASSERT_TRUE(archiver->CatchUp().ok());
    ASSERT_TRUE(archiver->Seal().ok());
  }
  const TemporaryFolder elsewhere;
  WrittenJournal other(elsewhere.path());
  other.Create("initiative", 1);
  other.Own(kPartition);
  other.Commit("initiative", "westmoor", 2);
  const auto refused =
      Archiver::Open(other.journal(), kPartition, *key_, clock_, {.folder = archive_.path()});
  EXPECT_TRUE(absl::IsFailedPrecondition(refused.status()));
  EXPECT_THAT(std::string(refused.status().message()),
              ::testing::HasSubstr("record 1 of initiative/0"));
}

}  // namespace
}  // namespace holdfast::archive
