#include "eventsourcing/heartbeats.h"

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
      sent[++number] = Now();
      beat.set_number(number);
      beat.set_address(address);
      for (const auto& [partition, writer] : held) Add(partition, writer, false, beat);
      for (const auto& [partition, writer] : released) Add(partition, writer, true, beat);
      released.clear();
    }
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
    const absl::MutexLock lock(&mutex);
    if (UuidFromBytes(beat.process()) == process) HearSelf(beat.number());
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
    if (!first_heard) first_heard = Now();
    sure_until = at->second + options.timeout;
    confirmed = beat;
    sent.erase(sent.begin(), std::next(at));
  }

  bool Carries() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex) { return Now() < sure_until; }

  bool MayTakeOver(const PartitionId& partition, const WriterId& holder) const {
    const absl::MutexLock lock(&mutex);
    if (ended) return false;
    if (options.replicas == 1) return true;
    if (!Carries()) return false;
    const auto own = held.find(partition);
    if (own != held.end() && own->second == holder) return true;  // again, after a lapse
    const bool preferred =
        PlaceOf(partition.partition, options.ordinal, options.replicas) == Place::kPreferred;
    const absl::Duration patience =
        options.timeout + (preferred ? absl::ZeroDuration() : kStandbyWaits);
    const auto found = known.find(partition);
    const bool heard = found != known.end() && found->second.writer == holder;
    if (heard && found->second.released) return true;
    if (holder.epoch == 0 && preferred) return true;
    const absl::Duration since = heard ? found->second.heard_at : *first_heard;
    return Now() - since >= patience;
  }

  bool Sure(const PartitionId& partition) const {
    const absl::MutexLock lock(&mutex);
    if (ended) return false;
    if (options.replicas == 1) return true;
    const auto since = held_since.find(partition);
    return since != held_since.end() && confirmed >= since->second && Carries();
  }

  void Became(const PartitionId& partition, Role role, const WriterId& self) {
    {
      const absl::MutexLock lock(&mutex);
      if (role == Role::kOwner) {
        held[partition] = self;
        held_since[partition] = number + 1;
      } else {
        held.erase(partition);
        held_since.erase(partition);
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
  mutable absl::Mutex mutex;
  std::string address ABSL_GUARDED_BY(mutex);
  bool ended ABSL_GUARDED_BY(mutex) = false;
  std::map<PartitionId, WriterId> held ABSL_GUARDED_BY(mutex);
  // The number of the first beat that says so.
  std::map<PartitionId, std::uint64_t> held_since ABSL_GUARDED_BY(mutex);
  std::vector<std::pair<PartitionId, WriterId>> released ABSL_GUARDED_BY(mutex);
  std::map<PartitionId, Known> known ABSL_GUARDED_BY(mutex);
  std::uint64_t number ABSL_GUARDED_BY(mutex) = 0;
  std::map<std::uint64_t, absl::Duration> sent ABSL_GUARDED_BY(mutex);  // not heard back yet
  std::uint64_t confirmed ABSL_GUARDED_BY(mutex) = 0;                   // the last one heard back
  std::optional<absl::Duration> first_heard ABSL_GUARDED_BY(mutex);
  absl::Duration sure_until ABSL_GUARDED_BY(mutex) = -absl::InfiniteDuration();
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

std::string Heartbeats::AddressOf(const PartitionId& partition) const {
  return state_->AddressOf(partition, nullptr);
}

}  // namespace holdfast::eventsourcing
