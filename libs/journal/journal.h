// The journal: the ordered log of records of one context, in partitions. The only truth.
//
//   Writer --Append--> [ partition: offset 0, 1, 2 … ] --Read--> Reader (any number, each from
//   where it likes)
//
// Three implementations keep this contract and run one suite (journal_contract_test.h): embedded,
// simulated, Kafka. Nothing above this room knows which one it has. A record is a serialised
// journal.v1.Record; whether it counts is decided by every reader for itself, by the same rule: see
// acceptance.h.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace holdfast::journal {

// Offsets of a partition rise; they need not be dense (a broker may skip some), and say nothing to
// anyone outside.
using Offset = std::uint64_t;

// The largest record, serialised. A larger one is refused with kInvalidArgument before anything is
// written.
inline constexpr std::size_t kMaxRecordBytes = 1U << 20U;

struct PartitionId {
  std::string context;
  std::uint32_t partition = 0;
  friend bool operator==(const PartitionId&, const PartitionId&) = default;
  friend auto operator<=>(const PartitionId&, const PartitionId&) = default;
};

struct StoredRecord {
  Offset offset = 0;
  std::string bytes;
};

// One producer handle of one partition. Used by one thread; callbacks come on a thread of the
// journal.
class Writer {
 public:
  using Appended = absl::AnyInvocable<void(absl::StatusOr<Offset>)>;

  virtual ~Writer() = default;

  // Appends behind everything this writer appended before, without waiting. `done` is called once,
  // in order: with the offset when the record is durable; else with the error, after which every
  // later append of this writer fails too (kAborted) and the handle must be thrown away. An error
  // does not say that the record is absent: it may still stand, now or later. Destroying the writer
  // does not take back what is in flight; callbacks not yet called are called with kCancelled
  // before the destructor returns.
  virtual void Append(std::string record, Appended done) = 0;
};

// A cursor over one partition. Used by one thread.
class Reader {
 public:
  virtual ~Reader() = default;

  // The next records that stand, oldest first; empty at the end. kDataLoss where stored bytes are
  // damaged, naming partition and offset: reading stops there for good.
  virtual absl::StatusOr<std::vector<StoredRecord>> Read(std::size_t max_records) = 0;

  // Calls `more` once (on a thread of the journal, possibly at once, possibly spuriously) when Read
  // may give more. Replaces an earlier request. Never called after the reader is destroyed.
  virtual void NotifyWhenMore(absl::AnyInvocable<void()> more) = 0;
};

class Journal {
 public:
  virtual ~Journal() = default;

  // How many partitions the context has: fixed when it was created. kNotFound for a context that
  // was not.
  virtual absl::StatusOr<std::uint32_t> Partitions(const std::string& context) = 0;

  // Several writers of one partition may exist at once; their records interleave, each writer's own
  // keep their order.
  virtual absl::StatusOr<std::unique_ptr<Writer>> OpenWriter(const PartitionId& partition) = 0;

  // Reads from the first record with an offset >= `from`.
  virtual absl::StatusOr<std::unique_ptr<Reader>> OpenReader(const PartitionId& partition,
                                                             Offset from) = 0;

  // kUnavailable and the reason once the journal has frozen itself (disk full, a failed fsync):
  // appends are refused, reads go on, a restart recovers. OK otherwise.
  virtual absl::Status Health() const = 0;

  // kDataLoss, naming partition and offset, once any reader has met a damaged record of it: appends
  // to it are refused. OK otherwise.
  virtual absl::Status PartitionHealth(const PartitionId&) const { return absl::OkStatus(); }

  // Forgets what it keeps of the log in memory: what is read next is what stands on the disk.
  virtual void ForgetCache() {}
};

// Which partition holds a tenant: the first 8 bytes of SHA-256 of its slug, big-endian, modulo the
// partitions.
std::uint32_t PartitionOf(const std::string& tenant, std::uint32_t partitions);

}  // namespace holdfast::journal
