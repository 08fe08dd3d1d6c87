#include "eventsourcing/heartbeats.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "holdfast/journal/v1/journal.pb.h"

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "base/clock.h"
#include "base/executor.h"
#include "base/random.h"
#include "base/uuid.h"

namespace holdfast::eventsourcing {
namespace {

using journal::PartitionId;
using journal::WriterId;

// Beats in each timeout: some may be lost.
constexpr int kBeats = 5;
// The preferred instance comes first where both may take over.
constexpr absl::Duration kStandbyWaits = absl::Milliseconds(500);

// What was last heard of a partition.
struct Known {
  WriterId writer;
  std::string address;
  absl::Duration heard_at;
  bool released = false;
};

// A partition as this process sees it.
struct SeatState {
  std::optional<WriterId> held;                           // by this process, as this writer
  std::uint64_t first_beat = 0;                           // the first one that says so
  bool lapsed = false;                                    // it was unsure once since it was allowed
  absl::Duration allowed_at = -absl::InfiniteDuration();  // to write a barrier
  std::optional<WriterId> seen;                           // who holds it, as the journal says
  absl::Duration seen_at;
};

}  // namespace

Place PlaceOf(std::uint32_t partition, std::uint32_t ordinal, std::uint32_t replicas) {
  if (partition % replicas == ordinal) return Place::kPreferred;
  if ((partition + 1) % replicas == ordinal) return Place::kStandby;
  return Place::kNone;
}

struct Heartbeats::State : std::enable_shared_from_this<State> {
  explicit State(HeartbeatOptions given)
      : options(std::move(given)), process(NewUuidV4(*options.random)), address(options.address) {}

  absl::Duration Now() const { return options.clock->SinceBoot(); }

  void BeatAndAgain() {
    if (!Beat()) return;
    options.executor->PostAfter(options.timeout / kBeats, [weak = weak_from_this()] {
      if (const auto state = weak.lock()) state->BeatAndAgain();
    });
  }

  // False once it has ended.
  bool Beat() {
    journal::v1::Heartbeats beat;
    {
      const absl::MutexLock lock(&mutex);
      if (ended) return false;
      // A word that comes back later than this proves nothing; while none comes they must not pile
      // up.
      std::erase_if(sent, [oldest = Now() - options.timeout](const auto& earlier) {
        return earlier.second < oldest;
      });
      sent[++number] = Now();
      beat.set_number(number);
      beat.set_address(address);
      for (const auto& [partition, seat] : seats) {
        if (seat.held) Add(partition, *seat.held, false, beat);
      }
      for (const auto& [partition, writer] : released) Add(partition, writer, true, beat);
      released.clear();
    }
    digests.AddTo(beat);
    beat.set_process(std::string(AsBytes(process)));
    options.channel->Send(beat.SerializeAsString());
    return true;
  }

  void Add(const PartitionId& partition, const WriterId& writer, bool has_ended,
           journal::v1::Heartbeats& beat) const {
    journal::v1::Heartbeat& of = *beat.add_partitions();
    of.set_context(partition.context);
    of.set_partition(partition.partition);
    of.set_ordinal(options.ordinal);
    of.set_epoch(writer.epoch);
    of.set_instance(std::string(AsBytes(writer.instance)));
    of.set_released(has_ended);
  }

  void Hear(std::string_view message) {
    journal::v1::Heartbeats beat;
    if (!beat.ParseFromArray(message.data(), static_cast<int>(message.size()))) return;
    const std::optional<Uuid> from = UuidFromBytes(beat.process());
    if (from && *from != process) digests.Hear(*from, beat);
    const absl::MutexLock lock(&mutex);
    if (from == process) HearSelf(beat.number());
    for (const journal::v1::Heartbeat& told : beat.partitions()) {
      const auto instance = UuidFromBytes(told.instance());
      if (!instance) continue;
      Known& of = known[{told.context(), told.partition()}];
      if (told.epoch() < of.writer.epoch) continue;  // the word of one that was replaced
      of = {{told.epoch(), *instance}, beat.address(), Now(), told.released()};
    }
  }

  // It stood where it says when the beat was sent, not when it came back.
  void HearSelf(std::uint64_t beat) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex) {
    const auto at = sent.find(beat);
    if (at == sent.end()) return;
    // What lapsed meanwhile stays so, whatever comes back late (docs/decisions/0011).
    for (auto& [partition, seat] : seats) {
      if (seat.held && !IsSure(seat)) seat.lapsed = true;
    }
    carried_until = at->second + options.timeout;
    confirmed = beat;
    sent.erase(sent.begin(), std::next(at));
  }

  bool Carries() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex) { return Now() < carried_until; }

  // From its own barrier on nobody may replace the holder for one timeout, and then while a beat
  // that names it is young.
  bool IsSure(const SeatState& seat) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex) {
    if (!seat.held || seat.lapsed) return false;
    if (Now() < seat.allowed_at + options.timeout) return true;
    return confirmed >= seat.first_beat && Carries();
  }

  bool MayTakeOver(const PartitionId& partition, const WriterId& holder) {
    const absl::MutexLock lock(&mutex);
    SeatState& seat = seats[partition];
    if (ended || !IsFree(partition, seat, holder)) return false;
    seat.allowed_at = Now();
    seat.lapsed = false;
    return true;
  }

  bool IsFree(const PartitionId& partition, SeatState& seat, const WriterId& holder)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex) {
    if (seat.seen != holder) {
      seat.seen = holder;
      seat.seen_at = Now();
    }
    if (options.replicas == 1) return true;
    if (!Carries()) return false;
    if (seat.held == holder) return true;  // its own, after a lapse
    const bool preferred =
        PlaceOf(partition.partition, options.ordinal, options.replicas) == Place::kPreferred;
    if (holder.epoch == 0 && preferred) return true;
    const auto found = known.find(partition);
    const bool heard = found != known.end() && found->second.writer == holder;
    if (heard && found->second.released) return true;
    const absl::Duration since =
        heard ? std::max(seat.seen_at, found->second.heard_at) : seat.seen_at;
    return Now() - since >= options.timeout + (preferred ? absl::ZeroDuration() : kStandbyWaits);
  }

  bool Sure(const PartitionId& partition) {
    const absl::MutexLock lock(&mutex);
    if (ended) return false;
    if (options.replicas == 1) return true;
    SeatState& seat = seats[partition];
    seat.lapsed = !IsSure(seat);
    return !seat.lapsed;
  }

  void Became(const PartitionId& partition, Role role, const WriterId& self) {
    {
      const absl::MutexLock lock(&mutex);
      SeatState& seat = seats[partition];
      if (role == Role::kOwner) {
        seat.held = self;
        seat.first_beat = number + 1;
      } else {
        seat.held.reset();
        released.emplace_back(partition, self);
      }
    }
    Beat();
  }

  std::string AddressOf(const PartitionId& partition, const WriterId* holder) const {
    const absl::MutexLock lock(&mutex);
    const auto found = known.find(partition);
    const bool is = found != known.end() && !found->second.released &&
                    (holder == nullptr || found->second.writer == *holder);
    return is ? found->second.address : std::string();
  }

  const HeartbeatOptions options;
  const Uuid process;
  FoldDigests digests;
  mutable absl::Mutex mutex;
  std::string address ABSL_GUARDED_BY(mutex);
  bool ended ABSL_GUARDED_BY(mutex) = false;
  std::map<PartitionId, SeatState> seats ABSL_GUARDED_BY(mutex);
  std::vector<std::pair<PartitionId, WriterId>> released ABSL_GUARDED_BY(mutex);
  std::map<PartitionId, Known> known ABSL_GUARDED_BY(mutex);
  std::uint64_t number ABSL_GUARDED_BY(mutex) = 0;
  std::map<std::uint64_t, absl::Duration> sent ABSL_GUARDED_BY(mutex);  // not heard back yet
  std::uint64_t confirmed ABSL_GUARDED_BY(mutex) = 0;                   // the last one heard back
  // The channel is known to carry until then.
  absl::Duration carried_until ABSL_GUARDED_BY(mutex) = -absl::InfiniteDuration();
};

class Heartbeats::Seat final : public Ownership {
 public:
  Seat(std::shared_ptr<State> state, PartitionId partition)
      : state_(std::move(state)), partition_(std::move(partition)) {}

  bool MayTakeOver(const WriterId& holder) override {
    return state_->MayTakeOver(partition_, holder);
  }
  bool Sure() override { return state_->Sure(partition_); }
  void Became(Role role, const WriterId& self) override { state_->Became(partition_, role, self); }
  std::string AddressOf(const WriterId& holder) override {
    return state_->AddressOf(partition_, &holder);
  }

 private:
  const std::shared_ptr<State> state_;
  const PartitionId partition_;
};

Heartbeats::Heartbeats(HeartbeatOptions options)
    : state_(std::make_shared<State>(std::move(options))) {}

Heartbeats::~Heartbeats() {
  const absl::MutexLock lock(&state_->mutex);
  state_->ended = true;
}

void Heartbeats::Start() {
  state_->options.channel->Listen([weak = std::weak_ptr<State>(state_)](std::string_view message) {
    if (const auto state = weak.lock()) state->Hear(message);
  });
  state_->options.executor->Post([weak = std::weak_ptr<State>(state_)] {
    if (const auto state = weak.lock()) state->BeatAndAgain();
  });
}

void Heartbeats::SetAddress(std::string address) {
  const absl::MutexLock lock(&state_->mutex);
  state_->address = std::move(address);
}

bool Heartbeats::Seats(std::uint32_t partition) const {
  const HeartbeatOptions& options = state_->options;
  return PlaceOf(partition, options.ordinal, options.replicas) != Place::kNone;
}

std::unique_ptr<Ownership> Heartbeats::Of(const PartitionId& partition) {
  return std::make_unique<Seat>(state_, partition);
}

bool Heartbeats::HeardWithin(absl::Duration age) const {
  const absl::MutexLock lock(&state_->mutex);
  return state_->Now() - (state_->carried_until - state_->options.timeout) <= age;
}

FoldDigests& Heartbeats::digests() {
  return state_->digests;
}

std::string Heartbeats::AddressOf(const PartitionId& partition) const {
  return state_->AddressOf(partition, nullptr);
}

}  // namespace holdfast::eventsourcing
