#include "archive/archiver.h"

#include <optional>
#include <utility>
#include <vector>

#include "holdfast/journal/v1/journal.pb.h"

#include "absl/strings/str_cat.h"
#include "archive/manifest.h"
#include "base/clock.h"
#include "base/status_macros.h"
#include "base/timestamps.h"

namespace holdfast::archive {
namespace {

using journal::Folded;
using journal::PartitionId;
using journal::Reader;
using journal::RecordKind;
using journal::StoredRecord;

constexpr std::size_t kRecordsPerRead = 1'024;

bool IsAcceptedCommit(const Folded& folded) {
  return folded.accepted() && folded.kind == RecordKind::kCommit;
}

// Everything that a folder holds of a partition.
struct Row {
  ArchivedPartition archived;
  LogPosition end;
  std::optional<StoredRecord> last;
};

absl::StatusOr<Row> ReadRow(const std::string& folder, const PartitionId& partition,
                            const security::Ed25519PublicKey& key) {
  Row row;
  ASSIGN_OR_RETURN(SegmentLogReader reader, SegmentLogReader::Open(folder, partition, key));
  while (true) {
    ASSIGN_OR_RETURN(std::optional<StoredRecord> record, reader.Next());
    if (!record) break;
    RETURN_IF_ERROR(row.archived.Fold(*record).status());
    row.last = std::move(record);
  }
  row.end = reader.position();
  return row;
}

// Behind the last record that is archived, which the journal must still hold.
absl::StatusOr<std::unique_ptr<Reader>> OpenBehind(journal::Journal& journal,
                                                   const PartitionId& partition,
                                                   const std::optional<StoredRecord>& last) {
  if (!last) return journal.OpenReader(partition, 0);
  ASSIGN_OR_RETURN(std::unique_ptr<Reader> reader, journal.OpenReader(partition, last->offset));
  ASSIGN_OR_RETURN(const std::vector<StoredRecord> again, reader->Read(1));
  if (again.size() == 1 && again[0].offset == last->offset && again[0].bytes == last->bytes)
    return reader;
  return absl::FailedPreconditionError(absl::StrCat(
      "the journal is not the one in the archive: record ", last->offset, " of ", NameOf(partition),
      " is another, or is gone. Archive it into another folder, and find out which is "
      "right"));
}

}  // namespace

absl::StatusOr<Folded> ArchivedPartition::Fold(const StoredRecord& record) {
  absl::StatusOr<Folded> folded = fold_.Apply(record.offset, record.bytes);
  if (!folded.ok()) return WithContext(folded.status(), absl::StrCat("record ", record.offset));
  ++records_;
  if (folded->accepted()) ++accepted_;
  if (IsAcceptedCommit(*folded)) causes_.Add(*folded->commit);
  return folded;
}

Archiver::Archiver(ArchivedPartition archived, std::unique_ptr<Reader> reader,
                   SegmentLogWriter writer, Clock& clock, absl::Duration max_segment_age)
    : archived_(std::move(archived)),
      writer_(std::move(writer)),
      clock_(clock),
      max_segment_age_(max_segment_age),
      reader_(std::move(reader)) {}

absl::StatusOr<std::unique_ptr<Archiver>> Archiver::Open(journal::Journal& journal,
                                                         const PartitionId& partition,
                                                         const security::Ed25519PrivateKey& key,
                                                         Clock& clock,
                                                         const ArchiverOptions& options) {
  const std::string folder = FolderOfPartition(options.folder, partition);
  ASSIGN_OR_RETURN(Row row, ReadRow(folder, partition, key.public_key()));
  ASSIGN_OR_RETURN(SegmentLogWriter writer, SegmentLogWriter::Open(folder, partition, key, row.end,
                                                                   options.max_segment_bytes));
  ASSIGN_OR_RETURN(std::unique_ptr<Reader> reader, OpenBehind(journal, partition, row.last));
  return std::unique_ptr<Archiver>(new Archiver(std::move(row.archived), std::move(reader),
                                                std::move(writer), clock, options.max_segment_age));
}

absl::Status Archiver::CatchUp() {
  while (true) {
    ASSIGN_OR_RETURN(const std::vector<StoredRecord> records, reader_->Read(kRecordsPerRead));
    if (records.empty()) break;
    for (const StoredRecord& record : records) RETURN_IF_ERROR(Copy(record));
  }
  if (!writer_.has_open_segment() || clock_.SinceBoot() - open_since_ < max_segment_age_)
    return absl::OkStatus();
  return Seal();
}

absl::Status Archiver::Copy(const StoredRecord& record) {
  usable_ = false;
  if (!writer_.has_open_segment()) open_since_ = clock_.SinceBoot();
  ASSIGN_OR_RETURN(const Folded folded, archived_.Fold(record));
  if (IsAcceptedCommit(folded) && waits_since_ == absl::InfiniteFuture())
    waits_since_ = ToTime(folded.commit->recorded_at());
  RETURN_IF_ERROR(writer_.Append(record));
  if (!writer_.has_open_segment()) waits_since_ = absl::InfiniteFuture();
  usable_ = true;
  return absl::OkStatus();
}

absl::Status Archiver::Seal() {
  absl::Status sealed = writer_.Seal();
  usable_ = sealed.ok();
  RETURN_IF_ERROR(sealed);
  waits_since_ = absl::InfiniteFuture();
  return absl::OkStatus();
}

void Archiver::NotifyWhenMore(absl::AnyInvocable<void()> more) {
  reader_->NotifyWhenMore(std::move(more));
}

}  // namespace holdfast::archive
