#include "archive/archive_fixtures.h"

#include <atomic>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <utility>

#include <gtest/gtest.h>
#include <unistd.h>

#include "holdfast/journal/v1/journal.pb.h"

#include "absl/strings/str_cat.h"
#include "archive/bulk_writer.h"
#include "base/timestamps.h"
#include "journal/verification.h"

namespace holdfast::archive {
namespace {

using journal::PartitionId;

std::string NewPath() {
  static std::atomic<int> number = 0;
  return absl::StrCat(::testing::TempDir(), "/archive_", ::getpid(), "_", ++number);
}

}  // namespace

TemporaryFolder::TemporaryFolder() : path_(NewPath()) {
  std::filesystem::remove_all(path_);
  std::filesystem::create_directories(path_);
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

std::string ReadFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::stringstream bytes;
  bytes << file.rdbuf();
  return bytes.str();
}

void WriteFile(const std::string& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary | std::ios::trunc) << bytes;
}

absl::Time At(int seconds) {
  return absl::FromUnixSeconds(1'772'445'600) + absl::Seconds(seconds);
}

WrittenJournal::WrittenJournal(std::string folder) {
  journal::EmbeddedJournalOptions options;
  options.folder = std::move(folder);
  auto opened = journal::EmbeddedJournal::Open(options);
  EXPECT_TRUE(opened.ok()) << opened.status();
  journal_ = *std::move(opened);
}

void WrittenJournal::Create(const std::string& context, std::uint32_t partitions) {
  EXPECT_TRUE(journal_->CreateContext(context, partitions).ok());
}

journal::AcceptanceFold& WrittenJournal::FoldOf(const PartitionId& partition) {
  return folds_[partition];
}

journal::WriterId WrittenJournal::OwnerOf(const PartitionId& partition) {
  return FoldOf(partition).state().owner;
}

void WrittenJournal::Own(const PartitionId& partition) {
  journal::WriterId writer;
  writer.epoch = OwnerOf(partition).epoch + 1;
  writer.instance[0] = ++instances_;
  Append(partition, journal::EncodeBarrier(writer));
}

void WrittenJournal::Append(const PartitionId& partition, const std::string& record) {
  auto opened = journal_->OpenWriter(partition);
  ASSERT_TRUE(opened.ok()) << opened.status();
  BulkWriter writer(*std::move(opened));
  ASSERT_TRUE(writer.Append(record).ok());
  ASSERT_TRUE(writer.Finish().ok());
  journal::AcceptanceFold& fold = FoldOf(partition);
  ASSERT_TRUE(fold.Apply(fold.state().next_offset, record).ok());
}

void WrittenJournal::Commit(const std::string& context, const std::string& tenant, int seconds,
                            std::uint64_t caused_by_seq) {
  const auto partitions = journal_->Partitions(context);
  ASSERT_TRUE(partitions.ok());
  const PartitionId partition{context, journal::PartitionOf(tenant, *partitions)};
  const journal::TenantHead head = FoldOf(partition).HeadOf(tenant);
  journal::v1::Commit commit;
  commit.set_format(journal::kCommitFormat);
  commit.set_tenant(tenant);
  commit.set_seq(head.seq + 1);
  commit.set_prev_hash(std::string(AsBytes(head.hash)));
  commit.set_stream(absl::StrCat("site/", seconds));
  *commit.mutable_recorded_at() = ToTimestamp(At(seconds));
  if (caused_by_seq > 0) {
    commit.mutable_caused_by()->set_context("source");
    commit.mutable_caused_by()->set_seq(caused_by_seq);
  }
  Append(partition, journal::EncodeCommitRecord(OwnerOf(partition), commit).record);
}

std::vector<std::map<std::string, journal::TenantHead>> WrittenJournal::Heads() {
  std::vector<std::map<std::string, journal::TenantHead>> all;
  for (const PartitionId& partition : journal_->AllPartitions()) {
    const auto verified = journal::VerifyPartition(*journal_, partition);
    EXPECT_TRUE(verified.ok());
    const auto& heads = verified->fold.heads();
    all.emplace_back(heads.begin(), heads.end());
  }
  return all;
}

std::shared_ptr<journal::SimulatedRecords> WithSkippedOffsets(WrittenJournal& written,
                                                              const std::string& context) {
  auto records = std::make_shared<journal::SimulatedRecords>();
  const std::uint32_t partitions = *written.journal().Partitions(context);
  records->contexts[context] = partitions;
  for (std::uint32_t p = 0; p < partitions; ++p) {
    const auto reader = written.journal().OpenReader({context, p}, 0);
    auto stored = (*reader)->Read(1'000);
    for (journal::StoredRecord& record : *stored) {
      record.offset = record.offset * 3 + 7;
      records->partitions[{context, p}].push_back(std::move(record));
    }
  }
  return records;
}

void WriteHistory(WrittenJournal& written, int later) {
  for (const std::string context : {"initiative", "metrics"}) {
    written.Create(context, 2);
    for (const std::uint32_t p : {0U, 1U}) written.Own({context, p});
    for (int i = 0; i < 5; ++i) {
      for (const std::string tenant : {"eastvale", "sandbox", "westmoor", "northam"})
        written.Commit(context, tenant, later + i * 10);
    }
    // A late record of a writer that is none any more.
    journal::WriterId late = written.OwnerOf({context, 0});
    written.Own({context, 0});
    written.Append({context, 0}, journal::EncodeTenantClosed(late, "westmoor"));
    written.Commit(context, "westmoor", later + 60);
    written.Commit(context, "eastvale", later + 60);
    written.Commit(context, "sandbox", later + 60);
  }
}

BackupOptions OptionsFor(WrittenJournal& written, const std::string& folder) {
  BackupOptions options;
  options.folder = folder;
  options.partitions = written.journal().AllPartitions();
  options.max_segment_bytes = 1'000;  // several segments of a few records each
  return options;
}

}  // namespace holdfast::archive
