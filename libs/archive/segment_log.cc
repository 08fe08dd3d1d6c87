#include "archive/segment_log.h"

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <string_view>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "archive/durable_file.h"
#include "base/status_macros.h"

namespace holdfast::archive {
namespace {

namespace fs = std::filesystem;
using journal::Offset;
using journal::PartitionId;
using journal::StoredRecord;
using security::Ed25519PrivateKey;
using security::Ed25519PublicKey;

constexpr std::string_view kSuffix = ".segment";
constexpr std::size_t kDigits = 20;

std::string PathOf(const std::string& folder, Offset first_offset) {
  return absl::StrFormat("%s/%020d%s", folder, first_offset, std::string(kSuffix));
}

bool IsSegmentName(std::string_view name) {
  return name.size() == kDigits + kSuffix.size() && name.ends_with(kSuffix) &&
         std::all_of(name.begin(), name.begin() + kDigits,
                     [](unsigned char c) { return std::isdigit(c) != 0; });
}

std::string NameOf(const PartitionId& partition) {
  return absl::StrCat(partition.context, "/", partition.partition);
}

// A segment of this partition, under its own name.
absl::StatusOr<std::unique_ptr<SegmentReader>> OpenOwn(const std::string& path,
                                                       const PartitionId& partition,
                                                       const Ed25519PublicKey& key) {
  ASSIGN_OR_RETURN(std::unique_ptr<SegmentReader> reader, SegmentReader::Open(path, key));
  const SegmentStart& start = reader->start();
  if (start.partition != partition) {
    return absl::DataLossError(absl::StrCat("segment ", path, " is foreign: it is of ",
                                            NameOf(start.partition), ", not of ",
                                            NameOf(partition)));
  }
  if (path != PathOf(fs::path(path).parent_path().string(), start.first_offset)) {
    return absl::DataLossError(absl::StrCat(
        "segment ", path, " has another's name: it begins at offset ", start.first_offset));
  }
  return reader;
}

}  // namespace

std::string FolderOfPartition(const std::string& root, const PartitionId& partition) {
  return absl::StrFormat("%s/%s/%05d", root, partition.context, partition.partition);
}

absl::StatusOr<std::vector<std::string>> ListSegments(const std::string& folder) {
  std::vector<std::string> paths;
  std::error_code error;
  if (!fs::exists(folder, error)) return paths;
  fs::directory_iterator entries(folder, error);
  for (const fs::directory_iterator end; !error && entries != end; entries.increment(error)) {
    const std::string name = entries->path().filename().string();
    if (name.ends_with(kDraftSuffix)) continue;
    if (!IsSegmentName(name)) {
      return absl::DataLossError(absl::StrCat("the file ", entries->path().string(),
                                              " is no segment: take it out of the folder"));
    }
    paths.push_back(absl::StrCat(folder, "/", name));
  }
  if (error)
    return absl::UnavailableError(
        absl::StrCat("the folder ", folder, " cannot be read: ", error.message()));
  std::sort(paths.begin(), paths.end());
  return paths;
}

SegmentLogReader::SegmentLogReader(PartitionId partition, const Ed25519PublicKey& key,
                                   std::vector<std::string> paths)
    : partition_(std::move(partition)), key_(&key), paths_(std::move(paths)) {}

absl::StatusOr<SegmentLogReader> SegmentLogReader::Open(const std::string& folder,
                                                        const PartitionId& partition,
                                                        const Ed25519PublicKey& key) {
  ASSIGN_OR_RETURN(std::vector<std::string> paths, ListSegments(folder));
  return SegmentLogReader(partition, key, std::move(paths));
}

absl::Status SegmentLogReader::OpenNext() {
  const std::string& path = paths_[opened_];
  ASSIGN_OR_RETURN(reader_, OpenOwn(path, partition_, *key_));
  const SegmentStart& start = reader_->start();
  if (start.first_offset > position_.next_offset) {
    return absl::DataLossError(absl::StrCat(
        "a segment of ", NameOf(partition_), " is missing: nothing holds the offsets ",
        position_.next_offset, " to ", start.first_offset - 1, ", which stand before ", path));
  }
  if (start.first_offset < position_.next_offset || start.previous != position_.digest) {
    return absl::DataLossError(
        absl::StrCat("segment ", path, " does not continue the one before it",
                     opened_ == 0 ? "" : absl::StrCat(" (", paths_[opened_ - 1], ")"),
                     ": one of the two is of another archive"));
  }
  ++opened_;
  return absl::OkStatus();
}

absl::StatusOr<std::optional<StoredRecord>> SegmentLogReader::Next() {
  while (true) {
    if (reader_ == nullptr) {
      if (opened_ == paths_.size()) return std::nullopt;
      RETURN_IF_ERROR(OpenNext());
    }
    ASSIGN_OR_RETURN(std::optional<StoredRecord> record, reader_->Next());
    if (record) return record;
    position_ = {reader_->end().last_offset + 1, reader_->end().digest};
    reader_.reset();
  }
}

SegmentLogWriter::SegmentLogWriter(std::string folder, PartitionId partition,
                                   const Ed25519PrivateKey& key, const LogPosition& end,
                                   std::uint64_t max_bytes)
    : folder_(std::move(folder)),
      partition_(std::move(partition)),
      key_(&key),
      max_bytes_(max_bytes),
      position_(end) {}

absl::StatusOr<SegmentLogWriter> SegmentLogWriter::Open(const std::string& folder,
                                                        const PartitionId& partition,
                                                        const Ed25519PrivateKey& key,
                                                        const LogPosition& end,
                                                        std::uint64_t max_bytes) {
  RETURN_IF_ERROR(MakeFolder(folder));
  return SegmentLogWriter(folder, partition, key, end, max_bytes);
}

absl::Status SegmentLogWriter::Append(const StoredRecord& record) {
  absl::Status status = AppendToOpen(record);
  if (status.ok() && writer_->bytes() >= max_bytes_) status = Seal();
  if (!status.ok()) writer_.reset();
  return status;
}

absl::Status SegmentLogWriter::AppendToOpen(const StoredRecord& record) {
  if (writer_ == nullptr) {
    ASSIGN_OR_RETURN(writer_,
                     SegmentWriter::Create(PathOf(folder_, position_.next_offset),
                                           {partition_, position_.next_offset, position_.digest}));
  }
  return writer_->Append(record);
}

absl::Status SegmentLogWriter::Seal() {
  if (writer_ == nullptr) return absl::OkStatus();
  const absl::StatusOr<SegmentEnd> end = writer_->Seal(*key_);
  writer_.reset();
  RETURN_IF_ERROR(end.status());
  position_ = {end->last_offset + 1, end->digest};
  return absl::OkStatus();
}

}  // namespace holdfast::archive
