#include "journal/embedded_log.h"

#include "absl/strings/str_cat.h"
#include "base/hash.h"
#include "base/status_macros.h"
#include "storage/store.h"

namespace holdfast::journal {
namespace {

constexpr std::string_view kFormatKey = "format";
constexpr std::string_view kFormat = "1";
constexpr std::string_view kContextKey = "context/";
constexpr std::string_view kDamagedKey = "damaged/";
constexpr std::size_t kChecksumBytes = 4;

std::string DamagedKeyOf(const PartitionId& partition) {
  return std::string(kDamagedKey) + NameOf(partition);
}

}  // namespace

std::string LogPrefix(const PartitionId& partition) {
  std::string prefix = partition.context;
  prefix.push_back('\0');
  AppendBigEndian32(prefix, partition.partition);
  return prefix;
}

std::string LogKey(std::string_view prefix, Offset offset) {
  std::string key(prefix);
  AppendBigEndian64(key, offset);
  return key;
}

std::optional<Offset> OffsetOfKey(std::string_view prefix, std::string_view key) {
  if (key.size() != prefix.size() + 8 || !key.starts_with(prefix)) return std::nullopt;
  return ReadBigEndian64(key.substr(prefix.size()));
}

std::string RecordChecksum(std::string_view record) {
  std::string bytes;
  AppendBigEndian32(bytes, Crc32c(record));
  return bytes;
}

std::optional<std::string_view> CheckedRecord(std::string_view value) {
  if (value.size() < kChecksumBytes) return std::nullopt;
  const std::string_view record = value.substr(kChecksumBytes);
  if (ReadBigEndian32(value) != Crc32c(record)) return std::nullopt;
  return record;
}

std::string NameOf(const PartitionId& partition) {
  return absl::StrCat(partition.context, "/", partition.partition);
}

absl::Status DamagedRecord(const PartitionId& partition, Offset offset, std::string_view how) {
  return absl::DataLossError(absl::StrCat("record ", offset, " of partition ", NameOf(partition),
                                          " is damaged (", std::string(how),
                                          "): restore the journal from a backup"));
}

absl::StatusOr<std::map<std::string, std::uint32_t>> ReadContexts(const storage::Store& store) {
  ASSIGN_OR_RETURN(const std::optional<std::string> format, store.Get(kMetaFamily, kFormatKey));
  if (format && *format != kFormat)
    return absl::FailedPreconditionError("a later version wrote this journal: run that version");
  std::map<std::string, std::uint32_t> contexts;
  bool damaged = false;
  RETURN_IF_ERROR(store.Scan(
      kMetaFamily, kContextKey, std::nullopt, [&](std::string_view key, std::string_view value) {
        damaged = value.size() != 4;
        if (damaged) return false;
        contexts.emplace(key.substr(kContextKey.size()), ReadBigEndian32(value));
        return true;
      }));
  if (damaged) return absl::DataLossError("the list of contexts is damaged");
  return contexts;
}

absl::Status WriteContext(storage::Store& store, const std::string& context,
                          std::uint32_t partitions) {
  std::string count;
  AppendBigEndian32(count, partitions);
  storage::Batch batch;
  batch.Put(kMetaFamily, kFormatKey, kFormat);
  batch.Put(kMetaFamily, std::string(kContextKey) + context, count);
  return store.Write(batch, storage::Sync::kYes);
}

absl::Status NoteDamage(storage::Store& store, const PartitionId& partition, Offset offset) {
  std::string at;
  AppendBigEndian64(at, offset);
  storage::Batch batch;
  batch.Put(kMetaFamily, DamagedKeyOf(partition), at);
  return store.Write(batch, storage::Sync::kYes);
}

absl::Status CheckNotedDamage(const storage::Store& store, const PartitionId& partition) {
  ASSIGN_OR_RETURN(const std::optional<std::string> noted,
                   store.Get(kMetaFamily, DamagedKeyOf(partition)));
  if (!noted || noted->size() != 8) return absl::OkStatus();
  const Offset offset = ReadBigEndian64(*noted);
  const absl::StatusOr<std::optional<std::string>> value =
      store.Get(kLogFamily, LogKey(LogPrefix(partition), offset));
  if (absl::IsDataLoss(value.status()))
    return DamagedRecord(partition, offset, "its block cannot be read");
  RETURN_IF_ERROR(value.status());
  if (!value->has_value()) return DamagedRecord(partition, offset, "it is missing");
  if (!CheckedRecord(**value)) return DamagedRecord(partition, offset, "its checksum is another");
  return absl::OkStatus();
}

namespace {

// Walks down the records of a partition from its end.
class TailCheck {
 public:
  TailCheck(const PartitionId& partition, std::uint64_t verify_bytes)
      : partition_(partition), verify_bytes_(verify_bytes) {}

  // False where the walk is over. `offset` is empty where the key is none.
  bool Take(std::optional<Offset> offset, std::string_view key, std::string_view value) {
    if (offset && !end_) {
      end_ = *offset + 1;
      expected_ = *offset;
    }
    if (offset && verify_bytes_ == 0) return false;
    damage_ = DamageOf(offset, value);
    if (!damage_.ok()) return false;
    if (expected_ > 0) --expected_;
    checked_ += key.size() + value.size();
    return *offset > 0 && checked_ < verify_bytes_;
  }

  // The end of the partition, or what is wrong below it.
  absl::StatusOr<Offset> Result() const {
    RETURN_IF_ERROR(damage_);
    if (!end_) return 0;
    const bool all_read = verify_bytes_ == 0 || checked_ >= verify_bytes_ || expected_ == 0;
    if (!all_read) return DamagedRecord(partition_, expected_, "it is missing");
    return *end_;
  }

  Offset expected() const { return expected_; }

 private:
  absl::Status DamageOf(std::optional<Offset> offset, std::string_view value) const {
    if (!offset) return DamagedRecord(partition_, expected_, "a key is no offset");
    if (*offset != expected_) return DamagedRecord(partition_, expected_, "it is missing");
    if (!CheckedRecord(value)) {
      return DamagedRecord(partition_, expected_, "its checksum is another");
    }
    return absl::OkStatus();
  }

  const PartitionId& partition_;
  const std::uint64_t verify_bytes_;
  std::optional<Offset> end_;
  Offset expected_ = 0;  // of the next record downwards
  std::uint64_t checked_ = 0;
  absl::Status damage_;
};

}  // namespace

absl::StatusOr<Offset> VerifyTail(const storage::Store& store, const PartitionId& partition,
                                  std::uint64_t verify_bytes) {
  const std::string prefix = LogPrefix(partition);
  TailCheck check(partition, verify_bytes);
  const absl::Status scanned =
      store.ScanBackwards(kLogFamily, prefix, [&](std::string_view key, std::string_view value) {
        return check.Take(OffsetOfKey(prefix, key), key, value);
      });
  if (absl::IsDataLoss(scanned)) {
    return WithContext(scanned, absl::StrCat("partition ", NameOf(partition), ", offset ",
                                             check.expected(), " or near it"));
  }
  RETURN_IF_ERROR(scanned);
  return check.Result();
}

std::string WhatCanBeRead(const std::string& folder) {
  storage::StoreOptions options;
  options.folder = folder;
  options.profile = storage::Profile::kLog;
  options.salvage = true;
  const auto store = storage::Store::Open(options);
  if (!store.ok()) return "nothing of it can be read";
  const auto contexts = ReadContexts(**store);
  if (!contexts.ok()) return "nothing of it can be read";
  std::string said = "the first damaged record of each partition is at most";
  for (const auto& [context, partitions] : *contexts) {
    for (std::uint32_t p = 0; p < partitions; ++p) {
      const PartitionId partition{context, p};
      const auto end = VerifyTail(**store, partition, 1);
      absl::StrAppend(&said, " ", NameOf(partition), " offset ", end.ok() ? *end : 0, ";");
    }
  }
  return said;
}

}  // namespace holdfast::journal
