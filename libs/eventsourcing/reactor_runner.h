// Carries the events of one partition of another context to the reactors of this one.
//
//   source journal -> accepted commits, in order per tenant -> React -> command with caused_by
//                                                                  -> target's actor -> answered:
//                                                                  next
//
// One command per tenant is on its way at a time, so that the target's mark never passes over one
// that failed. What cannot be answered now is tried again, for ever; what is refused is parked by
// the target. How far it has read is kept as derived data: losing it repeats commands that the
// target has answered, and answers again.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "base/clock.h"
#include "base/executor.h"
#include "eventsourcing/accepted_feed.h"
#include "eventsourcing/command.h"
#include "eventsourcing/event_codec.h"
#include "eventsourcing/reactor.h"
#include "eventsourcing/state_store.h"
#include "eventsourcing/stream_types.h"

namespace holdfast::eventsourcing {

// Everything that is pointed to outlives the runner.
struct ReactorRunnerOptions {
  journal::PartitionId source;
  std::vector<ReactorType> reactors;  // all of the source's context
  journal::Journal* journal = nullptr;
  Executor* executor = nullptr;
  Clock* clock = nullptr;
  const Upcasters* upcasters = nullptr;  // of the source's events
  const StreamTypes* streams = nullptr;  // of the target
  CommandSink* target = nullptr;
  StateStore* cursors = nullptr;  // may be shared by runners on one executor
  absl::Duration try_again = absl::Seconds(1);
  // Whose reactions are decided where this one runs; null: everybody's. Those of others are left to
  // their runners.
  std::function<bool(const std::string& tenant)> carries = nullptr;
  // Behind the source in the cursor's key: who is carried.
  std::string cursor_of = {};
  Protocol protocol;
};

// On the executor's thread, but for the constructor.
class ReactorRunner {
 public:
  explicit ReactorRunner(ReactorRunnerOptions options);
  // As a crash. On the executor's thread, or once it has ended.
  ~ReactorRunner();

  void Start();
  // Lets go of the journal. What is on its way may still take effect, once.
  void Stop();

  // Reactions that were called for, and not answered yet.
  std::size_t pending() const { return pending_; }
  // The partitions of the source in which tenants that are carried went on.
  const std::set<std::uint32_t>& leads() const { return leads_; }
  // Not OK once a record, or an event that a reactor listens to, could not be read.
  const absl::Status& health() const { return health_; }

 private:
  struct Pending {
    CommandRequest request;  // its command is kept here, to be sent again
    std::unique_ptr<google::protobuf::Message> command;
  };

  void Read();
  bool TakeRecord(const journal::Folded& folded);
  bool Carries(const std::string& tenant) const;
  void LoadLeads();
  void SaveLeads();
  bool Take(const journal::v1::Commit& commit);
  void React(const journal::v1::Commit& commit, int index, const google::protobuf::Message& event);
  void Add(const journal::v1::Commit& commit, type::v1::CausedBy caused_by, Reaction reaction);
  void Send(const std::string& tenant);
  void Answered(const std::string& tenant, const CommandAnswer& answer);
  void Save(bool at_once);
  std::string CursorKey() const;
  absl::AnyInvocable<void()> Guarded(absl::AnyInvocable<void()> work);

  const ReactorRunnerOptions options_;
  const std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
  EventCodec codec_;
  std::set<std::string> wanted_;
  std::set<std::uint32_t> leads_;
  std::unique_ptr<AcceptedFeed> feed_;
  std::map<std::string, std::deque<Pending>> queues_;  // by tenant; the first is on its way
  std::size_t pending_ = 0;
  bool reading_ = false;  // work or a notice that reads on is under way
  bool moved_ = false;    // since the cursor was saved
  absl::Time saved_at_ = absl::InfinitePast();
  absl::Status health_;
};

}  // namespace holdfast::eventsourcing
