// The writer of one partition: one strand that runs dedupe, decide, evolve, append, apply. No lock
// in decide or fold.
//
//   Submit -> inbox -> first receipt? -> Decide on accepted + in flight -> Evolve -> seal ->
//   append, without waiting  ...  confirmed and accepted by the fold -> answer
//
//   catching up --at the end--> taking over --own barrier read back--> serving
//        ^                          |                                     |
//        +---- following <--foreign barrier, own void, delivery error, append timeout
//
// An answer that an append proves is given when the fold has accepted it; one that changes nothing
// (refused, already so) when the history that it was decided on is accepted. What is in flight at a
// step-down is answered UNAVAILABLE: the client repeats it under the same id, and it takes effect
// once.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"
#include "base/clock.h"
#include "base/executor.h"
#include "base/random.h"
#include "eventsourcing/command.h"
#include "eventsourcing/command_mac.h"
#include "eventsourcing/inbox.h"
#include "eventsourcing/ownership.h"
#include "eventsourcing/partition_book.h"
#include "eventsourcing/protocol.h"
#include "eventsourcing/sealer.h"
#include "journal/journal.h"
#include "observability/metrics.h"

namespace holdfast::journal::v1 {
class Commit;
}

namespace holdfast::eventsourcing {

// Everything that is pointed to outlives the actor.
struct ActorOptions {
  journal::PartitionId partition;
  std::uint32_t partitions = 0;    // of the context; 0: every tenant is at home here
  TenantPlaces* places = nullptr;  // told who came and left; null: nobody asks
  journal::Journal* journal = nullptr;
  Executor* executor = nullptr;
  Clock* clock = nullptr;
  Random* random = nullptr;
  const StreamTypes* streams = nullptr;
  const Upcasters* upcasters = nullptr;
  Sealer* sealer = nullptr;
  MacKeys* mac_keys = nullptr;
  Ownership* ownership = nullptr;
  Inbox::Limits limits;
  absl::Duration append_timeout = absl::Seconds(15);
  // For how long a reader of the journal may not see what stands already: never, on one machine.
  absl::Duration reader_lag = absl::ZeroDuration();
  // How often timers, followers and idle owners look around.
  absl::Duration tick = absl::Seconds(1);
  std::size_t flush_every = 4'096;  // records
  std::size_t cached_states = 65'536;
  // Kept for comparison with other readers; two hashes less a record without them.
  bool digests = false;
  // Where they are compared, with `digests`; null: nowhere.
  FoldDigests* fold_digests = nullptr;
  Protocol protocol;
};

enum class Phase : std::uint8_t {
  kStopped,
  kCatchingUp,  // folding history
  kTakingOver,  // the barrier is sent, and not read back yet
  kServing,     // owner
  kFollowing,   // another holds it
  kFrozen,      // a record cannot be read: for good
};

// What others may know of an actor.
struct ActorStatus {
  Phase phase = Phase::kStopped;
  std::uint64_t epoch = 0;
  journal::Offset next_offset = 0;
  std::uint64_t frozen_tenants = 0;
};

// How a partition stands to a tenant.
struct TenantStanding {
  Phase phase = Phase::kStopped;
  bool here = false;           // commands of it are decided here
  journal::TenantHead head;    // accepted
  std::uint32_t closings = 0;  // of it here, that say where it goes on
  std::uint32_t moved_to = 0;  // by the last of them
  absl::Status frozen;         // not OK: its history here cannot be read
};

// The outcome of a step of a move: OK once it is accepted.
using MoveDone = absl::AnyInvocable<void(absl::Status)>;

class PartitionActor final : public CommandSink {
 public:
  PartitionActor(ActorOptions options, std::unique_ptr<StateStore> store);
  // As a crash: what is in flight is not answered. On the executor's thread, or once it has ended.
  ~PartitionActor() override;

  // Opens the state and begins to fold. Once, before anything else.
  void Start();
  // Thread-safe.
  void Submit(CommandRequest request, CommandDone done) override;
  // On the executor's thread: takes nothing more, and calls `done` when all that was taken is
  // answered, and it has stopped.
  void Retire(absl::AnyInvocable<void()> done);
  // On the executor's thread, at once: what is in flight is answered STEPPED_DOWN; lets go of the
  // journal, writes the state.
  void Stop();
  // Thread-safe.
  ActorStatus status() const;

  // The steps of a move (partition_actor_moves.cc), each on the executor's thread, each with one
  // effect however often it is asked for. kUnavailable where this process does not write the
  // partition, lost it on the way, or is at such a step already: ask again, or the owner.
  //
  // No command of the tenant is decided here from now on; those in flight are.
  // kFailedPrecondition where it does not stand here.
  void CloseTenant(const std::string& tenant, std::uint32_t to_partition, MoveDone done);
  // Writes the commits, which continue what is here of the tenant, with the bytes that they have.
  void ReceiveCopies(const std::string& tenant, const std::vector<std::string>& commits,
                     MoveDone done);
  // Commands of the tenant are decided here from now on. `head`: that of the closing which led
  // here; `closings`: how many of this partition were read by whoever says so, so that an older
  // closing is not taken for it.
  void OpenTenant(const std::string& tenant, const journal::TenantHead& head,
                  std::uint32_t closings, MoveDone done);
  TenantStanding StandingOf(const std::string& tenant);

  // For those who look inside, on the executor's thread.
  const PartitionBook& book() const { return book_; }
  Phase phase() const { return phase_; }
  // A copy of the accepted state of a stream.
  absl::StatusOr<std::unique_ptr<google::protobuf::Message>> StateOf(std::string_view tenant,
                                                                     std::string_view kind,
                                                                     std::string_view id);

 private:
  class Surroundings;

  // One command, while it is decided.
  struct Turn {
    Arrived arrived;
    TenantEntry* tenant = nullptr;
    const StreamType* type = nullptr;
    StreamEntry* stream = nullptr;
    std::string stream_id;
    absl::Time now;
    CommandMac::Mac mac;
  };
  struct InFlight {
    OwnDecision own;
    Caller caller;
    absl::Duration appended_at;  // since boot
    // Answers that hold once this commit is accepted.
    std::vector<Answered> waiting;
    // Of a move: then there is no command, and `own` has tenant and ticket only.
    std::string record = {};
    MoveDone moved = nullptr;  // null: another record of the same step is behind it
  };
  using Events = std::vector<std::unique_ptr<google::protobuf::Message>>;

  // Life.
  void BeginReading();
  void BeginReadingLater();
  bool CheckLast(const journal::StoredRecord& record);
  void ReadOn();
  void AtEnd();
  bool ApplyRead(const journal::StoredRecord& record);
  void TakeOver();
  void Serve();
  void StepDown(std::string_view why, bool follow);
  void Freeze(const absl::Status& why);
  void SetPhase(Phase phase);
  void Tick();
  void CheckAppendTimeout();
  bool Sure();
  void CheckLapse();
  void CheckTail();
  void AwaitTail();
  void ReadTail();
  bool Idle() const;
  void FireTimers();
  bool Fire(const Timer& timer);
  bool FreezeIfDamaged();
  bool FreezeIfDisputed();
  void FlushIfDue(bool idle);
  void PostGuarded(absl::AnyInvocable<void()> work);
  absl::AnyInvocable<void()> Guarded(absl::AnyInvocable<void()> work);

  // Answers of the journal.
  void Drain();
  void TakeConfirmations();
  void Settle();
  bool ReadGap(journal::Offset until);
  absl::Status OpenGap();
  bool AwaitGap();
  bool CannotReadGap(const absl::Status& why);
  bool Accept(journal::Offset offset);

  // Moves (partition_actor_moves.cc).
  absl::Status MayMove(TenantEntry& tenant) const;
  absl::Status Continues(const TenantEntry& tenant, const std::vector<std::string>& commits) const;
  void AppendOfMove(TenantEntry& tenant, std::string record, MoveDone done);
  bool AcceptOfMove(journal::Offset offset);
  void LogMove(const journal::Folded& folded) const;

  // Commands (partition_actor_commands.cc).
  // `timer_stream`: the id of the stream whose timer asks; empty for a command from outside.
  void Decide(Arrived arrived, std::string_view timer_stream);
  absl::Status MayAnswer() const;
  std::string OwnersDoor() const;
  absl::Status NotServing(const absl::Status& why) const;
  absl::Status Admissible(Turn& turn);
  bool Repeated(Turn& turn);
  bool ReactionRepeated(Turn& turn);
  absl::Status FindStream(Turn& turn, std::string_view timer_stream);
  void DecideOn(Turn& turn);
  absl::StatusOr<ErasedDecision> Ask(Turn& turn);
  absl::StatusOr<const ErasedCondition*> Broken(Turn& turn, const ErasedDecision& decision);
  void Refuse(Turn& turn, absl::Status why);
  void Park(Turn& turn, const absl::Status& why);
  void NothingHappens(Turn& turn);
  void Write(Turn& turn, StreamEntry& stream, Events events, std::vector<std::string> warnings);
  absl::Status BuildCommit(const Turn& turn, const StreamEntry& stream, const Events& events,
                           const std::vector<std::string>& warnings);
  absl::Status BuildEvents(const Turn& turn, const Events& events);
  void Append(Turn& turn, StreamEntry& stream, Events events, std::vector<std::string> warnings,
              journal::EncodedCommit encoded);
  void RebuildSpeculation(StreamEntry& stream);

  void AnswerWhenTrue(Turn& turn, CommandAnswer answer);
  void Answer(Caller caller, CommandAnswer answer);
  void SendAnswers();
  void StopIfRetired();
  type::v1::Receipt OwnReceipt(const OwnDecision& own) const;
  type::v1::Receipt ReceiptOf(const FirstReceipt& first) const;
  absl::CivilDay Today(absl::Time now);

  const ActorOptions options_;
  const std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
  Inbox inbox_;
  PartitionBook book_;
  CommandMac macs_;
  Inbox::Content taken_;
  std::unique_ptr<journal::v1::Commit> commit_;  // reused

  Phase phase_ = Phase::kStopped;
  absl::Status frozen_;
  std::unique_ptr<journal::Reader> reader_;  // while folding; while serving, of a gap
  std::uint64_t reading_ = 0;                // which reading a posted continuation belongs to
  std::unique_ptr<journal::Reader> tail_;    // while serving and idle, behind all that is folded
  std::uint64_t tails_ = 0;                  // which of them a notice belongs to
  std::unique_ptr<journal::Writer> writer_;
  absl::Duration appended_at_;  // the newest append; since boot
  journal::WriterId self_;
  bool lapsed_ = false;       // ownership was unsure since the barrier of `self_`
  std::uint64_t handle_ = 0;  // which writer a confirmation belongs to
  bool barrier_unconfirmed_ = false;
  absl::Duration barrier_sent_at_;  // since boot
  bool at_end_ = false;
  bool last_unchecked_ = false;
  absl::Duration reading_since_;  // since boot
  bool may_duel_ = false;
  absl::Duration not_before_;  // of the next attempt to take over; since boot
  std::deque<InFlight> in_flight_;
  std::uint64_t next_ticket_ = 1;          // in_flight_ holds the tickets before it
  std::deque<journal::Offset> confirmed_;  // of the first of in_flight_
  journal::Offset gap_read_until_ = 0;
  absl::AnyInvocable<void()> retired_;  // to be called when all is answered
  std::vector<Answered> answered_;
  std::vector<Answered> spare_;        // empty: its room is used again
  std::map<Timer, absl::Time> fired_;  // and when it may be tried again
  absl::Time flush_not_before_ = absl::InfinitePast();
  bool flush_failed_ = false;
  absl::Time day_begins_ = absl::InfiniteFuture();
  absl::Time day_ends_ = absl::InfinitePast();
  absl::CivilDay day_;

  std::atomic<Phase> public_phase_{Phase::kStopped};
  std::atomic<std::uint64_t> public_epoch_{0};
  std::atomic<std::uint64_t> public_next_offset_{0};
  std::atomic<std::uint64_t> public_frozen_tenants_{0};

  struct Metrics;
  const std::unique_ptr<Metrics> metrics_;
};

}  // namespace holdfast::eventsourcing
