// What waits for a partition's actor: commands, within limits, and confirmations of the journal.
// Any thread puts in; the actor takes out. Full is an answer, never a wait.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "eventsourcing/command.h"
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
  };
  // `wake` is called when something came into an empty inbox; on the thread that put it in.
  Inbox(Limits limits, absl::AnyInvocable<void()> wake);

  enum class Pushed { kTaken, kFull, kClosed };
  // `now` is since boot. Unless taken, request and done are left as they are.
  Pushed Push(CommandRequest& request, CommandDone& done, absl::Duration now);
  void Push(Confirmation confirmation);

  struct Content {
    std::vector<Arrived> commands;
    std::vector<Confirmation> confirmations;
  };
  // All that waits. The vectors given are reused.
  void Take(Content& into);
  // Takes no more commands.
  void Close();
  // They were answered.
  void Leave(const std::vector<Answered>& answered);

 private:
  const Limits limits_;
  absl::AnyInvocable<void()> wake_;
  absl::Mutex mutex_;
  Content content_ ABSL_GUARDED_BY(mutex_);
  bool closed_ ABSL_GUARDED_BY(mutex_) = false;
  bool awake_ ABSL_GUARDED_BY(mutex_) = false;
  std::uint32_t callers_ ABSL_GUARDED_BY(mutex_) = 0;
  std::uint32_t reactors_ ABSL_GUARDED_BY(mutex_) = 0;
  std::unordered_map<std::string, std::uint32_t> by_tenant_ ABSL_GUARDED_BY(mutex_);
  std::unordered_map<std::string, std::uint32_t> reactors_by_tenant_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace holdfast::eventsourcing
