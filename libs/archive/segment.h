// A segment: a stretch of one partition in a file, that can be checked far from the journal.
//
//   header  magic "HFSEG1\r\n" · u32 version 1 · u32 length, context · u32 partition
//           · u64 first offset · 32 digest of the segment before it (zeros: none)
//           · u32 CRC-32C of the header so far
//   record  u64 offset · u32 length · u32 CRC-32C of offset, length and bytes · bytes     (any
//           number, at least one)
//   footer  u64 all ones, which no record has · u64 records · u64 last offset
//           · 32 digest: SHA-256 of every byte before the footer
//           · 64 Ed25519 signature over "holdfast/segment/1" 00, u32 length, context,
//             u32 partition, u64 first offset, u64 last offset, u64 records, digest,
//             digest of the segment before it
//
// Integers are big-endian. The first offset is where the segment takes over from the one before it:
// nothing that stands between it and the first record is left out, though a journal may skip
// offsets. Each digest covers the digest before it, so the last signature covers the whole
// partition. On disk for ever; another meaning is another version.
#pragma once

#include <cstdint>
#include <fstream>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "archive/durable_file.h"
#include "base/hash.h"
#include "journal/journal.h"
#include "security/ed25519_key.h"

namespace holdfast::archive {

struct SegmentStart {
  journal::PartitionId partition;
  journal::Offset first_offset = 0;
  Hash previous{};  // digest of the segment before it
  friend bool operator==(const SegmentStart&, const SegmentStart&) = default;
};

struct SegmentEnd {
  std::uint64_t records = 0;
  journal::Offset last_offset = 0;
  Hash digest{};
  friend bool operator==(const SegmentEnd&, const SegmentEnd&) = default;
};

// Used by one thread. Nothing can be seen of the segment before it is sealed.
class SegmentWriter {
 public:
  static absl::StatusOr<std::unique_ptr<SegmentWriter>> Create(const std::string& path,
                                                               const SegmentStart& start);
  // Offsets rise, from the first offset on.
  absl::Status Append(const journal::StoredRecord& record);
  // Signs it, and gives it its name. There must be a record. The writer is of no use afterwards.
  absl::StatusOr<SegmentEnd> Seal(const security::Ed25519PrivateKey& key);

  std::uint64_t bytes() const { return file_->bytes(); }

 private:
  SegmentWriter(SegmentStart start, std::unique_ptr<DurableFile> file)
      : start_(std::move(start)), file_(std::move(file)) {}
  absl::Status AppendHashed(std::string_view bytes);

  const SegmentStart start_;
  const std::unique_ptr<DurableFile> file_;
  SegmentEnd end_;
  Sha256 sha256_;
};

// Used by one thread. `key` outlives it.
class SegmentReader {
 public:
  // Errors here and below: kDataLoss naming the file, what of it is damaged, and how; kUnavailable
  // where it cannot be read.
  static absl::StatusOr<std::unique_ptr<SegmentReader>> Open(const std::string& path,
                                                             const security::Ed25519PublicKey& key);

  // Nothing after the last record, and then digest and signature hold: until then only checksums
  // speak for the records that were given.
  absl::StatusOr<std::optional<journal::StoredRecord>> Next();

  const SegmentStart& start() const { return start_; }
  // Once Next gave nothing.
  const SegmentEnd& end() const { return end_; }

 private:
  SegmentReader(std::string path, const security::Ed25519PublicKey& key);
  absl::Status ReadHeader();
  absl::Status ReadFooter();
  // Exactly so many bytes, or kDataLoss: `part` is cut short.
  absl::StatusOr<std::string> Take(std::size_t bytes, const std::string& part);
  absl::Status Damaged(const std::string& how) const;

  const std::string path_;
  const security::Ed25519PublicKey& key_;
  std::ifstream file_;
  SegmentStart start_;
  SegmentEnd end_;
  Sha256 sha256_;
  bool ended_ = false;
};

}  // namespace holdfast::archive
