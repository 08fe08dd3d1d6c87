#include "eventsourcing/context_store.h"

#include <algorithm>
#include <map>
#include <utility>

#include <google/protobuf/message.h>

#include "holdfast/journal/v1/journal.pb.h"

#include "absl/base/thread_annotations.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "base/check.h"
#include "base/error.h"
#include "base/status_macros.h"
#include "base/thread_executor.h"
#include "eventsourcing/command_ids.h"
#include "eventsourcing/heartbeats.h"
#include "eventsourcing/ownership.h"
#include "eventsourcing/partition_actor.h"
#include "eventsourcing/reactor_runners.h"
#include "eventsourcing/refusals.h"
#include "eventsourcing/state_store.h"
#include "eventsourcing/stream_types.h"
#include "eventsourcing/tenant_places.h"
#include "eventsourcing/tenant_receiver.h"
#include "eventsourcing/write_behind_store.h"
#include "observability/metrics.h"

namespace holdfast::eventsourcing {
namespace {

constexpr absl::Duration kMaxSilence = absl::Seconds(30);
constexpr absl::Duration kLookAgain = absl::Milliseconds(50);
constexpr absl::Duration kRunnersLook = absl::Seconds(1);

// Tells when it owns.
class Awaited final : public Ownership {
 public:
  explicit Awaited(std::unique_ptr<Ownership> ownership) : ownership_(std::move(ownership)) {}

  bool MayTakeOver(const journal::WriterId& holder) override {
    return ownership_->MayTakeOver(holder);
  }
  bool Sure() override { return ownership_->Sure(); }
  void Became(Role role, const journal::WriterId& self) override {
    ownership_->Became(role, self);
    const absl::MutexLock lock(&mutex_);
    owner_ = role == Role::kOwner;
  }
  std::string AddressOf(const journal::WriterId& holder) override {
    return ownership_->AddressOf(holder);
  }
  // True once it owns; false after `patience`.
  bool Await(absl::Duration patience) {
    const absl::MutexLock lock(&mutex_);
    return mutex_.AwaitWithTimeout(absl::Condition(&owner_), patience);
  }

 private:
  const std::unique_ptr<Ownership> ownership_;
  absl::Mutex mutex_;
  bool owner_ ABSL_GUARDED_BY(mutex_) = false;
};

// Runs `work` on the executor and waits for it.
template <class Work>
auto RunOn(Executor& executor, Work work) {
  decltype(work()) result{};
  absl::Notification done;
  executor.Post([&] {
    result = work();
    done.Notify();
  });
  done.WaitForNotification();
  return result;
}

// One partition: its actor on a thread of its own.
class Partition {
 public:
  Partition(ActorOptions options, std::unique_ptr<StateStore> store, Heartbeats* heartbeats)
      : id_(options.partition),
        ownership_(heartbeats == nullptr ? std::make_unique<SoleOwner>()
                                         : heartbeats->Of(options.partition)),
        digests_(heartbeats == nullptr ? nullptr : &heartbeats->digests()),
        may_follow_(heartbeats != nullptr),
        executor_(std::make_unique<ThreadExecutor>(
            absl::StrCat(id_.context.substr(0, 10), "/", id_.partition))) {
    options.executor = executor_.get();
    options.ownership = &ownership_;
    options.digests = digests_ != nullptr;
    options.fold_digests = digests_;
    actor_ = std::make_unique<PartitionActor>(std::move(options), std::move(store));
    actor_->Start();
  }
  ~Partition() {
    BeginDrain();
    EndDrain(absl::Now());
    executor_.reset();  // joins; then nothing uses the actor
  }

  std::uint32_t number() const { return id_.partition; }
  PartitionActor& actor() { return *actor_; }
  ActorStatus status() const { return actor_->status(); }
  ThreadExecutor& executor() { return *executor_; }

  absl::Status AwaitServing(absl::Time deadline) {
    while (!ownership_.Await(std::min(kLookAgain, deadline - absl::Now()))) {
      const Phase phase = actor_->status().phase;
      if (phase == Phase::kFrozen) return Frozen();
      if (may_follow_ && phase == Phase::kFollowing) return absl::OkStatus();
      if (absl::Now() >= deadline)
        return absl::DeadlineExceededError(absl::StrCat(Name(), " is still folding its history"));
    }
    return absl::OkStatus();
  }

  absl::Status Live() const {
    if (absl::Now() - executor_->LastTick() <= kMaxSilence) return absl::OkStatus();
    return absl::UnavailableError(absl::StrCat(Name(), " has not moved for 30 s"));
  }

  absl::Status Ready() const {
    const Phase phase = actor_->status().phase;
    if (phase == Phase::kServing || (may_follow_ && phase == Phase::kFollowing)) {
      return absl::OkStatus();
    }
    if (phase == Phase::kFrozen) return Frozen();
    return absl::UnavailableError(absl::StrCat(Name(), " does not take commands now"));
  }

  bool Follows() const { return actor_->status().phase == Phase::kFollowing; }
  bool Serves() const { return actor_->status().phase == Phase::kServing; }

  void BeginDrain() {
    if (std::exchange(draining_, true)) return;
    executor_->Post([this] { actor_->Retire([this] { retired_.Notify(); }); });
  }
  void EndDrain(absl::Time deadline) {
    if (std::exchange(drained_, true)) return;
    if (retired_.WaitForNotificationWithDeadline(deadline)) return;
    RunOn(*executor_, [this] {
      actor_->Stop();
      return true;
    });
  }

 private:
  std::string Name() const {
    return absl::StrCat("partition ", id_.partition, " of ", id_.context);
  }
  absl::Status Frozen() const {
    if (const auto at = digests_ == nullptr ? std::nullopt : digests_->DisputedAt(id_); at) {
      return absl::DataLossError(
          absl::StrCat(Name(), " is frozen: another process folded its records below offset ", *at,
                       " otherwise; compare `holdfast journal verify` at each instance of ",
                       id_.context, ", then start those anew that differ from the journal"));
    }
    return absl::DataLossError(absl::StrCat(
        Name(), " is frozen: its record at offset ", actor_->status().next_offset,
        " cannot be read; restore the journal from a backup, or start the version that wrote it"));
  }

  const journal::PartitionId id_;
  Awaited ownership_;
  FoldDigests* const digests_;  // null: there is nobody to compare with
  const bool may_follow_;
  absl::Notification retired_;
  bool draining_ = false;
  bool drained_ = false;
  std::unique_ptr<PartitionActor> actor_;
  std::unique_ptr<ThreadExecutor> executor_;
};

class RunningStore final : public ContextStore {
 public:
  explicit RunningStore(ContextStoreOptions options)
      : options_(std::move(options)),
        streams_(std::move(options_.streams)),
        states_(absl::StrCat(options_.context.substr(0, 8), "/states")) {}

  ~RunningStore() override {
    readings_.clear();
    StopRunners();
    partitions_.clear();
    // Runners are destroyed once nothing answers them any more, and their thread has ended.
    reactor_executor_.reset();
  }

  absl::Status Start() {
    ASSIGN_OR_RETURN(const std::uint32_t partitions,
                     options_.journal->Partitions(options_.context));
    partitions_.resize(partitions);
    places_ = std::make_unique<TenantPlaces>(partitions);
    for (std::uint32_t i = 0; i < partitions; ++i) {
      if (options_.heartbeats != nullptr && !options_.heartbeats->Seats(i)) continue;
      ASSIGN_OR_RETURN(
          std::unique_ptr<StateStore> store,
          OpenStateStore(absl::StrCat(options_.folder, "/", options_.context, "-", i)));
      partitions_[i] = std::make_unique<Partition>(
          ActorOptionsOf(i), std::make_unique<WriteBehindStore>(std::move(store), states_),
          options_.heartbeats);
    }
    ShowStatus();
    return StartRunners();
  }

  void Submit(CommandRequest request, CommandDone done) override {
    Partition* const partition = PartitionOf(request.tenant);
    if (partition == nullptr) return std::move(done)(NotHere(request.tenant));
    partition->actor().Submit(std::move(request), std::move(done));
  }

  absl::Status DecidesHere(const std::string& tenant) const override {
    const Partition* const partition = PartitionOf(tenant);
    if (partition != nullptr && !partition->Follows()) return absl::OkStatus();
    return NotHere(tenant);
  }

  absl::Status AwaitServing(absl::Time deadline) override {
    for (Partition* partition : Seated()) RETURN_IF_ERROR(partition->AwaitServing(deadline));
    return absl::OkStatus();
  }
  absl::Status Live() const override {
    for (const Partition* partition : Seated()) RETURN_IF_ERROR(partition->Live());
    return absl::OkStatus();
  }
  absl::Status Ready() const override {
    for (const Partition* partition : Seated()) RETURN_IF_ERROR(partition->Ready());
    return absl::OkStatus();
  }
  void Drain(absl::Time deadline) override {
    StopRunners();
    for (Partition* partition : Seated()) partition->BeginDrain();
    for (Partition* partition : Seated()) partition->EndDrain(deadline);
  }

  absl::StatusOr<std::vector<journal::v1::ReactionParked>> Parked(
      const std::string& tenant) override {
    std::vector<journal::v1::ReactionParked> parked;
    for (const ReactorType& reactor : options_.reactors) {
      ASSIGN_OR_RETURN(const std::unique_ptr<google::protobuf::Message> state,
                       StateOf(tenant, reactor.name));
      const auto& reactions = static_cast<const journal::v1::ReactionState&>(*state);
      parked.insert(parked.end(), reactions.parked().begin(), reactions.parked().end());
    }
    return parked;
  }

  CommandAnswer Retry(const std::string& tenant, const type::v1::CausedBy& caused_by,
                      const std::string& actor_ref) override {
    ASSIGN_OR_RETURN(const std::vector<journal::v1::ReactionParked> all, Parked(tenant));
    const auto parked = std::find_if(all.begin(), all.end(), [&](const auto& one) {
      return one.caused_by().SerializeAsString() == caused_by.SerializeAsString();
    });
    if (parked == all.end()) return absl::NotFoundError("there is no such parked reaction");
    ASSIGN_OR_RETURN(CommandRequest request, RequestOf(tenant, *parked, actor_ref));
    CommandAnswer answer = Call(std::move(request));
    if (!answer.ok()) return answer;
    const CommandAnswer settled = Settle(tenant, caused_by, actor_ref, false);
    return settled.ok() ? answer : settled;
  }

  CommandAnswer Discard(const std::string& tenant, const type::v1::CausedBy& caused_by,
                        const std::string& actor_ref) override {
    return Settle(tenant, caused_by, actor_ref, true);
  }

  absl::StatusOr<TenantPlace> PlaceOf(const std::string& tenant) override {
    const std::uint32_t at = NumberOf(tenant);
    ASSIGN_OR_RETURN(Partition* const partition, Owned(at));
    const TenantStanding standing = StandingIn(*partition, tenant);
    return TenantPlace{at, journal::PartitionOf(tenant, partition_count()), partition_count(),
                       standing.here, standing.head};
  }

  absl::Status CloseTenant(const std::string& tenant, std::uint32_t to_partition) override {
    if (to_partition >= partition_count()) return Owned(to_partition).status();
    const std::uint32_t at = NumberOf(tenant);
    // It stands there, or every closing leads there: there is nothing to close.
    if (at == to_partition && partitions_[at] != nullptr) return absl::OkStatus();
    ASSIGN_OR_RETURN(Partition* const source, Owned(at));
    return OutcomeOf(*source, [&](MoveDone done) {
      source->actor().CloseTenant(tenant, to_partition, std::move(done));
    });
  }

  absl::StatusOr<ReceptionProgress> ReceiveTenant(const std::string& tenant,
                                                  std::uint32_t to_partition,
                                                  absl::Time until) override {
    ASSIGN_OR_RETURN(Partition* const target, Owned(to_partition));
    const ReceiverKey key{tenant, to_partition};
    ASSIGN_OR_RETURN(std::unique_ptr<TenantReceiver> receiver, TakeReceiver(key));
    absl::StatusOr<ReceptionProgress> progress = Receive(*target, tenant, *receiver, until);
    const bool goes_on = progress.ok() && progress->state != ReceptionProgress::State::kOpened;
    PutReceiver(key, goes_on ? std::move(receiver) : nullptr);
    return progress;
  }

 private:
  using ReceiverKey = std::pair<std::string, std::uint32_t>;  // tenant, target

  std::uint32_t partition_count() const { return static_cast<std::uint32_t>(partitions_.size()); }
  // Where commands of the tenant go, as far as is known here.
  std::uint32_t NumberOf(const std::string& tenant) const {
    return places_->Find(
        tenant, [this](std::uint32_t partition) { return partitions_[partition] != nullptr; },
        [this](std::uint32_t partition) { return Serves(partition); });
  }
  // Null where this instance has no seat at it.
  Partition* PartitionOf(const std::string& tenant) const {
    return partitions_[NumberOf(tenant)].get();
  }
  std::vector<Partition*> Seated() const {
    std::vector<Partition*> seated;
    for (const auto& partition : partitions_) {
      if (partition != nullptr) seated.push_back(partition.get());
    }
    return seated;
  }
  absl::Status NotHere(const std::string& tenant) const { return OwnedElsewhere(NumberOf(tenant)); }
  absl::Status OwnedElsewhere(std::uint32_t partition) const {
    if (options_.heartbeats == nullptr) return NotReady();
    return NotOwner(options_.heartbeats->AddressOf({options_.context, partition}));
  }

  // The partition, where this process writes it.
  absl::StatusOr<Partition*> Owned(std::uint32_t partition) const {
    if (partition >= partition_count()) {
      return InvalidFields(
          {{"to_partition", absl::StrCat("must be a partition of ", options_.context, ": 0 to ",
                                         partition_count() - 1)}});
    }
    Partition* const seated = partitions_[partition].get();
    if (seated != nullptr && absl::IsDataLoss(seated->Ready())) return seated->Ready();
    if (!Serves(partition)) return OwnedElsewhere(partition);
    return seated;
  }

  static TenantStanding StandingIn(Partition& partition, const std::string& tenant) {
    return RunOn(partition.executor(), [&] { return partition.actor().StandingOf(tenant); });
  }

  // Waits for the outcome of a step that is begun on the partition's thread.
  template <class Begin>
  static absl::Status OutcomeOf(Partition& partition, Begin begin) {
    absl::Status outcome;
    absl::Notification done;
    partition.executor().Post([&] {
      begin([&outcome, &done](absl::Status status) {
        outcome = std::move(status);
        done.Notify();
      });
    });
    done.WaitForNotification();
    return outcome;
  }

  // Its own receiver, for one call at a time.
  absl::StatusOr<std::unique_ptr<TenantReceiver>> TakeReceiver(const ReceiverKey& key) {
    {
      const absl::MutexLock lock(&receivers_mutex_);
      const auto [kept, begun] = receivers_.try_emplace(key);
      if (!begun && kept->second == nullptr) return MoveUnderWay();
      if (!begun) return std::move(kept->second);
    }
    absl::StatusOr<std::unique_ptr<TenantReceiver>> opened =
        TenantReceiver::Open(*options_.journal, {options_.context, key.second}, key.first);
    if (!opened.ok()) PutReceiver(key, nullptr);
    return opened;
  }
  // Kept for the next call, or null: the next one reads from the start.
  void PutReceiver(const ReceiverKey& key, std::unique_ptr<TenantReceiver> receiver) {
    const absl::MutexLock lock(&receivers_mutex_);
    if (receiver == nullptr) {
      receivers_.erase(key);
    } else {
      receivers_[key] = std::move(receiver);
    }
  }

  absl::StatusOr<ReceptionProgress> Receive(Partition& target, const std::string& tenant,
                                            TenantReceiver& receiver, absl::Time until) {
    using Kind = TenantReceiver::Step::Kind;
    while (true) {
      const TenantStanding standing = StandingIn(target, tenant);
      RETURN_IF_ERROR(standing.frozen);
      ASSIGN_OR_RETURN(const TenantReceiver::Step step, receiver.Next(standing));
      ReceptionProgress progress{ReceptionProgress::State::kCopying, step.source, step.head.seq,
                                 standing.head.seq};
      if (step.kind == Kind::kIsOpen) progress.state = ReceptionProgress::State::kOpened;
      if (step.kind == Kind::kCaughtUp) progress.state = ReceptionProgress::State::kCaughtUp;
      if (progress.state != ReceptionProgress::State::kCopying) return progress;
      RETURN_IF_ERROR(OutcomeOf(target, [&](MoveDone done) {
        TenantReceiver::Do(step, tenant, target.actor(), std::move(done));
      }));
      progress.seq = std::max(standing.head.seq, step.head.seq);
      if (step.kind == Kind::kCopy && absl::Now() >= until) return progress;
    }
  }

  ActorOptions ActorOptionsOf(std::uint32_t partition) {
    ActorOptions options;
    options.partition = {options_.context, partition};
    options.partitions = partition_count();
    options.places = places_.get();
    options.journal = options_.journal;
    options.clock = options_.clock;
    options.random = options_.random;
    options.streams = &streams_;
    options.upcasters = options_.upcasters;
    options.sealer = options_.sealer;
    options.mac_keys = options_.mac_keys;
    options.limits = options_.limits;
    options.append_timeout = options_.append_timeout;
    options.cached_states = options_.cached_states;
    options.reader_lag = options_.reader_lag;
    return options;
  }

  // What the metrics ask of the partitions that are folded here.
  void ShowStatus() {
    for (const Partition* partition : Seated()) {
      readings_.push_back(metrics::Process().Read(
          metrics::kJournalAppliedOffset, {options_.context, std::to_string(partition->number())},
          [partition] { return static_cast<double>(partition->status().next_offset); }));
    }
    readings_.push_back(
        metrics::Process().Read(metrics::kTenantsFrozen, {options_.context}, [this] {
          double frozen = 0;
          for (const Partition* partition : Seated())
            frozen += static_cast<double>(partition->status().frozen_tenants);
          return frozen;
        }));
  }

  absl::Status StartRunners() {
    if (options_.reactors.empty()) return absl::OkStatus();
    ASSIGN_OR_RETURN(cursors_, OpenStateStore(absl::StrCat(options_.folder, "/", options_.context,
                                                           "-reactors")));
    reactor_executor_ =
        std::make_unique<ThreadExecutor>(absl::StrCat(options_.context.substr(0, 8), "/react"));
    ReactorRunnersOptions options;
    options.shared = options_.heartbeats != nullptr;
    for (const ReactorType& reactor : options_.reactors)
      options.sources[ContextOf(*reactor.events.front())].reactors.push_back(reactor);
    for (auto& [context, source] : options.sources) {
      ASSIGN_OR_RETURN(source.partitions, options_.journal->Partitions(context));
      // Then a source's partition holds the tenants of the partition of the same number here.
      if (options.shared && source.partitions != partition_count()) {
        return absl::FailedPreconditionError(absl::StrCat(
            "the contexts ", options_.context, " and ", context, ", which it listens to, have ",
            partition_count(), " and ", source.partitions,
            " partitions; in a deployment they must have the same number: make the topics anew"));
      }
    }
    options.each.journal = options_.journal;
    options.each.executor = reactor_executor_.get();
    options.each.clock = options_.clock;
    options.each.upcasters = options_.upcasters;
    options.each.streams = &streams_;
    options.each.target = this;
    options.each.cursors = cursors_.get();
    options.partitions = partition_count();
    options.places = places_.get();
    options.serves = [this](std::uint32_t partition) { return Serves(partition); };
    runners_ = std::make_unique<ReactorRunners>(std::move(options));
    reactor_executor_->Post([this] { RunRunners(); });
    return absl::OkStatus();
  }

  // Where several processes share the partitions, the owner of a partition reacts for it.
  void RunRunners() {
    if (runners_stopped_) return;
    runners_->Look();
    if (options_.heartbeats != nullptr) {
      reactor_executor_->PostAfter(kRunnersLook, [this] { RunRunners(); });
    }
  }

  bool Serves(std::uint32_t partition) const {
    return partitions_[partition] != nullptr && partitions_[partition]->Serves();
  }

  void StopRunners() {
    if (reactor_executor_ == nullptr) return;
    RunOn(*reactor_executor_, [this] {
      runners_stopped_ = true;
      if (runners_ != nullptr) runners_->Stop();
      return true;
    });
  }

  absl::StatusOr<std::unique_ptr<google::protobuf::Message>> StateOf(const std::string& tenant,
                                                                     const std::string& reactor) {
    using Answer = absl::StatusOr<std::unique_ptr<google::protobuf::Message>>;
    Partition* const partition = PartitionOf(tenant);
    if (partition == nullptr) return NotHere(tenant);
    return RunOn(partition->executor(), [&]() -> Answer {
      return partition->actor().StateOf(tenant, "reaction", reactor);
    });
  }

  absl::StatusOr<CommandRequest> RequestOf(const std::string& tenant,
                                           const journal::v1::ReactionParked& parked,
                                           const std::string& actor_ref) {
    const auto* type = google::protobuf::DescriptorPool::generated_pool()->FindMessageTypeByName(
        parked.command_type());
    const auto* prototype =
        type == nullptr ? nullptr
                        : google::protobuf::MessageFactory::generated_factory()->GetPrototype(type);
    CommandRequest request;
    if (prototype != nullptr) request.command.reset(prototype->New());
    if (request.command == nullptr || !request.command->ParseFromString(parked.command()))
      return absl::FailedPreconditionError("this version does not know the parked command");
    request.tenant = tenant;
    request.method = "retry/" + parked.caused_by().reactor();
    request.command_id = RetryCommandId(tenant, parked.caused_by());
    request.actor_ref = actor_ref;
    return request;
  }

  CommandAnswer Settle(const std::string& tenant, const type::v1::CausedBy& caused_by,
                       const std::string& actor_ref, bool discarded) {
    auto settle = std::make_unique<journal::v1::SettleReaction>();
    settle->set_reactor(caused_by.reactor());
    *settle->mutable_caused_by() = caused_by;
    settle->set_discarded(discarded);
    CommandRequest request;
    request.tenant = tenant;
    request.method = "settle/" + caused_by.reactor();
    request.command = std::move(settle);
    request.command_id = NewUuidV4(*options_.random);
    request.actor_ref = actor_ref;
    return Call(std::move(request));
  }

  CommandAnswer Call(CommandRequest request) {
    CommandAnswer answer = absl::UnavailableError("not answered");
    absl::Notification answered;
    Submit(std::move(request), [&](CommandAnswer given) {
      answer = std::move(given);
      answered.Notify();
    });
    answered.WaitForNotification();
    return answer;
  }

  ContextStoreOptions options_;
  const StreamTypes streams_;
  std::unique_ptr<TenantPlaces> places_;
  absl::Mutex receivers_mutex_;
  // Null: a call works with it.
  std::map<ReceiverKey, std::unique_ptr<TenantReceiver>> receivers_
      ABSL_GUARDED_BY(receivers_mutex_);
  ThreadExecutor states_;  // writes what the partitions have folded
  std::unique_ptr<StateStore> cursors_;
  std::unique_ptr<ReactorRunners> runners_;  // of the executor, once it runs
  bool runners_stopped_ = false;
  std::unique_ptr<ThreadExecutor> reactor_executor_;
  std::vector<std::unique_ptr<Partition>> partitions_;
  std::vector<std::unique_ptr<metrics::Registry::Callback>> readings_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<ContextStore>> ContextStore::Open(ContextStoreOptions options) {
  auto store = std::make_unique<RunningStore>(std::move(options));
  RETURN_IF_ERROR(store->Start());
  return std::unique_ptr<ContextStore>(std::move(store));
}

}  // namespace holdfast::eventsourcing
