// A journal in memory, in virtual time, with seeded faults: what the simulation runs the production
// code on.
//
//   Append --latency--> stored --latency--> answered       each step is work on the caller's
//   executor
//
// Without faults it keeps the contract as the others do. With them it does what a broker and its
// producers were seen to do, and worse. A fault is numbered in the order of its happening; a seed,
// with the same calls, gives the same faults, and `max_faults` cuts them off, to find the one that
// matters.
#pragma once

#include <cstdint>
#include <limits>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "journal/journal.h"

namespace holdfast {
class Executor;
}

namespace holdfast::journal {

enum class Fault : std::uint8_t {
  kDelayed,         // a record, and all behind it, arrives late
  kResponseLost,    // the record is stored, its writer gets an error
  kRecordFailed,    // the record is not stored, those pipelined behind it are; all get errors
  kTailLost,        // the record and all behind it are lost; all get errors
  kTailReordered,   // the record and those behind it are stored in any order, some not at all
  kStoredTwice,     // the record is stored twice
  kOffsetsSkipped,  // offsets jump before the record
  kLateAfterClose,  // what a closed writer had in flight is stored long after
  kLostAtClose,     // what a closed writer had in flight is lost from some record on
  kReaderStale,     // a reader does not see the end for a while
};
inline constexpr std::size_t kFaultKinds = 10;
std::string_view NameOf(Fault fault);

// The records, apart from the journal, so that they outlive it. Shared by a journal and those that
// are opened on the same records after it.
struct SimulatedRecords {
  std::map<std::string, std::uint32_t> contexts;
  std::map<PartitionId, std::vector<StoredRecord>> partitions;
  std::set<std::pair<PartitionId, Offset>> damaged;
};

struct SimulatedJournalOptions {
  std::uint64_t seed = 1;
  // How likely an append, a closing, a read meets a fault: 0 to 1.
  double fault_rate = 0;
  std::set<Fault> kinds;  // empty: all
  std::uint64_t max_faults = std::numeric_limits<std::uint64_t>::max();
  absl::Duration latency = absl::Milliseconds(2);  // at most, each way
  absl::Duration late = absl::Seconds(40);         // of a fault that delays, at most
  std::shared_ptr<SimulatedRecords> records;       // null: new ones
};

// Used by one thread, that of the executor.
class SimulatedJournal final : public Journal {
 public:
  // `executor` outlives the journal.
  explicit SimulatedJournal(Executor& executor, SimulatedJournalOptions options = {});
  ~SimulatedJournal() override;

  // As EmbeddedJournal's.
  absl::Status CreateContext(const std::string& context, std::uint32_t partitions);

  absl::StatusOr<std::uint32_t> Partitions(const std::string& context) override;
  absl::StatusOr<std::unique_ptr<Writer>> OpenWriter(const PartitionId& partition) override;
  absl::StatusOr<std::unique_ptr<Reader>> OpenReader(const PartitionId& partition,
                                                     Offset from) override;
  absl::Status Health() const override;
  absl::Status PartitionHealth(const PartitionId& partition) const override;

  // No fault happens from here on; what is delayed arrives in its time.
  void Heal();
  // The disk refuses every write from here on, as EmbeddedJournal's does; a new journal on the same
  // records is well.
  void Freeze();
  // Makes the record unreadable.
  void Damage(const PartitionId& partition, Offset offset);
  // Takes back acknowledged records from `end` on: what no sound disk does. For the check that
  // finds it.
  void Truncate(const PartitionId& partition, Offset end);

  struct Happened {
    std::uint64_t number = 0;
    Fault fault = Fault::kDelayed;
    PartitionId partition;
  };
  const std::vector<Happened>& faults() const;
  const std::shared_ptr<SimulatedRecords>& records() const;

 private:
  struct State;
  class SimulatedWriter;
  class SimulatedReader;

  // Shared with the work that waits on the executor, which does nothing once it is gone.
  const std::shared_ptr<State> state_;
};

}  // namespace holdfast::journal
