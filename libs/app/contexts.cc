#include "app/contexts.h"

#include <filesystem>
#include <map>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "base/clock.h"
#include "base/random.h"
#include "base/status_macros.h"
#include "base/thread_executor.h"
#include "eventsourcing/command.h"
#include "eventsourcing/command_mac.h"
#include "eventsourcing/ownership.h"
#include "eventsourcing/partition_actor.h"
#include "eventsourcing/sealer.h"
#include "eventsourcing/state_store.h"
#include "eventsourcing/stream_types.h"
#include "eventsourcing/upcaster.h"

namespace holdfast::app {
namespace {

constexpr absl::Duration kMaxSilence = absl::Seconds(30);
constexpr absl::Duration kLookAgain = absl::Milliseconds(50);

using eventsourcing::PartitionActor;
using eventsourcing::Phase;

// One machine: the lock of the data folder keeps every other process out. Tells when it owns.
class OwnerHere final : public eventsourcing::Ownership {
 public:
  bool MayTakeOver(const journal::WriterId&) override { return true; }
  bool Sure() override { return true; }
  void Became(eventsourcing::Role role, const journal::WriterId&) override {
    const absl::MutexLock lock(&mutex_);
    owner_ = role == eventsourcing::Role::kOwner;
  }
  // True once it owns; false after `patience`.
  bool Await(absl::Duration patience) {
    const absl::MutexLock lock(&mutex_);
    return mutex_.AwaitWithTimeout(absl::Condition(&owner_), patience);
  }

 private:
  absl::Mutex mutex_;
  bool owner_ ABSL_GUARDED_BY(mutex_) = false;
};

// One partition: its actor on a thread of its own.
class Partition {
 public:
  Partition(eventsourcing::ActorOptions options, std::unique_ptr<eventsourcing::StateStore> store)
      : id_(options.partition),
        executor_(std::make_unique<ThreadExecutor>(
            absl::StrCat(id_.context.substr(0, 10), "/", id_.partition))) {
    options.executor = executor_.get();
    options.ownership = &ownership_;
    actor_ = std::make_unique<PartitionActor>(std::move(options), std::move(store));
    executor_->Post([this] { actor_->Start(); });
  }
  ~Partition() {
    Stop(absl::Now());
    executor_.reset();
  }

  PartitionActor& actor() { return *actor_; }

  // Waits until it takes commands.
  absl::Status AwaitServing() {
    while (!ownership_.Await(kLookAgain)) {
      if (actor_->status().phase == Phase::kFrozen) return Frozen();
    }
    return absl::OkStatus();
  }

  absl::Status Live() const {
    if (absl::Now() - executor_->LastTick() <= kMaxSilence) return absl::OkStatus();
    return absl::UnavailableError(absl::StrCat(Name(), " has not moved for 30 s"));
  }

  absl::Status Ready() const {
    const Phase phase = actor_->status().phase;
    if (phase == Phase::kServing) return absl::OkStatus();
    if (phase == Phase::kFrozen) return Frozen();
    return absl::UnavailableError(absl::StrCat(Name(), " does not take commands now"));
  }

  void Stop(absl::Time deadline) {
    if (std::exchange(stopped_, true)) return;
    executor_->Post([this] {
      actor_->Stop();
      done_.Notify();
    });
    done_.WaitForNotificationWithDeadline(deadline);
  }

 private:
  std::string Name() const {
    return absl::StrCat("partition ", id_.partition, " of ", id_.context);
  }
  absl::Status Frozen() const {
    return absl::DataLossError(absl::StrCat(
        Name(), " is frozen: its record at offset ", actor_->status().next_offset,
        " cannot be read; restore the journal from a backup, or start the version that wrote it"));
  }

  const journal::PartitionId id_;
  OwnerHere ownership_;
  absl::Notification done_;
  bool stopped_ = false;
  std::unique_ptr<PartitionActor> actor_;  // destroyed after its thread has ended
  std::unique_ptr<ThreadExecutor> executor_;
};

// Hands each command to the partition of its tenant.
class Context final : public eventsourcing::CommandSink {
 public:
  explicit Context(std::vector<eventsourcing::StreamType> types) : streams(std::move(types)) {}

  void Submit(eventsourcing::CommandRequest request,
              absl::AnyInvocable<void(eventsourcing::CommandAnswer)> done) override {
    const std::uint32_t at =
        journal::PartitionOf(request.tenant, static_cast<std::uint32_t>(partitions.size()));
    partitions[at]->actor().Submit(std::move(request), std::move(done));
  }

  const eventsourcing::StreamTypes streams;
  std::vector<std::unique_ptr<Partition>> partitions;
};

class RunningContexts final : public Contexts {
 public:
  absl::Status Open(Parts parts) {
    std::error_code error;
    std::filesystem::create_directories(parts.folder, error);
    if (error) {
      return absl::UnavailableError(
          absl::StrCat("the folder ", parts.folder, " cannot be made: ", error.message()));
    }
    ASSIGN_OR_RETURN(mac_keys_, eventsourcing::FileMacKeys::Open(
                                    absl::StrCat(parts.folder, "/command-mac.key"), *parts.random));
    for (ContextParts& of : parts.contexts) {
      ASSIGN_OR_RETURN(const std::uint32_t partitions, parts.journal->Partitions(of.name));
      auto context = std::make_unique<Context>(std::move(of.streams));
      for (std::uint32_t i = 0; i < partitions; ++i) {
        ASSIGN_OR_RETURN(
            std::unique_ptr<eventsourcing::StateStore> store,
            eventsourcing::OpenStateStore(absl::StrCat(parts.folder, "/", of.name, "-", i)));
        context->partitions.push_back(std::make_unique<Partition>(
            OptionsOf(parts, {of.name, i}, context->streams), std::move(store)));
      }
      contexts_.emplace(of.name, std::move(context));
    }
    return EachPartition([](Partition& partition) { return partition.AwaitServing(); });
  }

  eventsourcing::CommandSink* Find(const std::string& context) override {
    const auto found = contexts_.find(context);
    return found == contexts_.end() ? nullptr : found->second.get();
  }
  absl::Status Live() const override {
    return EachPartition([](const Partition& partition) { return partition.Live(); });
  }
  absl::Status Ready() const override {
    return EachPartition([](const Partition& partition) { return partition.Ready(); });
  }
  void Drain(absl::Time deadline) override {
    for (auto& [name, context] : contexts_) {
      for (auto& partition : context->partitions) partition->Stop(deadline);
    }
  }

 private:
  eventsourcing::ActorOptions OptionsOf(const Parts& parts, journal::PartitionId partition,
                                        const eventsourcing::StreamTypes& streams) {
    eventsourcing::ActorOptions options;
    options.partition = std::move(partition);
    options.journal = parts.journal;
    options.clock = parts.clock;
    options.random = parts.random;
    options.streams = &streams;
    options.upcasters = &upcasters_;
    options.sealer = &sealer_;
    options.mac_keys = mac_keys_.get();
    options.limits.per_tenant = parts.actor.max_queue_per_tenant();
    options.limits.per_partition = parts.actor.max_queue_per_partition();
    options.append_timeout = absl::Milliseconds(parts.actor.append_timeout_ms());
    options.cached_states = parts.actor.state_cache_entries();
    return options;
  }

  template <class Ask>
  absl::Status EachPartition(Ask ask) const {
    for (const auto& [name, context] : contexts_) {
      for (const auto& partition : context->partitions) RETURN_IF_ERROR(ask(*partition));
    }
    return absl::OkStatus();
  }

  eventsourcing::NoSealer sealer_;
  const eventsourcing::Upcasters upcasters_;
  std::unique_ptr<eventsourcing::MacKeys> mac_keys_;
  std::map<std::string, std::unique_ptr<Context>> contexts_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<Contexts>> Contexts::Open(Parts parts) {
  auto contexts = std::make_unique<RunningContexts>();
  RETURN_IF_ERROR(contexts->Open(std::move(parts)));
  return std::unique_ptr<Contexts>(std::move(contexts));
}

}  // namespace holdfast::app
