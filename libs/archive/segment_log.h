// One partition as a row of segments in a folder:
//
//   <folder>/00000000000000000000.segment   named by its first offset
//   <folder>/00000000000000004711.segment   takes over where the first one ends, and holds its
//   digest
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "archive/segment.h"
#include "base/hash.h"
#include "journal/journal.h"
#include "security/ed25519_key.h"

namespace holdfast::archive {

// Where a row of segments ends: what the next one takes over.
struct LogPosition {
  journal::Offset next_offset = 0;
  Hash digest{};  // of the last segment; zeros: none
  friend bool operator==(const LogPosition&, const LogPosition&) = default;
};

// "<root>/initiative/00003".
std::string FolderOfPartition(const std::string& root, const journal::PartitionId& partition);

// The segments of a folder in order, by their names; drafts are none. Empty where the folder is
// absent. kDataLoss where a file is named as no segment is.
absl::StatusOr<std::vector<std::string>> ListSegments(const std::string& folder);

// Every record of the row, checked: signatures, digests, and that the segments follow each other.
// Used by one thread; `key` outlives it.
class SegmentLogReader {
 public:
  static absl::StatusOr<SegmentLogReader> Open(const std::string& folder,
                                               const journal::PartitionId& partition,
                                               const security::Ed25519PublicKey& key);

  // Nothing at the end. kDataLoss naming the segment that is damaged, missing, out of its order, of
  // another partition or signed by another key.
  absl::StatusOr<std::optional<journal::StoredRecord>> Next();

  // Behind the last segment that was read to its end.
  const LogPosition& position() const { return position_; }
  std::size_t segments() const { return paths_.size(); }

 private:
  SegmentLogReader(journal::PartitionId partition, const security::Ed25519PublicKey& key,
                   std::vector<std::string> paths);
  absl::Status OpenNext();

  journal::PartitionId partition_;
  const security::Ed25519PublicKey* key_;
  std::vector<std::string> paths_;
  std::size_t opened_ = 0;
  std::unique_ptr<SegmentReader> reader_;  // null between two segments
  LogPosition position_;
};

// Adds segments behind the end. Used by one thread; `key` outlives it. After an error what was not
// sealed is forgotten, and it goes on from position().
class SegmentLogWriter {
 public:
  // Makes the folder. `end`: of the row that is there.
  static absl::StatusOr<SegmentLogWriter> Open(const std::string& folder,
                                               const journal::PartitionId& partition,
                                               const security::Ed25519PrivateKey& key,
                                               const LogPosition& end, std::uint64_t max_bytes);

  // Seals by itself where the segment is large enough.
  absl::Status Append(const journal::StoredRecord& record);
  // Nothing where no record waits.
  absl::Status Seal();

  bool has_open_segment() const { return writer_ != nullptr; }
  // Behind the last sealed segment.
  const LogPosition& position() const { return position_; }

 private:
  SegmentLogWriter(std::string folder, journal::PartitionId partition,
                   const security::Ed25519PrivateKey& key, const LogPosition& end,
                   std::uint64_t max_bytes);
  absl::Status AppendToOpen(const journal::StoredRecord& record);

  std::string folder_;
  journal::PartitionId partition_;
  const security::Ed25519PrivateKey* key_;
  std::uint64_t max_bytes_;
  LogPosition position_;
  std::unique_ptr<SegmentWriter> writer_;
};

}  // namespace holdfast::archive
