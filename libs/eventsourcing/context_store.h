// Everything that one context of a process decides: an actor for each partition, each on a thread
// of its own, and the runners that carry other contexts' events to its reactors.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "base/clock.h"
#include "base/random.h"
#include "eventsourcing/command.h"
#include "eventsourcing/command_mac.h"
#include "eventsourcing/inbox.h"
#include "eventsourcing/reactor.h"
#include "eventsourcing/sealer.h"
#include "eventsourcing/stream_type.h"
#include "eventsourcing/upcaster.h"
#include "journal/acceptance.h"
#include "journal/journal.h"

namespace holdfast::journal::v1 {
class ReactionParked;
}

namespace holdfast::eventsourcing {

class Heartbeats;

// Everything that is pointed to outlives the store.
struct ContextStoreOptions {
  std::string context;
  std::vector<StreamType> streams;
  // With commands of this context. The journal has the contexts that they listen to.
  std::vector<ReactorType> reactors;
  journal::Journal* journal = nullptr;
  Clock* clock = nullptr;
  Random* random = nullptr;
  MacKeys* mac_keys = nullptr;
  Sealer* sealer = nullptr;
  const Upcasters* upcasters = nullptr;
  // Derived state, one folder below it for each partition.
  std::string folder;
  Inbox::Limits limits;
  absl::Duration append_timeout = absl::Seconds(15);
  // Null: this process is the only one, and owns every partition. Else the partitions that it has a
  // seat at are folded, and owned in turn.
  Heartbeats* heartbeats = nullptr;
  // For how long a reader may lag behind what was folded before, until that is a loss.
  absl::Duration reader_lag = absl::ZeroDuration();
  std::size_t cached_states = 65'536;
};

// Where a tenant of the context stands.
struct TenantPlace {
  std::uint32_t partition = 0;
  std::uint32_t home = 0;        // where its name puts it
  std::uint32_t partitions = 0;  // of the context
  bool open = false;             // commands of it are decided there; else it is on its way
  journal::TenantHead head;      // of what is accepted there
};

// How far a partition has received a tenant.
struct ReceptionProgress {
  enum class State {
    kCopying,   // there is more: ask again
    kCaughtUp,  // all that stands is here: close it where it is, and ask again
    kOpened,    // commands of it are decided here
  };
  State state = State::kCopying;
  std::uint32_t source = 0;      // the partition where it was last found
  std::uint64_t source_seq = 0;  // as far as that was read
  std::uint64_t seq = 0;         // as far as it is here
};

// Thread-safe. Waiting calls must not be made on the threads of its answers.
class ContextStore : public CommandSink {
 public:
  // Begins to fold every partition. Errors are sentences.
  static absl::StatusOr<std::unique_ptr<ContextStore>> Open(ContextStoreOptions options);

  // Waits until every partition takes commands, or follows the one of another process that does.
  // kDataLoss, naming it, where one is frozen.
  virtual absl::Status AwaitServing(absl::Time deadline) = 0;
  // OK while every thread has gone round within 30 s.
  virtual absl::Status Live() const = 0;
  // OK while every partition takes commands, or follows.
  virtual absl::Status Ready() const = 0;
  // Takes no more; what is in flight is answered, at most until the deadline.
  virtual void Drain(absl::Time deadline) = 0;

  // The reactions of a tenant that were refused and wait for a person.
  virtual absl::StatusOr<std::vector<journal::v1::ReactionParked>> Parked(
      const std::string& tenant) = 0;
  // Tries a parked reaction again, as a new command; where it is accepted, it is settled. Answers
  // the refusal otherwise. kNotFound where it is not parked.
  virtual CommandAnswer Retry(const std::string& tenant, const type::v1::CausedBy& caused_by,
                              const std::string& actor_ref) = 0;
  virtual CommandAnswer Discard(const std::string& tenant, const type::v1::CausedBy& caused_by,
                                const std::string& actor_ref) = 0;

  // A move of a tenant to another partition (docs/decisions/0016): the owner of the target receives
  // until it has caught up, the owner of the source closes, the target receives the rest and opens.
  // Each may be asked for again, after whatever went wrong. All wait; kUnavailable with the owner's
  // door (NOT_OWNER) where it is another process, kInvalidArgument where there is no such
  // partition.
  virtual absl::StatusOr<TenantPlace> PlaceOf(const std::string& tenant) = 0;
  // kFailedPrecondition where it stands neither here, nor was closed here towards that partition.
  virtual absl::Status CloseTenant(const std::string& tenant, std::uint32_t to_partition) = 0;
  // Copies for as long as `until`. kDataLoss where what is here of it is no part of its history.
  virtual absl::StatusOr<ReceptionProgress> ReceiveTenant(const std::string& tenant,
                                                          std::uint32_t to_partition,
                                                          absl::Time until) = 0;
};

}  // namespace holdfast::eventsourcing
