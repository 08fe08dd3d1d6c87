// The journal of one machine: RocksDB under one folder, one writer thread with group commit, fsync
// before every acknowledgement.
//
//   Append -> queue -> writer thread: whatever queued while the last sync ran, in one synced write
//          -> callbacks, readers' notices
//
// Column family "log": context, 00, u32be partition, u64be offset -> u32be CRC-32C of the record,
// record. Column family "meta": "format" -> 1; "context/<name>" -> u32be partitions;
// "damaged/<context>/<partition>" -> u64be offset. On disk for ever.
//
// A write or sync that fails freezes the journal read-only until the process starts again: nothing
// is acknowledged, nothing is tried twice. A damaged record that a reader meets freezes its
// partition, and is remembered: the next start looks at that record again, and refuses
// (docs/decisions/0007).
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "journal/journal.h"

namespace holdfast::storage {
class DiskHook;
}

namespace holdfast::journal {

struct EmbeddedJournalOptions {
  std::string folder;
  // Of one group commit.
  std::size_t group_max_bytes = std::size_t{1} << 20U;
  std::size_t group_max_records = 2'000;
  // How much of each partition's end is read and checked when the journal is opened. What lies
  // before is checked when it is read.
  std::uint64_t verify_bytes = std::uint64_t{256} << 20U;
  // Changes nothing in the folder, takes no lock, checks nothing but what is read, and refuses
  // every append: for looking into the folder of a process that does not run.
  bool read_only = false;
  // Faults and delays of the disk, for tests and measurements. Outlives the journal.
  storage::DiskHook* disk_hook = nullptr;
};

// Thread-safe. Destroy writers and readers first; what is queued is then still written.
class EmbeddedJournal final : public Journal {
 public:
  // kFailedPrecondition where another process has the folder; kUnavailable where it cannot be
  // written; kDataLoss, naming partition and offset, where a record is damaged. A torn tail (of a
  // write that was never acknowledged) is cut off.
  static absl::StatusOr<std::unique_ptr<EmbeddedJournal>> Open(
      const EmbeddedJournalOptions& options);
  ~EmbeddedJournal() override;

  // Makes the context, or finds it. kFailedPrecondition where it has another number of partitions:
  // that is fixed for ever. kInvalidArgument for a name that is not [a-z][a-z0-9_]{0,39}, or no
  // partitions.
  absl::Status CreateContext(const std::string& context, std::uint32_t partitions);

  absl::StatusOr<std::uint32_t> Partitions(const std::string& context) override;
  absl::StatusOr<std::unique_ptr<Writer>> OpenWriter(const PartitionId& partition) override;
  absl::StatusOr<std::unique_ptr<Reader>> OpenReader(const PartitionId& partition,
                                                     Offset from) override;
  absl::Status Health() const override;
  absl::Status PartitionHealth(const PartitionId& partition) const override;
  void ForgetCache() override;

  // Every partition of every context, in order.
  std::vector<PartitionId> AllPartitions() const;

  // A consistent copy of everything acknowledged so far, in a new folder.
  absl::Status Backup(const std::string& folder) const;

 private:
  struct State;
  class EmbeddedWriter;
  class EmbeddedReader;
  explicit EmbeddedJournal(std::unique_ptr<State> state);

  const std::unique_ptr<State> state_;
};

}  // namespace holdfast::journal
