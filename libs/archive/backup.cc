#include "archive/backup.h"

#include <algorithm>
#include <filesystem>
#include <optional>
#include <utility>

#include <google/protobuf/util/message_differencer.h>

#include "absl/strings/str_cat.h"
#include "archive/durable_file.h"
#include "archive/key_file.h"
#include "archive/manifest.h"
#include "archive/segment_log.h"
#include "base/clock.h"
#include "base/status_macros.h"
#include "base/timestamps.h"

namespace holdfast::archive {
namespace {

namespace fs = std::filesystem;
namespace pb = google::protobuf;
using journal::AcceptanceFold;
using journal::Folded;
using journal::PartitionId;
using journal::StoredRecord;
using security::Ed25519PrivateKey;
using security::Ed25519PublicKey;

constexpr std::size_t kRecordsPerRead = 1'024;

// Compares records of the journal with those that are archived already, then adds the rest.
class PartitionBackup {
 public:
  PartitionBackup(const BackupOptions& options, const PartitionId& id, const Ed25519PrivateKey& key,
                  SegmentLogReader archived)
      : options_(options), id_(id), key_(key), archived_(std::move(archived)) {}

  absl::Status Add(const StoredRecord& record) {
    if (!writer_) {
      ASSIGN_OR_RETURN(const std::optional<StoredRecord> before, archived_.Next());
      if (before) return Same(*before, record);
      ASSIGN_OR_RETURN(writer_, SegmentLogWriter::Open(Folder(), id_, key_, archived_.position(),
                                                       options_.max_segment_bytes));
    }
    return writer_->Append(record);
  }

  absl::Status Finish() {
    if (writer_) return writer_->Seal();
    ASSIGN_OR_RETURN(const std::optional<StoredRecord> before, archived_.Next());
    return before ? Differs(before->offset) : absl::OkStatus();
  }

 private:
  std::string Folder() const { return FolderOfPartition(JournalOf(options_.folder), id_); }

  absl::Status Same(const StoredRecord& before, const StoredRecord& now) const {
    if (before.offset != now.offset) return Differs(std::min(before.offset, now.offset));
    return before.bytes == now.bytes ? absl::OkStatus() : Differs(now.offset);
  }
  absl::Status Differs(journal::Offset offset) const {
    return absl::FailedPreconditionError(absl::StrCat(
        "the journal is not the one in the backup ", options_.folder, ": record ", offset, " of ",
        NameOf(id_),
        " is another, or is gone. Back it up into another folder, and find out which is right"));
  }

  const BackupOptions& options_;
  const PartitionId& id_;
  const Ed25519PrivateKey& key_;
  SegmentLogReader archived_;
  std::optional<SegmentLogWriter> writer_;
};

absl::Status BackUpPartition(journal::Journal& journal, const PartitionId& id,
                             const Ed25519PrivateKey& key, const BackupOptions& options,
                             std::uint64_t& done, v1::Partition& partition) {
  partition.set_context(id.context);
  partition.set_partition(id.partition);
  ASSIGN_OR_RETURN(SegmentLogReader archived,
                   SegmentLogReader::Open(FolderOfPartition(JournalOf(options.folder), id), id,
                                          key.public_key()));
  PartitionBackup backup(options, id, key, std::move(archived));
  ASSIGN_OR_RETURN(const std::unique_ptr<journal::Reader> reader, journal.OpenReader(id, 0));
  AcceptanceFold fold;
  std::uint64_t accepted = 0;
  while (true) {
    ASSIGN_OR_RETURN(const std::vector<StoredRecord> records, reader->Read(kRecordsPerRead));
    if (records.empty()) break;
    for (const StoredRecord& record : records) {
      const absl::StatusOr<Folded> folded = fold.Apply(record.offset, record.bytes);
      RETURN_IF_ERROR(WithContext(
          folded.status(), absl::StrCat("record ", record.offset, " of ", NameOf(partition))));
      if (folded->accepted()) ++accepted;
      RETURN_IF_ERROR(backup.Add(record));
      partition.set_records(partition.records() + 1);
      if (options.progress) options.progress(++done);
    }
  }
  RETURN_IF_ERROR(backup.Finish());
  partition.set_accepted(accepted);
  Record(fold, partition);
  return absl::OkStatus();
}

// What was recorded of a partition, against what its segments come to.
absl::Status Compare(const std::string& folder, const v1::Partition& recorded,
                     const v1::Partition& read) {
  if (read.next_offset() != recorded.next_offset()) {
    return absl::DataLossError(absl::StrCat(
        "the last segment of ", NameOf(recorded), " is missing: ", folder, " ends at offset ",
        read.next_offset(), ", and the manifest records ", recorded.next_offset()));
  }
  if (pb::util::MessageDifferencer::Equals(read, recorded)) return absl::OkStatus();
  return absl::DataLossError(absl::StrCat("the segments of ", NameOf(recorded), " in ", folder,
                                          " do not come to the heads that the manifest records"));
}

// Files are named by their content, and restored below the data folder: no name may lead out of it.
bool StaysBelow(const std::string& path) {
  const fs::path name(path);
  return !path.empty() && name.is_relative() &&
         std::none_of(name.begin(), name.end(), [](const fs::path& part) { return part == ".."; });
}

}  // namespace

absl::StatusOr<v1::Manifest> CreateBackup(journal::Journal& journal, const Ed25519PrivateKey& key,
                                          const Clock& clock, const BackupOptions& options) {
  RETURN_IF_ERROR(Claim(options.folder, key));
  v1::Manifest manifest;
  manifest.set_format(kManifestFormat);
  manifest.set_key(key.public_key().Fingerprint());
  std::uint64_t done = 0;
  for (const PartitionId& id : options.partitions) {
    RETURN_IF_ERROR(BackUpPartition(journal, id, key, options, done, *manifest.add_partitions()));
  }
  for (const std::string& path : options.files) {
    ASSIGN_OR_RETURN(*manifest.add_files(),
                     KeepFile(options.folder, absl::StrCat(options.data_folder, "/", path), path));
  }
  *manifest.mutable_created_at() = ToTimestamp(clock.Now());
  RETURN_IF_ERROR(WriteManifest(options.folder, key, manifest));
  return manifest;
}

absl::StatusOr<Backup> Backup::Open(std::string folder,
                                    std::unique_ptr<const Ed25519PublicKey> trusted) {
  std::error_code error;
  if (!fs::is_directory(folder, error))
    return absl::NotFoundError(absl::StrCat("there is no folder ", folder));
  if (trusted == nullptr) {
    ASSIGN_OR_RETURN(trusted, ReadPublicKey(PublicKeyOf(folder)));
  }
  Backup backup(std::move(folder), std::move(trusted));
  ASSIGN_OR_RETURN(backup.manifest_, ReadManifest(backup.folder_, *backup.key_));
  return backup;
}

absl::Status Backup::Read(const v1::Partition& partition, EachRecord each) const {
  const std::string segments = FolderOfPartition(JournalOf(folder_), IdOf(partition));
  ASSIGN_OR_RETURN(SegmentLogReader reader,
                   SegmentLogReader::Open(segments, IdOf(partition), *key_));
  v1::Partition read;
  read.set_context(partition.context());
  read.set_partition(partition.partition());
  AcceptanceFold fold;
  while (true) {
    ASSIGN_OR_RETURN(const std::optional<StoredRecord> record, reader.Next());
    if (!record) break;
    if (record->offset >= partition.next_offset()) continue;  // of a later backup that did not end
    const absl::StatusOr<Folded> folded = fold.Apply(record->offset, record->bytes);
    RETURN_IF_ERROR(WithContext(
        folded.status(), absl::StrCat("record ", record->offset, " of ", NameOf(partition))));
    read.set_records(read.records() + 1);
    if (folded->accepted()) read.set_accepted(read.accepted() + 1);
    RETURN_IF_ERROR(each(*record, *folded));
  }
  Record(fold, read);
  return Compare(segments, partition, read);
}

std::string Backup::PathOf(const v1::File& file) const {
  return archive::PathOf(folder_, file);
}

absl::Status Backup::CheckFile(const v1::File& file) const {
  if (!StaysBelow(file.path()))
    return absl::DataLossError(
        absl::StrCat("the manifest names a file outside the data folder: ", file.path()));
  const absl::StatusOr<std::string> digest = DigestOfFile(PathOf(file));
  if (digest.ok() && *digest == file.sha256()) return absl::OkStatus();
  if (!digest.ok() && !absl::IsNotFound(digest.status())) return digest.status();
  return absl::DataLossError(absl::StrCat("the file ", PathOf(file), " (", file.path(), ") is ",
                                          digest.ok() ? "damaged" : "missing"));
}

absl::Status Backup::Verify(const CountRecords& progress) const {
  std::string faults;
  std::uint64_t done = 0;
  const auto collect = [&faults](const absl::Status& status) {
    if (absl::IsDataLoss(status))
      absl::StrAppend(&faults, faults.empty() ? "" : "\n", status.message());
    return absl::IsDataLoss(status) ? absl::OkStatus() : status;
  };
  for (const v1::Partition& partition : manifest_.partitions()) {
    RETURN_IF_ERROR(collect(Read(partition, [&](const StoredRecord&, const Folded&) {
      if (progress) progress(++done);
      return absl::OkStatus();
    })));
  }
  for (const v1::File& file : manifest_.files()) RETURN_IF_ERROR(collect(CheckFile(file)));
  return faults.empty() ? absl::OkStatus() : absl::DataLossError(faults);
}

}  // namespace holdfast::archive
