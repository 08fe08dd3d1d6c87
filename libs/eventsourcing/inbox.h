// What waits for a partition's actor: commands, within limits, and confirmations of the journal.
// Any thread puts in; the actor takes out. Full is an answer, never a wait.
//
// Tenants take turns: each has a lane of its own, and a lane's turn is worth so many units. One
// that floods its lane waits for itself, and the others as if it were not there.
//
//   westmoor    ■■■■■■■■■■■■    ─┐
//   northfield  ■               ─┼─►  ■ ■ ■  ■ ■  ■ …   Take, a few at a time
//   reactions   ■■              ─┘
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "eventsourcing/command.h"
#include "eventsourcing/quota.h"
#include "journal/journal.h"

namespace holdfast::eventsourcing {

using CommandDone = absl::AnyInvocable<void(CommandAnswer)>;

// Who waits for an answer. Counted until Leave.
struct Caller {
  CommandDone done;
  // Null for a timer's command, which the actor itself brought.
  std::uint32_t* of_tenant = nullptr;
  bool of_reactor = false;
  absl::Duration arrived_at;  // since boot
};

// A command in the house.
struct Arrived {
  CommandRequest request;
  Caller caller;
};

struct Answered {
  Caller caller;
  CommandAnswer answer;
};

struct Confirmation {
  std::uint64_t handle = 0;  // of which writer
  absl::StatusOr<journal::Offset> offset;
};

class Inbox {
 public:
  struct Limits {
    std::uint32_t per_tenant = 1'024;
    std::uint32_t per_partition = 8'192;
    // Reactors have a share of their own, so that two contexts cannot starve each other.
    std::uint32_t of_reactors = 1'024;
    // Taken out at once; what came meanwhile of others then has its turn.
    std::uint32_t at_once = 64;
    // Of callers, not of reactors: of each tenant, and of those that have another.
    Quota quota = {};
    std::map<std::string, Quota> quotas = {};
    // What the directory says of a tenant, now: it counts before the two above. Thread-safe.
    std::function<std::optional<Quota>(const std::string& tenant)> quota_of = nullptr;
  };
  // `wake` is called when something came into an empty inbox; on the thread that put it in.
  Inbox(Limits limits, absl::AnyInvocable<void()> wake);

  // `now` is since boot. kResourceExhausted (QUEUE_FULL, QUOTA), kUnavailable (NOT_READY) once it
  // is closed: then request and done are left as they are.
  absl::Status Push(CommandRequest& request, CommandDone& done, absl::Duration now);
  void Push(Confirmation confirmation);

  struct Content {
    std::vector<Arrived> commands;
    std::vector<Confirmation> confirmations;
    // Further commands wait: Take again, nobody will wake.
    bool more = false;
  };
  // All confirmations, and commands in turns. The vectors given are reused.
  void Take(Content& into);
  // Takes no more commands.
  void Close();
  // They were answered.
  void Leave(const std::vector<Answered>& answered);

 private:
  // The callers of a tenant, or its reactors.
  struct Lane {
    explicit Lane(const Quota& quota) : bucket(quota) {}
    std::uint32_t in_house = 0;  // until they are answered
    std::deque<Arrived> waiting;
    std::uint64_t credit = 0;  // units of this turn, and of those before that were too short
    TokenBucket bucket;
  };
  using Lanes = std::unordered_map<std::string, Lane>;

  Quota QuotaOf(const std::string& tenant) const;
  Lane& LaneOf(const CommandRequest& request, const Quota& quota)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void TakeTurns(std::vector<Arrived>& into) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const Limits limits_;
  absl::AnyInvocable<void()> wake_;
  absl::Mutex mutex_;
  std::vector<Confirmation> confirmations_ ABSL_GUARDED_BY(mutex_);
  bool closed_ ABSL_GUARDED_BY(mutex_) = false;
  bool awake_ ABSL_GUARDED_BY(mutex_) = false;
  std::uint32_t callers_ ABSL_GUARDED_BY(mutex_) = 0;
  std::uint32_t reactors_ ABSL_GUARDED_BY(mutex_) = 0;
  // Never erased: lanes are pointed to.
  Lanes lanes_ ABSL_GUARDED_BY(mutex_);
  Lanes lanes_of_reactors_ ABSL_GUARDED_BY(mutex_);
  std::deque<Lane*> turns_ ABSL_GUARDED_BY(mutex_);  // those in which something waits
};

}  // namespace holdfast::eventsourcing
