// How records stand in the embedded journal's store, and how they are checked.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "journal/journal.h"

namespace holdfast::storage {
class Store;
}

namespace holdfast::journal {

inline constexpr std::string_view kLogFamily = "log";
inline constexpr std::string_view kMetaFamily = "meta";

// context, 00, u32be partition: the beginning of every key of the partition.
std::string LogPrefix(const PartitionId& partition);
std::string LogKey(std::string_view prefix, Offset offset);
// Nothing where the key is none of that prefix.
std::optional<Offset> OffsetOfKey(std::string_view prefix, std::string_view key);

// The four bytes that stand before each record.
std::string RecordChecksum(std::string_view record);
// The record of a stored value; nothing where its checksum is another.
std::optional<std::string_view> CheckedRecord(std::string_view value);

// kDataLoss: "record 17 of initiative/3 is damaged: …".
absl::Status DamagedRecord(const PartitionId& partition, Offset offset, std::string_view how);
std::string NameOf(const PartitionId& partition);

// The contexts of the store and their partitions; kDataLoss where a later version made it.
absl::StatusOr<std::map<std::string, std::uint32_t>> ReadContexts(const storage::Store& store);
absl::Status WriteContext(storage::Store& store, const std::string& context,
                          std::uint32_t partitions);

// Notes that the record is damaged, so that the next start looks at it again.
absl::Status NoteDamage(storage::Store& store, const PartitionId& partition, Offset offset);
// OK where no damage of the partition was noted, or the record can be read after all (the folder
// was restored). kDataLoss naming the record otherwise.
absl::Status CheckNotedDamage(const storage::Store& store, const PartitionId& partition);

// Reads the partition from its end, checks the last `verify_bytes` of it (none of them: 0), and
// answers the next offset. kDataLoss naming the offset where a record is missing or damaged.
absl::StatusOr<Offset> VerifyTail(const storage::Store& store, const PartitionId& partition,
                                  std::uint64_t verify_bytes);

// For a store that refused to open: up to where each partition can still be read, as text.
std::string WhatCanBeRead(const std::string& folder);

}  // namespace holdfast::journal
