// The commands of a tenant that are remembered: a command asked again is answered with its first
// receipt. Those accepted lately and those in flight are kept whole; of the others, which the state
// store holds, an index in memory says where.
//
//   Add (in flight) --Accept--> accepted --Put, Written--> in the store, one chunk a write
//        |--Drop, DropInFlight--> never was
//
// An index entry costs 8 bytes, so a window of a million commands takes 16 MiB at the most. It is
// read from the store (16 bytes a command) when the first command of a tenant comes after a start.
// Used by one thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "base/uuid.h"
#include "eventsourcing/state_layout.h"
#include "eventsourcing/state_store.h"

namespace holdfast::eventsourcing {

// How long a command is remembered: at least this many commands of the tenant, and at least this
// long, both by the record's data. Part of Commit.format: never changed without another number.
inline constexpr std::uint64_t kDedupeCommands = 1'000'000;
inline constexpr absl::Duration kDedupeAge = absl::Hours(24 * 7);

// Where the index says that an id may be: ordinals by hash, open addressing with linear probing.
// Nothing is ever removed; what lies outside the ordinals that still count goes when it grows.
class CommandIndex {
 public:
  // `oldest`: ordinals below it count no more.
  void Add(const Uuid& id, std::uint64_t ordinal, std::uint64_t oldest);
  // Calls `at` with the ordinals, of those in [oldest, end), that may be of this id, until it
  // answers false.
  template <class At>
  void ForEach(const Uuid& id, std::uint64_t oldest, std::uint64_t end, const At& at) const;
  std::size_t bytes() const { return slots_.capacity() * sizeof(Slot); }

 private:
  struct Slot {
    std::uint32_t hash = 0;  // 0: empty
    std::uint32_t ordinal = 0;
  };
  static std::uint32_t HashOf(const Uuid& id);
  void Insert(Slot slot);
  void Grow(std::uint64_t oldest, std::uint64_t end);

  std::vector<Slot> slots_;  // a power of two
  std::size_t used_ = 0;
};

class CommandWindow {
 public:
  struct Command {
    Uuid id{};
    FirstReceipt receipt;
    std::uint64_t ticket = 0;  // of the owner's commit in flight; 0: accepted
    bool dropped = false;
  };

  // The next command of the tenant, in order of `seq`. Answers the number that names it below.
  std::uint64_t Add(const Uuid& id, FirstReceipt receipt, std::uint64_t ticket);
  // Valid until the next Written or Drop….
  Command& At(std::uint64_t ordinal);
  void Accept(std::uint64_t ordinal) { At(ordinal).ticket = 0; }
  // Its commit was void.
  void Drop(std::uint64_t ordinal) { At(ordinal).dropped = true; }
  void DropInFlight();

  // The command with this id, if it is remembered, whatever its age; null where it is not. Valid
  // until the window is used again.
  absl::StatusOr<const Command*> Find(const StateStore& store, std::string_view tenant,
                                      const Uuid& id);

  // Puts what was accepted since the last write, and deletes a chunk that has left the window.
  // Called again with more where the store's Commit failed.
  //   accepted_at  of the youngest accepted commit of the tenant
  absl::Status Put(StateStore& store, std::string_view tenant, std::uint64_t accepted_seq,
                   absl::Time accepted_at);
  // The store has committed what was put.
  void Written();

  std::size_t index_bytes() const { return index_.bytes(); }

 private:
  // One write: its commands have the ordinals from `first` to the next chunk's.
  struct Chunk {
    std::uint64_t first = 0;
    std::uint64_t first_seq = 0;
    absl::Time last_recorded_at;
  };
  absl::Status Load(const StateStore& store, std::string_view tenant);
  absl::StatusOr<bool> Read(const StateStore& store, std::string_view tenant, std::uint64_t ordinal,
                            const Uuid& id);
  std::uint64_t oldest() const { return chunks_.empty() ? lately_from_ : chunks_.front().first; }
  std::uint64_t end() const { return lately_from_ + lately_.size(); }
  std::size_t Settled() const;
  void ForgetOldest(StateStore& store, std::string_view tenant, std::uint64_t accepted_seq,
                    absl::Time accepted_at);

  // Ordinals begin here, so that those of the store's commands have room before them.
  static constexpr std::uint64_t kFirst = std::uint64_t{1} << 40U;

  bool loaded_ = false;
  CommandIndex index_;
  std::deque<Chunk> chunks_;            // in the store, oldest first
  std::uint64_t lately_from_ = kFirst;  // ordinal of the first of lately_
  std::deque<Command> lately_;          // in order of seq
  std::optional<Chunk> put_;            // what the last Put put
  std::size_t put_commands_ = 0;        // so many of lately_
  bool forgetting_ = false;             // and whether it deleted the oldest chunk
  Command found_;                       // read from the store
};

}  // namespace holdfast::eventsourcing
