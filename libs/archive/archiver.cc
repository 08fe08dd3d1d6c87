#include "archive/archiver.h"

#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/status_macros.h"

namespace holdfast::archive {
namespace {

constexpr std::size_t kRecordsPerRead = 1'024;

}  // namespace

Archiver::Archiver(std::unique_ptr<journal::Reader> reader, SegmentLogWriter writer, Clock& clock,
                   absl::Duration max_segment_age)
    : writer_(std::move(writer)),
      clock_(clock),
      max_segment_age_(max_segment_age),
      reader_(std::move(reader)) {}

absl::StatusOr<std::unique_ptr<Archiver>> Archiver::Open(journal::Journal& journal,
                                                         const journal::PartitionId& partition,
                                                         const security::Ed25519PrivateKey& key,
                                                         Clock& clock,
                                                         const ArchiverOptions& options) {
  const std::string folder = FolderOfPartition(options.folder, partition);
  ASSIGN_OR_RETURN(const LogPosition end, FindEnd(folder, partition, key.public_key()));
  ASSIGN_OR_RETURN(SegmentLogWriter writer,
                   SegmentLogWriter::Open(folder, partition, key, end, options.max_segment_bytes));
  ASSIGN_OR_RETURN(std::unique_ptr<journal::Reader> reader,
                   journal.OpenReader(partition, end.next_offset));
  return std::unique_ptr<Archiver>(
      new Archiver(std::move(reader), std::move(writer), clock, options.max_segment_age));
}

absl::Status Archiver::CatchUp() {
  while (true) {
    ASSIGN_OR_RETURN(const std::vector<journal::StoredRecord> records,
                     reader_->Read(kRecordsPerRead));
    if (records.empty()) break;
    for (const journal::StoredRecord& record : records) {
      if (!writer_.has_open_segment()) open_since_ = clock_.SinceBoot();
      RETURN_IF_ERROR(writer_.Append(record));
    }
  }
  if (!writer_.has_open_segment() || clock_.SinceBoot() - open_since_ < max_segment_age_)
    return absl::OkStatus();
  return writer_.Seal();
}

void Archiver::NotifyWhenMore(absl::AnyInvocable<void()> more) {
  reader_->NotifyWhenMore(std::move(more));
}

}  // namespace holdfast::archive
