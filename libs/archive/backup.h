// A backup: every partition of a journal as signed segments, up to a recorded cut, and the files
// that belong to it. Checked offline, with the public key alone. The folder is as
// manifest.h says.
//
// The manifest is written last and whole: without it there is no backup yet, and what stands behind
// its cuts is not part of one. Made again into the same folder a backup grows by what is new.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "holdfast/archive/v1/archive.pb.h"

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "journal/acceptance.h"
#include "journal/journal.h"
#include "security/ed25519_key.h"

namespace holdfast {
class Clock;
}

namespace holdfast::archive {

// Called after each record, with how many there were so far.
using CountRecords = std::function<void(std::uint64_t)>;

struct BackupOptions {
  std::string folder;
  std::vector<journal::PartitionId> partitions;
  std::string data_folder;
  std::vector<std::string> files;  // below the data folder
  std::uint64_t max_segment_bytes = std::uint64_t{64} << 20U;
  CountRecords progress;  // may be null
};

// Reads the whole journal, compares it with what the folder holds already, and adds the rest.
// kFailedPrecondition where the folder holds something else, is signed by another key, or its
// records are not those of this journal (named); kDataLoss where the journal or a segment is
// damaged; kResourceExhausted where the disk is full. After an error the backup that was there
// before still is, and the same call goes on.
absl::StatusOr<v1::Manifest> CreateBackup(journal::Journal& journal,
                                          const security::Ed25519PrivateKey& key,
                                          const Clock& clock, const BackupOptions& options);

// A backup that is read. Immutable.
class Backup {
 public:
  // Checks the manifest. `trusted`: the key that must have signed it; null: the one beside it,
  // which shows damage but not that somebody made all of it. kNotFound where there is no finished
  // backup; kDataLoss where the manifest is damaged or foreign.
  static absl::StatusOr<Backup> Open(std::string folder,
                                     std::unique_ptr<const security::Ed25519PublicKey> trusted);

  using EachRecord =
      absl::FunctionRef<absl::Status(const journal::StoredRecord&, const journal::Folded&)>;

  // Every record below the cut, folded, in order. At the end everything that was signed or recorded
  // of the partition holds; kDataLoss naming what does not.
  absl::Status Read(const v1::Partition& partition, EachRecord each) const;
  // Whether the file has the content that was recorded; kDataLoss naming it otherwise.
  absl::Status CheckFile(const v1::File& file) const;
  std::string PathOf(const v1::File& file) const;

  // Everything: kDataLoss with a line for each partition and file that is damaged.
  absl::Status Verify(const CountRecords& progress) const;

  const v1::Manifest& manifest() const { return manifest_; }
  const security::Ed25519PublicKey& key() const { return *key_; }

 private:
  Backup(std::string folder, std::unique_ptr<const security::Ed25519PublicKey> key)
      : folder_(std::move(folder)), key_(std::move(key)) {}

  std::string folder_;
  std::unique_ptr<const security::Ed25519PublicKey> key_;
  v1::Manifest manifest_;
};

}  // namespace holdfast::archive
