#include "node.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "shed_views.h"
#include "testing/tool_shed.h"

namespace holdfast::simulation {
namespace {

std::string NameOf(const journal::PartitionId& partition) {
  return absl::StrCat(partition.context, "-", partition.partition);
}

std::uint32_t PartitionsOf(const std::string& context) {
  return context == kShed ? kShedPartitions : kLedgerPartitions;
}

}  // namespace

std::vector<journal::PartitionId> AllPartitions() {
  std::vector<journal::PartitionId> all;
  for (const char* context : {kShed, kLedgers}) {
    for (std::uint32_t i = 0; i < PartitionsOf(context); ++i) all.push_back({context, i});
  }
  return all;
}

class Node::PausableExecutor final : public Executor {
 public:
  PausableExecutor(testing::VirtualTime& time, const bool& paused)
      : inner_(time.NewExecutor()), paused_(paused) {}

  void Post(absl::AnyInvocable<void()> work) override { inner_->Post(Held(std::move(work))); }
  void PostAfter(absl::Duration delay, absl::AnyInvocable<void()> work) override {
    inner_->PostAfter(delay, Held(std::move(work)));
  }
  void Release() {
    for (auto& work : std::exchange(held_, {})) inner_->Post(Held(std::move(work)));
  }

 private:
  absl::AnyInvocable<void()> Held(absl::AnyInvocable<void()> work) {
    return [this, work = std::move(work)]() mutable {
      if (paused_) return held_.push_back(std::move(work));
      std::move(work)();
    };
  }
  std::unique_ptr<Executor> inner_;
  const bool& paused_;
  std::deque<absl::AnyInvocable<void()>> held_;
};

class Node::SkewedClock final : public Clock {
 public:
  SkewedClock(const Clock& clock, absl::Duration error) : clock_(clock), error_(error) {}
  absl::Time Now() const override { return clock_.Now() + error_; }
  absl::Duration SinceBoot() const override { return clock_.SinceBoot(); }

 private:
  const Clock& clock_;
  const absl::Duration error_;
};

class Node::LeasedOwnership final : public eventsourcing::Ownership {
 public:
  LeasedOwnership(Town& town, Lease& lease, int node) : town_(town), lease_(lease), node_(node) {}
  bool MayTakeOver(const journal::WriterId&) override {
    const auto chance = static_cast<std::uint64_t>(town_.wrong_suspicion * 10'000);
    if (chance > 0 && town_.random->Below(10'000) < chance) {
      lease_.Wrest(node_);
      return true;
    }
    return lease_.Take(node_);
  }
  bool Sure() override { return lease_.Sure(node_); }
  void Became(eventsourcing::Role, const journal::WriterId&) override {}

 private:
  Town& town_;
  Lease& lease_;
  const int node_;
};

Node::Node(Town& town, int number, absl::Duration clock_error)
    : town_(town),
      number_(number),
      random_(town.random->Next64()),
      clock_(std::make_unique<SkewedClock>(*town.time, clock_error)) {
  volumes_["cursors"] = std::make_shared<Volume>();
  for (const auto& partition : AllPartitions())
    volumes_[NameOf(partition)] = std::make_shared<Volume>();
}

Node::~Node() {
  Crash();
}

void Node::Boot() {
  ++boots_;
  paused_ = false;
  executor_ = std::make_unique<PausableExecutor>(*town_.time, paused_);
  for (const char* context : {kShed, kLedgers})
    places_[context] = std::make_unique<eventsourcing::TenantPlaces>(PartitionsOf(context));
  for (const auto& partition : AllPartitions()) StartActor(partition);
  cursors_ = OpenOn(volumes_["cursors"]);
  for (std::uint32_t i = 0; i < kShedPartitions; ++i) StartRunner({kShed, i});
  views_executor_ = std::make_unique<PausableExecutor>(*town_.time, paused_);
  OpenViews();
  Beat();
}

void Node::StartActor(const journal::PartitionId& partition) {
  auto& ownership = ownerships_[partition];
  ownership = std::make_unique<LeasedOwnership>(town_, town_.leases->at(partition), number_);
  eventsourcing::ActorOptions options;
  options.partition = partition;
  options.partitions = PartitionsOf(partition.context);
  options.places = places_[partition.context].get();
  options.journal = town_.journal;
  options.executor = executor_.get();
  options.clock = clock_.get();
  options.random = &random_;
  options.streams = town_.streams;
  options.upcasters = town_.upcasters;
  options.sealer = town_.sealer;
  options.mac_keys = town_.mac_keys;
  options.ownership = ownership.get();
  options.reader_lag = absl::Seconds(60);
  options.flush_every = 4;
  options.cached_states = 4;
  options.digests = true;
  options.protocol = town_.protocol;
  auto actor = std::make_unique<eventsourcing::PartitionActor>(std::move(options),
                                                               OpenOn(volumes_[NameOf(partition)]));
  actor->Start();
  actors_[partition] = std::move(actor);
}

void Node::StartRunner(const journal::PartitionId& source) {
  eventsourcing::ReactorRunnerOptions options;
  options.source = source;
  options.reactors = {eventsourcing::ReactorTypeOf<testing::NoteLoans>()};
  options.journal = town_.journal;
  options.executor = executor_.get();
  options.clock = clock_.get();
  options.upcasters = town_.upcasters;
  options.streams = town_.streams;
  options.target = actors_[{kLedgers, 0}].get();
  options.cursors = cursors_.get();
  options.protocol = town_.protocol;
  runners_.push_back(std::make_unique<eventsourcing::ReactorRunner>(std::move(options)));
  executor_->Post([runner = runners_.back().get()] { runner->Start(); });
}

void Node::OpenViews() {
  readmodel::ReadModelOptions options;
  options.folder = "views";
  options.views = ViewsOfRelease(release());
  options.journal = town_.journal;
  options.clock = clock_.get();
  options.executor = views_executor_.get();
  options.open_rows = [this](const std::string& folder, std::string_view family) {
    return OpenRowsOn(VolumeOf(folder), family);
  };
  options.records_per_turn = 3;
  options.rows_per_flush = 4;
  options.hot_rows = 4;
  options.protocol = town_.protocol_of_views;
  ++views_opened_;
  auto opened = readmodel::ReadModel::Open(std::move(options));
  why_no_views_ = opened.status();
  if (opened.ok()) views_ = *std::move(opened);
}

// What the keeper of a node does who is told that its views have stopped: removes folders that are
// called damaged, and starts them anew. Damage has a cause.
void Node::TendViews() {
  const absl::Status health = views_ == nullptr ? why_no_views_ : views_->Health();
  if (health.ok()) return;
  views_.reset();
  if (absl::IsDataLoss(health)) {
    if (!rows_swapped_) town_.complain("H5 views stopped: " + health.ToString());
    RemoveRows();
  }
  OpenViews();
}

void Node::RemoveRows() {
  rows_swapped_ = false;
  for (auto& [name, volume] : volumes_) {
    if (name.starts_with("views/")) volume->Clear();
  }
}

void Node::SwapRows() {
  std::shared_ptr<Volume>& one = VolumeOf("views/westmoor");
  std::shared_ptr<Volume>& other = VolumeOf("views/otherham");
  rows_swapped_ = rows_swapped_ || !one->entries().empty() || !other->entries().empty();
  one.swap(other);
}

std::shared_ptr<Volume>& Node::VolumeOf(const std::string& folder) {
  std::shared_ptr<Volume>& volume = volumes_[folder];
  if (volume == nullptr) volume = std::make_shared<Volume>();
  return volume;
}

bool Node::Shows(const std::string& view) const {
  const std::vector<readmodel::ViewType> types = ViewsOfRelease(release());
  return std::any_of(types.begin(), types.end(),
                     [&](const readmodel::ViewType& type) { return type.name == view; });
}

void Node::Crash() {
  views_.reset();
  views_executor_.reset();
  runners_.clear();
  cursors_.reset();
  actors_.clear();
  places_.clear();
  ownerships_.clear();
  executor_.reset();
  paused_ = false;
}

void Node::Pause() {
  paused_ = true;
}

void Node::Resume() {
  paused_ = false;
  if (executor_ != nullptr) executor_->Release();
  if (views_executor_ != nullptr) views_executor_->Release();
}

// Once a second, as long as it runs.
void Node::Beat() {
  if (heard) {
    for (auto& [partition, lease] : *town_.leases) lease.Renew(number_);
  }
  TendViews();
  executor_->PostAfter(absl::Seconds(1), [this, boot = boots_] {
    if (boot == boots_) Beat();
  });
}

journal::PartitionId Node::PlaceOf(const std::string& context, const std::string& tenant) const {
  if (!town_.protocol.follow_moves)
    return {context, journal::PartitionOf(tenant, PartitionsOf(context))};
  return {context, places_.at(context)->Find(
                       tenant, [](std::uint32_t) { return true; },
                       [&](std::uint32_t partition) {
                         return Serves({context, partition});
                       })};
}

eventsourcing::CommandSink* Node::Find(const std::string& context, const std::string& tenant) {
  return up() ? actors_.at(PlaceOf(context, tenant)).get() : nullptr;
}

bool Node::Decides(const std::string& context, const std::string& tenant) const {
  return up() && Serves(PlaceOf(context, tenant));
}

bool Node::Serves(const journal::PartitionId& partition) const {
  const auto found = actors_.find(partition);
  return found != actors_.end() && found->second->phase() == eventsourcing::Phase::kServing;
}

void Node::Run(absl::AnyInvocable<void()> work) {
  if (executor_ != nullptr) executor_->Post(std::move(work));
}

}  // namespace holdfast::simulation
