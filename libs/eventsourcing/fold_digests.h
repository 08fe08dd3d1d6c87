// Whether all readers of a partition folded the same. Each knows the digest of its fold at every
// 256th offset (journal/acceptance.h); processes tell each other their newest ones with their
// heartbeats, and everybody compares what it is told with its own at the same offset.
//
//   folds of this process --Passed--> FoldDigests --AddTo--> heartbeats
//                                     FoldDigests <--Hear--- heartbeats of others
//
// A reader that is behind or ahead is compared once it is there: the last ones are kept. What
// happens where two differ: docs/decisions/0018.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "base/hash.h"
#include "base/uuid.h"
#include "journal/acceptance.h"
#include "journal/journal.h"

namespace holdfast::journal::v1 {
class Heartbeats;
}

namespace holdfast::eventsourcing {

// What a reader does with the records that its fold accepted.
enum class FoldReader : std::uint8_t {
  kDecides,  // owner or standby: commands are answered by it, now or after a take-over
  kShows,    // views
};

// Thread-safe.
class FoldDigests {
 public:
  // A fold of this process has passed an offset at which readers report.
  void Passed(const journal::PartitionId& partition, FoldReader reader, journal::Offset offset,
              const Hash& digest);
  // Adds what this process says: the newest digest of each of its folds.
  void AddTo(journal::v1::Heartbeats& beat) const;
  // What another process says.
  void Hear(const Uuid& process, const journal::v1::Heartbeats& beat);

  // The offset at which a fold that decides here and one that decides elsewhere differ: one of them
  // would answer for what the other does not know. Empty where there is none. Stays until the
  // process ends.
  std::optional<journal::Offset> DisputedAt(const journal::PartitionId& partition) const;

 private:
  using Digests = std::map<journal::Offset, Hash>;
  using Teller = std::pair<Uuid, FoldReader>;
  struct Compared {
    std::map<FoldReader, Digests> own;
    std::map<journal::Offset, std::map<Teller, Hash>> told;
    std::optional<journal::Offset> disputed_at;
  };

  static void Differ(const journal::PartitionId& partition, Compared& compared,
                     journal::Offset offset, bool both_decide);

  mutable absl::Mutex mutex_;
  std::map<journal::PartitionId, Compared> partitions_ ABSL_GUARDED_BY(mutex_);
};

// How one fold reports. Used by one thread.
class DigestReader {
 public:
  DigestReader() = default;  // nobody compares it
  // `digests` is null where nobody does; else it outlives this.
  DigestReader(FoldDigests* digests, journal::PartitionId partition, FoldReader reader)
      : digests_(digests), partition_(std::move(partition)), reader_(reader) {}

  bool compared() const { return digests_ != nullptr; }
  // After each record, and once when the fold was opened.
  void Follow(const journal::PartitionState& state) {
    if (digests_ == nullptr || state.reported_at == told_) return;
    told_ = state.reported_at;
    digests_->Passed(partition_, reader_, state.reported_at, state.reported);
  }

 private:
  FoldDigests* digests_ = nullptr;
  journal::PartitionId partition_;
  FoldReader reader_ = FoldReader::kShows;
  journal::Offset told_ = 0;  // there is nothing to report below the first multiple
};

}  // namespace holdfast::eventsourcing
