#include "archive/backup.h"

#include <algorithm>
#include <filesystem>
#include <optional>
#include <utility>

#include <google/protobuf/util/json_util.h>
#include <google/protobuf/util/message_differencer.h>

#include "absl/strings/str_cat.h"
#include "archive/durable_file.h"
#include "archive/key_file.h"
#include "archive/segment_log.h"
#include "base/clock.h"
#include "base/hex.h"
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

constexpr std::uint32_t kFormat = 1;
constexpr std::size_t kRecordsPerRead = 1'024;
constexpr std::size_t kMaxManifestBytes = std::size_t{64} << 20U;
constexpr char kManifest[] = "/manifest.jsonl";
constexpr char kPublicKey[] = "/key.pub";
constexpr char kJournal[] = "/journal";
constexpr char kFiles[] = "/files/";
constexpr std::string_view kSignedFor = "holdfast/backup/1";
constexpr std::string_view kSignatureOpens = "{\"signature\":\"";
constexpr std::string_view kSignatureCloses = "\"}\n";

std::string SignedBytes(std::string_view line) {
  std::string bytes(kSignedFor);
  bytes.push_back('\0');
  bytes += line;
  return bytes;
}

absl::Status WriteManifest(const std::string& folder, const Ed25519PrivateKey& key,
                           const v1::Manifest& manifest) {
  pb::util::JsonPrintOptions json;
  json.preserve_proto_field_names = true;
  std::string text;
  if (!pb::util::MessageToJsonString(manifest, &text, json).ok())
    return absl::InternalError("the manifest has no JSON form");
  text.push_back('\n');
  const std::string signature = ToHex(key.Sign(SignedBytes(text)));
  text += kSignatureOpens;
  text += signature;
  text += kSignatureCloses;
  return WriteDurably(folder + kManifest, text, DurableFile::Existing::kReplaced);
}

absl::StatusOr<v1::Manifest> ReadManifest(const std::string& folder, const Ed25519PublicKey& key) {
  const std::string path = folder + kManifest;
  const absl::StatusOr<std::string> text = ReadSmallFile(path, kMaxManifestBytes);
  if (absl::IsNotFound(text.status())) {
    return absl::NotFoundError(absl::StrCat("the folder ", folder,
                                            " holds no finished backup: it has no manifest.jsonl. "
                                            "Give holdfast backup create again"));
  }
  RETURN_IF_ERROR(text.status());
  const std::string_view all = *text;
  const std::string_view line = all.substr(0, all.find('\n') + 1);
  std::string_view rest = all.substr(line.size());
  std::optional<std::string> signature;
  if (rest.starts_with(kSignatureOpens) && rest.ends_with(kSignatureCloses)) {
    rest.remove_prefix(kSignatureOpens.size());
    const std::string_view hex = rest.substr(0, rest.size() - kSignatureCloses.size());
    signature = FromHex(hex);
    // Either case is read; only one was written.
    if (signature && ToHex(*signature) != hex) signature.reset();
  }
  if (!signature || !key.Verify(SignedBytes(line), *signature)) {
    return absl::DataLossError(absl::StrCat("the manifest ", path, " is not signed by the key ",
                                            key.Fingerprint(),
                                            ": it is foreign, or it is damaged"));
  }
  v1::Manifest manifest;
  if (!pb::util::JsonStringToMessage(std::string(line), &manifest).ok() ||
      manifest.format() != kFormat) {
    return absl::DataLossError(absl::StrCat(
        "the manifest ", path, " cannot be read: use the version of holdfast that wrote it"));
  }
  return manifest;
}

PartitionId IdOf(const v1::Partition& partition) {
  return {partition.context(), partition.partition()};
}

// A folder for this key: empty, or a backup that the key signed.
absl::Status Claim(const std::string& folder, const Ed25519PrivateKey& key) {
  RETURN_IF_ERROR(MakeFolder(folder));
  const std::string key_path = folder + kPublicKey;
  const absl::StatusOr<std::unique_ptr<const Ed25519PublicKey>> own = ReadPublicKey(key_path);
  if (own.ok()) {
    if ((*own)->Fingerprint() == key.public_key().Fingerprint()) return absl::OkStatus();
    return absl::FailedPreconditionError(absl::StrCat(
        "the backup in ", folder, " is signed by the key ", (*own)->Fingerprint(), ", not by ",
        key.public_key().Fingerprint(), ": give that key, or another folder"));
  }
  if (!absl::IsNotFound(own.status())) return own.status();
  std::error_code error;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder, error)) {
    const std::string name = entry.path().filename().string();
    if (name.ends_with(kDraftSuffix) || name == "lost+found") continue;
    return absl::FailedPreconditionError(absl::StrCat("the folder ", folder,
                                                      " holds other things (", name,
                                                      ") and no backup: give an empty folder"));
  }
  return WriteDurably(key_path, key.public_key().Pem(), DurableFile::Existing::kKept);
}

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
  std::string Folder() const { return FolderOfPartition(options_.folder + kJournal, id_); }

  absl::Status Same(const StoredRecord& before, const StoredRecord& now) const {
    if (before.offset != now.offset) return Differs(std::min(before.offset, now.offset));
    return before.bytes == now.bytes ? absl::OkStatus() : Differs(now.offset);
  }
  absl::Status Differs(journal::Offset offset) const {
    return absl::FailedPreconditionError(absl::StrCat(
        "the journal is not the one in the backup ", options_.folder, ": record ", offset, " of ",
        id_.context, "/", id_.partition,
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
                   SegmentLogReader::Open(FolderOfPartition(options.folder + kJournal, id), id,
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

absl::Status BackUpFile(const BackupOptions& options, const std::string& path, v1::File& file) {
  const std::string from = absl::StrCat(options.data_folder, "/", path);
  ASSIGN_OR_RETURN(const std::string digest, DigestOfFile(from));
  const std::string to = absl::StrCat(options.folder, kFiles, digest);
  std::error_code error;
  if (!fs::exists(to, error)) {
    ASSIGN_OR_RETURN(const std::string copied, CopyDurably(from, to));
    if (copied != digest) {
      fs::remove(to, error);
      return absl::AbortedError(absl::StrCat(from, " changed while it was copied: try again"));
    }
  }
  file.set_path(path);
  file.set_bytes(fs::file_size(to, error));
  file.set_sha256(digest);
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

std::string NameOf(const v1::Partition& partition) {
  return absl::StrCat(partition.context(), "/", partition.partition());
}

void Record(const AcceptanceFold& fold, v1::Partition& partition) {
  partition.set_next_offset(fold.state().next_offset);
  partition.set_digest(ToHex(AsBytes(fold.digest())));
  for (const auto& [tenant, head] : fold.heads()) {
    v1::Head& recorded = *partition.add_heads();
    recorded.set_tenant(tenant);
    recorded.set_seq(head.seq);
    recorded.set_hash(ToHex(AsBytes(head.hash)));
    recorded.set_receiving(head.receiving);
  }
  std::sort(partition.mutable_heads()->begin(), partition.mutable_heads()->end(),
            [](const v1::Head& a, const v1::Head& b) { return a.tenant() < b.tenant(); });
}

absl::StatusOr<v1::Manifest> CreateBackup(journal::Journal& journal, const Ed25519PrivateKey& key,
                                          const Clock& clock, const BackupOptions& options) {
  RETURN_IF_ERROR(Claim(options.folder, key));
  v1::Manifest manifest;
  manifest.set_format(kFormat);
  manifest.set_key(key.public_key().Fingerprint());
  std::uint64_t done = 0;
  for (const PartitionId& id : options.partitions) {
    RETURN_IF_ERROR(BackUpPartition(journal, id, key, options, done, *manifest.add_partitions()));
  }
  RETURN_IF_ERROR(MakeFolder(absl::StrCat(options.folder, "/files")));
  for (const std::string& path : options.files) {
    RETURN_IF_ERROR(BackUpFile(options, path, *manifest.add_files()));
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
    ASSIGN_OR_RETURN(trusted, ReadPublicKey(folder + kPublicKey));
  }
  Backup backup(std::move(folder), std::move(trusted));
  ASSIGN_OR_RETURN(backup.manifest_, ReadManifest(backup.folder_, *backup.key_));
  return backup;
}

absl::Status Backup::Read(const v1::Partition& partition, EachRecord each) const {
  const std::string segments = FolderOfPartition(folder_ + kJournal, IdOf(partition));
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
  return absl::StrCat(folder_, kFiles, file.sha256());
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
