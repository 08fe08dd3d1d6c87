// The life of a partition's actor: folding, taking over, serving, stepping down. What it does with
// commands stands in partition_actor_commands.cc.
#include "eventsourcing/partition_actor.h"

#include <algorithm>
#include <utility>

#include "holdfast/journal/v1/journal.pb.h"

#include "absl/strings/str_cat.h"
#include "base/check.h"
#include "base/status_macros.h"
#include "eventsourcing/actor_metrics.h"
#include "eventsourcing/command_ids.h"
#include "eventsourcing/refusals.h"
#include "observability/log.h"

namespace holdfast::eventsourcing {
namespace {

constexpr std::size_t kReadAtOnce = 256;
constexpr absl::Duration kTryAgain = absl::Seconds(1);
constexpr absl::Duration kFlushPause = absl::Seconds(1);
constexpr std::size_t kTimersAtOnce = 64;
constexpr absl::Duration kTimerPause = absl::Minutes(1);

BookOptions BookOptionsOf(const ActorOptions& options) {
  BookOptions book;
  book.context = options.partition.context;
  book.partition = options.partition.partition;
  book.partitions = options.partitions;
  book.places = options.places;
  book.streams = options.streams;
  book.upcasters = options.upcasters;
  book.cached_states = options.cached_states;
  book.digests = options.digests;
  book.digest_reader = {options.fold_digests, options.partition, FoldReader::kDecides};
  book.protocol = options.protocol;
  return book;
}

}  // namespace

PartitionActor::PartitionActor(ActorOptions options, std::unique_ptr<StateStore> store)
    : options_(std::move(options)),
      inbox_(options_.limits, [this] { PostGuarded([this] { Drain(); }); }),
      book_(BookOptionsOf(options_), std::move(store)),
      macs_(*options_.mac_keys),
      commit_(std::make_unique<journal::v1::Commit>()),
      metrics_(std::make_unique<Metrics>(options_.partition)) {}

PartitionActor::~PartitionActor() {
  *alive_ = false;
  ++reading_;
  reader_.reset();
  tail_.reset();
  writer_.reset();
}

absl::AnyInvocable<void()> PartitionActor::Guarded(absl::AnyInvocable<void()> work) {
  return [alive = alive_, work = std::move(work)]() mutable {
    if (*alive) std::move(work)();
  };
}

void PartitionActor::PostGuarded(absl::AnyInvocable<void()> work) {
  options_.executor->Post(Guarded(std::move(work)));
}

void PartitionActor::Start() {
  PostGuarded([this] {
    if (const absl::Status opened = book_.Open(); !opened.ok()) return Freeze(opened);
    BeginReading();
    Tick();
  });
}

void PartitionActor::Retire(absl::AnyInvocable<void()> done) {
  inbox_.Close();
  retired_ = std::move(done);
  Drain();
}

void PartitionActor::StopIfRetired() {
  if (!retired_ || !in_flight_.empty() || taken_.more) return;
  absl::AnyInvocable<void()> done = std::exchange(retired_, nullptr);
  Stop();
  std::move(done)();
}

void PartitionActor::Stop() {
  if (phase_ == Phase::kStopped) return;
  StepDown("released", true);
  ++reading_;
  reader_.reset();
  SetPhase(Phase::kStopped);
  const absl::Status flushed = book_.Flush();
  if (!flushed.ok()) log::Warn("state_not_flushed", log::Context(options_.partition.context));
  inbox_.Close();
  do {
    Drain();
  } while (taken_.more);
  *alive_ = false;
}

ActorStatus PartitionActor::status() const {
  return {public_phase_.load(), public_epoch_.load(), public_next_offset_.load(),
          public_frozen_tenants_.load()};
}

void PartitionActor::SetPhase(Phase phase) {
  if (phase_ != phase) {
    const bool was_owner = phase_ == Phase::kServing;
    phase_ = phase;
    if (phase == Phase::kServing) options_.ownership->Became(Role::kOwner, self_);
    if (was_owner) options_.ownership->Became(Role::kFollower, self_);
    metrics_->SetPhase(phase);
  }
  public_phase_ = phase;
  public_epoch_ = book_.fold().state().owner.epoch;
  public_next_offset_ = book_.fold().state().next_offset;
  public_frozen_tenants_ = book_.frozen_tenants();
}

void PartitionActor::Freeze(const absl::Status& why) {
  log::Error("partition_frozen", log::Context(options_.partition.context),
             log::Partition(options_.partition.partition),
             log::Offset(book_.fold().state().next_offset));
  if (phase_ == Phase::kServing || phase_ == Phase::kTakingOver) StepDown("own_void", true);
  ++reading_;
  reader_.reset();
  frozen_ = PartitionFrozen(why);
  SetPhase(Phase::kFrozen);
}

// --- Folding history.

// Reading begins with the record that was folded last, to see that it is still the one.
void PartitionActor::BeginReading() {
  ++reading_;
  at_end_ = false;
  reader_.reset();
  SetPhase(Phase::kCatchingUp);
  const std::optional<LastRecord>& last = book_.last_record();
  last_unchecked_ = last.has_value();
  reading_since_ = options_.clock->SinceBoot();
  absl::StatusOr<std::unique_ptr<journal::Reader>> reader = options_.journal->OpenReader(
      options_.partition, last ? last->offset : book_.fold().state().next_offset);
  if (reader.ok()) {
    reader_ = *std::move(reader);
    PostGuarded([this, reading = reading_] {
      if (reading == reading_) ReadOn();
    });
  } else {
    BeginReadingLater();
  }
}

void PartitionActor::BeginReadingLater() {
  options_.executor->PostAfter(kTryAgain, Guarded([this, reading = reading_] {
                                 if (reading == reading_) BeginReading();
                               }));
}

void PartitionActor::ReadOn() {
  const std::uint64_t reading = reading_;
  absl::StatusOr<std::vector<journal::StoredRecord>> records = reader_->Read(kReadAtOnce);
  if (!records.ok()) {
    if (absl::IsDataLoss(records.status())) return Freeze(records.status());
    return BeginReadingLater();
  }
  for (const journal::StoredRecord& record : *records) {
    if (last_unchecked_ ? !CheckLast(record) : !ApplyRead(record)) return SendAnswers();
    if (reading != reading_) return SendAnswers();
  }
  FlushIfDue(records->empty());
  book_.Trim();
  const auto again = [this, reading] {
    if (reading == reading_) ReadOn();
  };
  at_end_ = records->empty();
  if (!at_end_) return PostGuarded(again);
  reader_->NotifyWhenMore([executor = options_.executor, work = Guarded(again)]() mutable {
    executor->Post(std::move(work));
  });
  AtEnd();
}

// False, and frozen, where history is not the one that was folded.
bool PartitionActor::CheckLast(const journal::StoredRecord& record) {
  last_unchecked_ = false;
  const journal::Offset folded = book_.last_record()->offset;
  const absl::Status same =
      record.offset == folded ? book_.CheckLast(record.bytes)
                              : absl::DataLossError(absl::StrCat("the record at offset ", folded,
                                                                 ", which was folded, is missing"));
  if (!same.ok()) Freeze(same);
  return !last_unchecked_ && phase_ != Phase::kFrozen;
}

// False where the phase changed, and the reading is over.
bool PartitionActor::ApplyRead(const journal::StoredRecord& record) {
  const absl::StatusOr<journal::Folded> folded = book_.Apply(record.offset, record.bytes);
  if (!folded.ok()) {
    Freeze(absl::DataLossError(
        absl::StrCat("offset ", record.offset, ": ", folded.status().message())));
    return false;
  }
  public_next_offset_ = book_.fold().state().next_offset;
  public_frozen_tenants_ = book_.frozen_tenants();
  if (!folded->accepted()) metrics_->Void(folded->outcome);
  if (phase_ == Phase::kTakingOver && folded->writer == self_ &&
      folded->kind == journal::RecordKind::kBarrier) {
    if (folded->accepted()) {
      Serve();
    } else {
      StepDown("foreign_barrier", true);  // another's came first
    }
    return false;
  }
  const bool foreign_barrier = folded->kind == journal::RecordKind::kBarrier &&
                               folded->accepted() && folded->writer != self_;
  if (foreign_barrier) public_epoch_ = folded->writer.epoch;
  if (foreign_barrier && phase_ == Phase::kServing && options_.protocol.step_down) {
    StepDown("foreign_barrier", true);
    return false;
  }
  return true;
}

void PartitionActor::AtEnd() {
  if (phase_ == Phase::kTakingOver) return;  // the barrier will come
  if (last_unchecked_) {  // a reader may lag for a while, but not behind what was folded
    if (options_.clock->SinceBoot() - reading_since_ >= options_.reader_lag) {
      Freeze(absl::DataLossError(absl::StrCat("the journal ends before offset ",
                                              book_.last_record()->offset, ", which was folded")));
    }
    return;
  }
  const journal::WriterId& holder = book_.fold().state().owner;
  const bool free = options_.ownership->MayTakeOver(holder) ||
                    (may_duel_ && !options_.protocol.follow_after_barrier);
  if (free && options_.clock->SinceBoot() >= not_before_) return TakeOver();
  SetPhase(Phase::kFollowing);
}

void PartitionActor::TakeOver() {
  if (!options_.journal->Health().ok()) {  // for good: a barrier would be refused as well
    not_before_ = options_.clock->SinceBoot() + kTryAgain;
    return SetPhase(Phase::kFollowing);
  }
  absl::StatusOr<std::unique_ptr<journal::Writer>> writer =
      options_.journal->OpenWriter(options_.partition);
  if (!writer.ok()) {
    not_before_ = options_.clock->SinceBoot() + kTryAgain;
    return SetPhase(Phase::kFollowing);
  }
  writer_ = *std::move(writer);
  ++handle_;
  self_ = {book_.fold().state().owner.epoch + 1, NewUuidV4(*options_.random)};
  lapsed_ = false;
  barrier_unconfirmed_ = true;
  barrier_sent_at_ = options_.clock->SinceBoot();
  SetPhase(Phase::kTakingOver);
  writer_->Append(journal::EncodeBarrier(self_),
                  [this, handle = handle_](absl::StatusOr<journal::Offset> offset) {
                    inbox_.Push({handle, std::move(offset)});
                  });
}

void PartitionActor::Serve() {
  ++reading_;
  reader_.reset();
  may_duel_ = false;
  log::Info("partition_served", log::Context(options_.partition.context),
            log::Partition(options_.partition.partition),
            log::Offset(book_.fold().state().next_offset));
  SetPhase(Phase::kServing);
  fired_.clear();
}

void PartitionActor::StepDown(std::string_view why, bool follow) {
  const bool held = phase_ == Phase::kServing || phase_ == Phase::kTakingOver;
  if (held) {
    log::Info("stepped_down", log::Context(options_.partition.context),
              log::Partition(options_.partition.partition), log::Reason(why));
    metrics_->SteppedDown(why);
  }
  ++handle_;
  writer_.reset();
  tail_.reset();
  barrier_unconfirmed_ = false;
  confirmed_.clear();
  gap_read_until_ = 0;
  std::deque<InFlight> in_flight = std::exchange(in_flight_, {});
  const absl::Status unknown = in_flight.empty() ? absl::OkStatus() : NotServing(SteppedDown());
  for (InFlight& one : in_flight) {
    if (one.moved) std::move(one.moved)(unknown);
    Answer(std::move(one.caller), unknown);
    for (Answered& waiting : one.waiting) Answer(std::move(waiting.caller), unknown);
  }
  book_.DropSpeculation();
  may_duel_ = follow;
  // A disk that refuses is not asked a thousand times a second.
  not_before_ = options_.clock->SinceBoot() + (follow ? absl::ZeroDuration() : kTryAgain);
  if (held) BeginReading();
  SendAnswers();
}

// --- While serving.

void PartitionActor::Drain() {
  inbox_.Take(taken_);
  TakeConfirmations();
  Settle();
  for (Arrived& arrived : taken_.commands) Decide(std::move(arrived), "");
  taken_.commands.clear();
  if (taken_.more) PostGuarded([this] { Drain(); });
  FlushIfDue(false);
  book_.Trim();
  SendAnswers();
  StopIfRetired();
}

void PartitionActor::TakeConfirmations() {
  for (Confirmation& confirmation : taken_.confirmations) {
    if (confirmation.handle != handle_) continue;  // of a writer that was thrown away
    if (!confirmation.offset.ok()) {
      if (absl::IsDataLoss(confirmation.offset.status())) {
        Freeze(confirmation.offset.status());
      } else {
        StepDown("delivery_error", false);
      }
      break;
    }
    if (std::exchange(barrier_unconfirmed_, false)) continue;
    confirmed_.push_back(*confirmation.offset);
  }
  taken_.confirmations.clear();
}

// Answers what is confirmed and, as the fold says, accepted; oldest first.
void PartitionActor::Settle() {
  while (!confirmed_.empty() && phase_ == Phase::kServing) {
    const journal::Offset offset = confirmed_.front();
    const bool gap = offset > book_.fold().state().next_offset && offset != gap_read_until_;
    if (gap && options_.protocol.read_before_gap && !ReadGap(offset)) return;
    confirmed_.pop_front();
    if (!Accept(offset)) return;
  }
}

// Reads what others wrote before an own record. False where it must wait, or is no owner any more.
bool PartitionActor::ReadGap(journal::Offset until) {
  if (const absl::Status opened = OpenGap(); !opened.ok()) return CannotReadGap(opened);
  while (true) {
    const absl::StatusOr<std::vector<journal::StoredRecord>> records = reader_->Read(kReadAtOnce);
    if (!records.ok()) return CannotReadGap(records.status());
    if (records->empty()) return AwaitGap();
    for (const journal::StoredRecord& record : *records) {
      if (record.offset >= until) {
        reader_.reset();
        gap_read_until_ = until;
        return true;
      }
      if (!ApplyRead(record)) return false;
    }
  }
}

absl::Status PartitionActor::OpenGap() {
  if (reader_ != nullptr) return absl::OkStatus();
  ASSIGN_OR_RETURN(
      reader_, options_.journal->OpenReader(options_.partition, book_.fold().state().next_offset));
  return absl::OkStatus();
}

bool PartitionActor::AwaitGap() {
  reader_->NotifyWhenMore(
      [executor = options_.executor, work = Guarded([this] {
                                       Settle();
                                       SendAnswers();
                                     })]() mutable { executor->Post(std::move(work)); });
  return false;
}

bool PartitionActor::CannotReadGap(const absl::Status& why) {
  if (absl::IsDataLoss(why)) {
    Freeze(why);
  } else {
    StepDown("delivery_error", false);
  }
  return false;
}

// The oldest in flight stands at that offset. False where it is void, and we no owner any more.
bool PartitionActor::Accept(journal::Offset offset) {
  HOLDFAST_CHECK(!in_flight_.empty());
  InFlight& one = in_flight_.front();
  if (!one.record.empty()) return AcceptOfMove(offset);
  const journal::Outcome outcome = book_.ApplyOwn(offset, self_, one.own);
  public_next_offset_ = offset + 1;
  if (outcome != journal::Outcome::kAccepted) {
    metrics_->Void(outcome);
    if (options_.protocol.step_down) {
      StepDown("own_void", true);
      return false;
    }
  }
  metrics_->Appended(options_.clock->SinceBoot() - one.appended_at);
  if (options_.protocol.answer_after_fold) Answer(std::move(one.caller), OwnReceipt(one.own));
  for (Answered& waiting : one.waiting)
    Answer(std::move(waiting.caller), std::move(waiting.answer));
  in_flight_.pop_front();
  return true;
}

void PartitionActor::Answer(Caller caller, CommandAnswer answer) {
  // A timer's command waited for nobody.
  if (caller.of_tenant != nullptr)
    metrics_->Answered(answer, options_.clock->SinceBoot() - caller.arrived_at);
  answered_.push_back({std::move(caller), std::move(answer)});
}

// What is called may send commands, and so bring further answers about.
void PartitionActor::SendAnswers() {
  while (!answered_.empty()) {
    std::vector<Answered> answered = std::exchange(answered_, std::move(spare_));
    inbox_.Leave(answered);
    for (Answered& one : answered) {
      if (one.caller.done) std::move(one.caller.done)(std::move(one.answer));
    }
    answered.clear();
    spare_ = std::move(answered);
  }
}

// --- Now and then.

void PartitionActor::Tick() {
  if (phase_ == Phase::kStopped || phase_ == Phase::kFrozen) return;
  if (FreezeIfDamaged() || FreezeIfDisputed()) return SendAnswers();
  CheckAppendTimeout();
  CheckLapse();
  if (phase_ == Phase::kServing) {
    CheckTail();
    if (!retired_) FireTimers();
  } else if (at_end_) {
    AtEnd();
  }
  FlushIfDue(in_flight_.empty());
  SendAnswers();
  StopIfRetired();
  options_.executor->PostAfter(options_.tick, Guarded([this] { Tick(); }));
}

// Whatever reader met the damage: nothing may be decided on a history that cannot be read again.
bool PartitionActor::FreezeIfDamaged() {
  const absl::Status damage = options_.journal->PartitionHealth(options_.partition);
  if (!absl::IsDataLoss(damage)) return false;
  Freeze(damage);
  return true;
}

// Two who may both answer for this partition know different histories. Which of them is wrong is
// not known: neither goes on, and what this one has folded is not believed after a restart either.
bool PartitionActor::FreezeIfDisputed() {
  if (options_.fold_digests == nullptr) return false;
  const std::optional<journal::Offset> at = options_.fold_digests->DisputedAt(options_.partition);
  if (!at) return false;
  const absl::Status disowned = book_.Disown();
  if (!disowned.ok()) {
    log::Warn("state_not_flushed", log::Context(options_.partition.context),
              log::Partition(options_.partition.partition));
  }
  Freeze(absl::DataLossError(
      absl::StrCat("another process folded the records below offset ", *at, " otherwise")));
  return true;
}

void PartitionActor::CheckAppendTimeout() {
  const absl::Duration now = options_.clock->SinceBoot();
  const bool barrier_late =
      phase_ == Phase::kTakingOver && now - barrier_sent_at_ > options_.append_timeout;
  const bool append_late = phase_ == Phase::kServing && !in_flight_.empty() &&
                           now - in_flight_.front().appended_at > options_.append_timeout;
  if (barrier_late || append_late) StepDown("append_timeout", false);
}

// An owner that was unsure for a while may have been replaced, by a barrier that is still under
// way. Becoming sure again proves nothing; the next own barrier, read back, does.
bool PartitionActor::Sure() {
  lapsed_ = lapsed_ || !options_.ownership->Sure();
  return !lapsed_;
}

void PartitionActor::CheckLapse() {
  if (phase_ != Phase::kServing || Sure()) return;
  if (options_.ownership->MayTakeOver(self_)) StepDown("lapsed", true);
}

// Nothing own is under way, so that what comes next in the journal is another's.
bool PartitionActor::Idle() const {
  return phase_ == Phase::kServing && in_flight_.empty() && confirmed_.empty() &&
         !barrier_unconfirmed_ && reader_ == nullptr;
}

// An owner that writes nothing would not see that it was replaced. One that writes does, by its own
// records; and a reader costs a connection where the journal is remote.
void PartitionActor::CheckTail() {
  if (tail_ != nullptr || !Idle()) return;
  if (options_.clock->SinceBoot() - appended_at_ < options_.tick) return;
  absl::StatusOr<std::unique_ptr<journal::Reader>> reader =
      options_.journal->OpenReader(options_.partition, book_.fold().state().next_offset);
  if (!reader.ok()) return;
  tail_ = *std::move(reader);
  ++tails_;
  AwaitTail();
}

// Told rather than asked: a read may wait for a journal that is away, and commands with it.
void PartitionActor::AwaitTail() {
  tail_->NotifyWhenMore(
      [executor = options_.executor, work = Guarded([this, tail = tails_] {
                                       if (tail_ != nullptr && tail == tails_) ReadTail();
                                     })]() mutable { executor->Post(std::move(work)); });
}

void PartitionActor::ReadTail() {
  const absl::StatusOr<std::vector<journal::StoredRecord>> records = tail_->Read(kReadAtOnce);
  if (!records.ok()) {
    tail_.reset();
    if (absl::IsDataLoss(records.status())) Freeze(records.status());
    return SendAnswers();
  }
  for (const journal::StoredRecord& record : *records) {
    if (!ApplyRead(record)) return SendAnswers();
  }
  AwaitTail();
}

void PartitionActor::FireTimers() {
  const absl::Time now = options_.clock->Now();
  std::erase_if(fired_,
                [this](const auto& fired) { return !book_.timers().contains(fired.first); });
  std::vector<Timer> due;
  for (const Timer& timer : book_.timers()) {
    if (timer.at > now || due.size() == kTimersAtOnce) break;
    if (!book_.IsHere(book_.Tenant(timer.tenant))) continue;  // it fires where the tenant is
    const auto fired = fired_.find(timer);
    if (fired == fired_.end() || fired->second <= now) due.push_back(timer);
  }
  for (const Timer& timer : due) {
    fired_[timer] = Fire(timer) ? absl::InfiniteFuture() : now + kTimerPause;
  }
}

// False where there is nothing to fire now.
bool PartitionActor::Fire(const Timer& timer) {
  TenantEntry& tenant = book_.Tenant(timer.tenant);
  const StreamType* type = options_.streams->OfStream(timer.stream);
  if (type == nullptr || !tenant.frozen.ok()) return false;
  const std::string id = timer.stream.substr(type->kind.size() + 1);
  const absl::StatusOr<StreamEntry*> stream = book_.Stream(tenant, *type, id);
  if (!stream.ok()) return false;
  Arrived arrived;
  CommandRequest& request = arrived.request;
  request.command = type->on_due(*(*stream)->accepted, {timer.kind, timer.at});
  if (request.command == nullptr) return false;
  if (FirstField(*request.command).empty()) SetFirstField(*request.command, id);
  request.tenant = timer.tenant;
  request.method = "timer/" + timer.kind;
  request.actor_ref = "timer";
  const bool whole = options_.protocol.timer_id_of_occasion;
  request.command_id =
      TimerCommandId({timer.tenant, options_.partition.context, timer.stream,
                      whole ? (*stream)->version : 0, timer.kind, whole ? timer.at : absl::Time()});
  // What it brings about takes it off the list of timers; if it brings about nothing, it is tried
  // again later.
  arrived.caller.done = [this, timer](const CommandAnswer& answer) {
    if (answer.ok() && !answer->already_so()) {
      fired_.erase(timer);
      return;
    }
    fired_[timer] = options_.clock->Now() + (answer.ok() ? kTimerPause : options_.tick);
  };
  Decide(std::move(arrived), id);
  return true;
}

void PartitionActor::FlushIfDue(bool idle) {
  if (book_.unflushed() == 0) return;
  const absl::Time now = options_.clock->Now();
  const bool due = book_.unflushed() >= options_.flush_every || idle;
  if (!due || now < flush_not_before_) return;
  const absl::Status flushed = book_.Flush();
  flush_not_before_ = flushed.ok() && !idle ? absl::InfinitePast() : now + kFlushPause;
  const bool failed_before = std::exchange(flush_failed_, !flushed.ok());
  if (!flushed.ok() && !failed_before) {  // said once, not every second
    log::Warn("state_not_flushed", log::Context(options_.partition.context),
              log::Partition(options_.partition.partition));
  }
}

absl::StatusOr<std::unique_ptr<google::protobuf::Message>> PartitionActor::StateOf(
    std::string_view tenant, std::string_view kind, std::string_view id) {
  const StreamType* type = options_.streams->OfKind(kind);
  HOLDFAST_CHECK(type != nullptr);
  ASSIGN_OR_RETURN(StreamEntry * stream, book_.Stream(book_.Tenant(tenant), *type, id));
  std::unique_ptr<google::protobuf::Message> copy(stream->accepted->New());
  copy->CopyFrom(*stream->accepted);
  return copy;
}

}  // namespace holdfast::eventsourcing
