#include "archive/segment.h"

#include <filesystem>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "archive/archive_fixtures.h"
#include "archive/segment_log.h"

namespace holdfast::archive {
namespace {

namespace fs = std::filesystem;
using journal::PartitionId;
using security::Ed25519PrivateKey;
using ::testing::AllOf;
using ::testing::HasSubstr;

const PartitionId kPartition{"initiative", 3};

std::string TextOf(const absl::Status& status) {
  return std::string(status.message());
}

class Segments : public ::testing::Test {
 protected:
  // Three segments: records 0-2, 5-6 (a journal may skip offsets), 7.
  void WriteLog(const std::string& folder, const PartitionId& partition,
                const std::string& words = "record ") {
    auto writer = SegmentLogWriter::Open(folder, partition, *key_, {}, 1'000'000);
    ASSERT_TRUE(writer.ok()) << writer.status();
    for (const auto& offsets : std::vector<std::vector<journal::Offset>>{{0, 1, 2}, {5, 6}, {7}}) {
      for (const journal::Offset offset : offsets)
        ASSERT_TRUE(writer->Append({offset, absl::StrCat(words, offset)}).ok());
      ASSERT_TRUE(writer->Seal().ok());
    }
  }
  // Reads the whole row: how many records, or what is wrong.
  absl::StatusOr<int> ReadLog(const std::string& folder,
                              const PartitionId& partition = kPartition) {
    auto reader = SegmentLogReader::Open(folder, partition, key_->public_key());
    if (!reader.ok()) return reader.status();
    for (int records = 0;; ++records) {
      const auto record = reader->Next();
      if (!record.ok()) return record.status();
      if (!*record) return records;
    }
  }
  std::string Path(int offset) const {
    return folder_ / absl::StrCat("0000000000000000000", offset, ".segment");
  }

  const TemporaryFolder folder_;
  const std::unique_ptr<const Ed25519PrivateKey> key_ = Ed25519PrivateKey::Generate();
};

TEST_F(Segments, GiveBackWhatWasWrittenAndFollowEachOther) {
  WriteLog(folder_.path(), kPartition);
  auto reader = SegmentLogReader::Open(folder_.path(), kPartition, key_->public_key());
  ASSERT_TRUE(reader.ok());
  for (const journal::Offset offset : {0U, 1U, 2U, 5U, 6U, 7U}) {
    const auto record = reader->Next();
    ASSERT_TRUE(record.ok() && *record) << record.status();
    EXPECT_EQ((*record)->offset, offset);
    EXPECT_EQ((*record)->bytes, absl::StrCat("record ", offset));
  }
  EXPECT_EQ(*reader->Next(), std::nullopt);
  EXPECT_EQ(reader->position().next_offset, 8U);
}

TEST_F(Segments, CannotBeSeenBeforeTheyAreSealed) {
  auto writer = SegmentLogWriter::Open(folder_.path(), kPartition, *key_, {}, 1'000'000);
  ASSERT_TRUE(writer.ok());
  ASSERT_TRUE(writer->Append({0, std::string(1'000'000, 'x')}).ok());  // sealed by its size
  ASSERT_TRUE(writer->Append({1, "second"}).ok());
  EXPECT_EQ(ListSegments(folder_.path())->size(), 1U);
  EXPECT_EQ(*ReadLog(folder_.path()), 1);
}

TEST_F(Segments, NameEveryByteThatIsFlipped) {
  WriteLog(folder_.path(), kPartition);
  for (const int first : {0, 3, 7}) {
    const std::string path = Path(first);
    const std::string whole = ReadFile(path);
    ASSERT_FALSE(whole.empty());
    for (std::size_t at = 0; at < whole.size(); ++at) {
      for (const int flip : {0x01, 0x80, 0xFF}) {
        std::string bytes = whole;
        bytes[at] = static_cast<char>(bytes[at] ^ flip);
        WriteFile(path, bytes);
        const auto read = ReadLog(folder_.path());
        ASSERT_TRUE(absl::IsDataLoss(read.status()))
            << path << " byte " << at << ": " << read.status();
        ASSERT_THAT(TextOf(read.status()), HasSubstr(path)) << "byte " << at;
      }
    }
    WriteFile(path, whole);
  }
  EXPECT_EQ(*ReadLog(folder_.path()), 6);
}

TEST_F(Segments, NameWhereTheyAreCutShortOrLongerThanTheyWere) {
  WriteLog(folder_.path(), kPartition);
  const std::string whole = ReadFile(Path(3));
  for (std::size_t length = 0; length < whole.size(); ++length) {
    WriteFile(Path(3), whole.substr(0, length));
    const auto read = ReadLog(folder_.path());
    ASSERT_TRUE(absl::IsDataLoss(read.status())) << length;
    ASSERT_THAT(TextOf(read.status()), HasSubstr(Path(3)));
  }
  WriteFile(Path(3), whole + "x");
  EXPECT_THAT(TextOf(ReadLog(folder_.path()).status()),
              AllOf(HasSubstr(Path(3)), HasSubstr("something follows its footer")));
}

TEST_F(Segments, NameTheOneThatIsMissing) {
  WriteLog(folder_.path(), kPartition);
  fs::remove(Path(3));
  EXPECT_THAT(TextOf(ReadLog(folder_.path()).status()),
              AllOf(HasSubstr("is missing"), HasSubstr("offsets 3 to 6"), HasSubstr(Path(7))));
  fs::remove(Path(0));
  EXPECT_THAT(TextOf(ReadLog(folder_.path()).status()), HasSubstr("offsets 0 to 6"));
}

TEST_F(Segments, NameTheOneThatHasAnothersPlace) {
  WriteLog(folder_.path(), kPartition);
  fs::rename(Path(3), Path(4));
  EXPECT_THAT(TextOf(ReadLog(folder_.path()).status()),
              AllOf(HasSubstr(Path(4)), HasSubstr("it begins at offset 3")));
}

TEST_F(Segments, NameTheOneOfAnotherPartition) {
  WriteLog(folder_.path(), {"initiative", 2});
  EXPECT_THAT(TextOf(ReadLog(folder_.path()).status()),
              AllOf(HasSubstr(Path(0)), HasSubstr("foreign"), HasSubstr("initiative/2")));
}

TEST_F(Segments, NameTheOneThatContinuesAnotherHistory) {
  WriteLog(folder_.path(), kPartition);
  const TemporaryFolder other;
  WriteLog(other.path(), kPartition, "words of others ");
  fs::copy_file(other / "00000000000000000003.segment", Path(3),
                fs::copy_options::overwrite_existing);
  EXPECT_THAT(TextOf(ReadLog(folder_.path()).status()),
              AllOf(HasSubstr(Path(3)), HasSubstr("does not continue"), HasSubstr(Path(0))));
}

TEST_F(Segments, NameTheOneThatAnotherKeySigned) {
  WriteLog(folder_.path(), kPartition);
  const auto other = Ed25519PrivateKey::Generate();
  auto reader = SegmentLogReader::Open(folder_.path(), kPartition, other->public_key());
  absl::Status status;
  for (int i = 0; i < 4 && status.ok(); ++i) status = reader->Next().status();
  EXPECT_THAT(TextOf(status), AllOf(HasSubstr(Path(0)), HasSubstr("is not signed by the key"),
                                    HasSubstr(other->public_key().Fingerprint())));
}

TEST_F(Segments, AreNeverWrittenInPlaceOfOthers) {
  WriteLog(folder_.path(), kPartition);
  const std::string before = ReadFile(Path(0));
  auto writer = SegmentLogWriter::Open(folder_.path(), kPartition, *key_, {}, 1'000'000);
  ASSERT_TRUE(writer->Append({0, "other"}).ok());
  EXPECT_TRUE(absl::IsAlreadyExists(writer->Seal()));
  EXPECT_EQ(ReadFile(Path(0)), before);
}

TEST_F(Segments, NameAFileThatIsNone) {
  WriteLog(folder_.path(), kPartition);
  WriteFile(folder_ / "notes", "x");
  EXPECT_THAT(TextOf(ReadLog(folder_.path()).status()), HasSubstr(folder_ / "notes"));
}

}  // namespace
}  // namespace holdfast::archive
