#include "readmodel/read_model.h"

#include <algorithm>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include <google/protobuf/message.h>

#include "absl/base/thread_annotations.h"
#include "absl/functional/function_ref.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "absl/synchronization/notification.h"
#include "base/check.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/executor.h"
#include "base/status_macros.h"
#include "base/timestamps.h"
#include "eventsourcing/accepted_feed.h"
#include "journal/journal.h"
#include "observability/log.h"
#include "readmodel/event_decoder.h"
#include "readmodel/explain.h"
#include "readmodel/generation.h"
#include "readmodel/history_cache.h"
#include "readmodel/parked_rows.h"
#include "readmodel/readers.h"
#include "readmodel/row_fold.h"
#include "readmodel/tenant_views.h"
#include "readmodel/view_metrics.h"

namespace holdfast::readmodel {
namespace {

constexpr std::string_view kFoldFamily = "fold";
constexpr absl::Duration kSaveEvery = absl::Seconds(1);
// At least so long from one write at the end of the journal to the next: under load the commits of
// this time are written together, each row once.
constexpr absl::Duration kFlushPace = absl::Milliseconds(2);

std::string FoldKey(const journal::PartitionId& partition) {
  return absl::StrCat(partition.context, "/", partition.partition);
}

// Every view reads events as the process does.
ReadModelOptions WithUpcasters(ReadModelOptions options) {
  for (ViewType& view : options.views) view.upcasters = options.upcasters;
  return options;
}

class ReadModelOnDisk final : public ReadModel {
 public:
  explicit ReadModelOnDisk(ReadModelOptions options)
      : options_(WithUpcasters(std::move(options))), metrics_(options_.views, *options_.clock) {
    for (const ViewType& view : options_.views) {
      HOLDFAST_CHECK(index_.emplace(view.name, &view).second);
      contexts_.insert(view.context);
    }
  }

  ~ReadModelOnDisk() override {
    // Work on the strand holds the mutex: none is under way now, and what waits does nothing.
    const absl::MutexLock lock(&*alive_mutex_);
    *alive_ = false;
    for (Partition& partition : partitions_) partition.feed.reset();  // nor is there more notice
  }

  absl::Status Start();

  void OpenReader(const std::string& tenant, const type::v1::ReadOptions& read, absl::Time deadline,
                  Opened done) override;
  void NotifyOnChange(const std::string& tenant, absl::AnyInvocable<void()> changed) override {
    const absl::MutexLock lock(&mutex_);
    listeners_.emplace(tenant, std::move(changed));
  }

  bool CaughtUp() const override {
    const absl::MutexLock lock(&mutex_);
    return behind_ == 0;
  }
  void WhenCaughtUp(absl::AnyInvocable<void()> done) override;
  absl::Status Health() const override {
    const absl::MutexLock lock(&mutex_);
    return health_;
  }
  absl::Status Ready() const override {
    const absl::MutexLock lock(&mutex_);
    return stopped_;
  }
  std::vector<ViewStatus> List() const override;

  absl::StatusOr<std::vector<RebuildResult>> Rebuild(const std::string& tenant,
                                                     const std::string& view) override {
    return RebuildEach(tenant, view, /*write=*/true);
  }
  absl::StatusOr<std::vector<RebuildResult>> Verify(const std::string& tenant,
                                                    const std::string& view) override {
    return RebuildEach(tenant, view, /*write=*/false);
  }
  absl::StatusOr<std::vector<ParkedStatus>> Parked(const std::string& tenant,
                                                   const std::string& view) const override;
  absl::StatusOr<std::vector<RetryResult>> Retry(const std::string& tenant,
                                                 const std::string& view) override;
  absl::StatusOr<std::vector<Explanation>> Explain(const std::string& tenant,
                                                   const std::string& view,
                                                   const std::string& row_key,
                                                   const std::string& field,
                                                   std::size_t limit) override;

 private:
  struct Partition {
    journal::PartitionId id;
    std::unique_ptr<eventsourcing::AcceptedFeed> feed;
    EventDecoder decoder;
    bool at_end = false;      // guarded by mutex_, as List and Lags read it
    bool was_at_end = false;  // once
  };
  struct Waiter {
    std::string tenant;
    std::vector<type::v1::Position> positions;
    absl::Time until;
    absl::AnyInvocable<void(absl::Status)> done;
  };

  // Work on the strand that does nothing once this object is gone.
  void Post(absl::AnyInvocable<void()> work) { options_.executor->Post(Guard(std::move(work))); }
  absl::AnyInvocable<void()> Guard(absl::AnyInvocable<void()> work) {
    return [alive = alive_, mutex = alive_mutex_, work = std::move(work)]() mutable {
      const absl::MutexLock lock(&*mutex);
      if (*alive) std::move(work)();
    };
  }

  std::string TenantFolder(const std::string& tenant) const {
    return absl::StrCat(options_.folder, "/", tenant);
  }
  absl::StatusOr<std::shared_ptr<TenantViews>> ViewsOf(const std::string& tenant);
  std::shared_ptr<TenantViews> OpenedViews(const std::string& tenant) const {
    const absl::MutexLock lock(&mutex_);
    const auto found = tenants_.find(tenant);
    return found == tenants_.end() ? nullptr : found->second;
  }
  absl::Status OpenPartition(Partition& partition);
  absl::StatusOr<bool> CanResume(const eventsourcing::AcceptedFeed& feed,
                                 const std::string& context);

  void Pump(Partition& partition);
  std::vector<absl::AnyInvocable<void()>> MarkEnd(Partition& partition, bool at_end);
  void Stop(const journal::PartitionId& partition, const absl::Status& why);
  void PumpInPace(Partition& partition);
  absl::Status FoldCommit(Partition& partition, const journal::v1::Commit& commit);
  absl::Status FlushAll();
  absl::Status SaveFolds();
  void PublishApplied(const std::string& tenant, const TenantViews& views);
  void PublishParked(const std::string& tenant, const ViewType& view, std::size_t rows)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void SetHealth(absl::Status status) {
    const absl::MutexLock lock(&mutex_);
    health_ = std::move(status);
  }

  absl::Status CheckPositions(const std::vector<type::v1::Position>& positions) const;
  bool Reached(const std::string& tenant, const std::vector<type::v1::Position>& positions) const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void WakeWaiters();
  std::uint64_t AppliedSeq(const std::string& tenant, const std::string& context) const {
    const absl::MutexLock lock(&mutex_);
    const auto found = applied_.find({tenant, context});
    return found == applied_.end() ? 0 : found->second.seq;
  }
  absl::Status Behind(const std::string& tenant,
                      const std::vector<type::v1::Position>& positions) const;
  std::unique_ptr<Reader> MakeReader(const std::string& tenant, const type::v1::ReadOptions& read);
  std::map<std::string, double> Lags(const std::string& tenant) const;
  absl::StatusOr<std::shared_ptr<const ContextHistory>> History(const std::string& tenant,
                                                                const std::string& context,
                                                                Until until);

  // Every view of every tenant that these names mean; empty ones mean all. kNotFound.
  absl::Status ForEachView(
      const std::string& tenant, const std::string& view,
      absl::FunctionRef<absl::Status(const std::string&, const ViewType&, TenantViews&)> each)
      const;
  // Does `work` on the strand and waits for it; what it changed is then published.
  absl::Status OnStrand(const std::string& tenant, TenantViews& views,
                        absl::FunctionRef<absl::Status()> work);
  absl::StatusOr<std::vector<RebuildResult>> RebuildEach(const std::string& tenant,
                                                         const std::string& view, bool write);
  absl::StatusOr<RebuildResult> RebuildOne(const std::string& tenant, const ViewType& view,
                                           TenantViews& views, bool write);
  absl::Status SwitchTo(const std::string& tenant, const ViewType& view, TenantViews& views,
                        const ViewMark& mark, const ParkedRows& parked, Replay& replay);
  absl::StatusOr<RetryResult> RetryOne(const std::string& tenant, const ViewType& view,
                                       TenantViews& views);

  const ReadModelOptions options_;
  ViewIndex index_;
  std::set<std::string> contexts_;

  // Shared with work posted to the executor, which may run after this object is gone.
  std::shared_ptr<absl::Mutex> alive_mutex_ = std::make_shared<absl::Mutex>();
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);

  // On the strand.
  std::deque<Partition> partitions_;
  std::unique_ptr<RowStore> folds_;
  std::set<std::string> dirty_;  // tenants
  std::set<std::pair<std::string, std::string>>
      frozen_;  // (tenant, context) whose bytes cannot be read
  std::size_t rows_since_flush_ = 0;
  absl::Duration flushed_at_ = -absl::InfiniteDuration();  // since boot
  absl::Time saved_at_ = absl::InfinitePast();
  bool goes_on_ = true;  // until the store or the journal stops it

  mutable absl::Mutex mutex_;
  std::map<std::string, std::shared_ptr<TenantViews>> tenants_ ABSL_GUARDED_BY(mutex_);
  std::map<std::pair<std::string, std::string>, Applied> applied_ ABSL_GUARDED_BY(mutex_);
  std::set<std::string> lagging_
      ABSL_GUARDED_BY(mutex_);                      // contexts with a partition not at its end
  std::size_t behind_ ABSL_GUARDED_BY(mutex_) = 0;  // partitions not yet at their end once
  // By view and tenant, where there are any; and the sum over all tenants that the metric shows.
  std::map<std::string, std::map<std::string, std::size_t>> parked_ ABSL_GUARDED_BY(mutex_);
  std::vector<Waiter> waiters_ ABSL_GUARDED_BY(mutex_);
  std::multimap<std::string, absl::AnyInvocable<void()>> listeners_ ABSL_GUARDED_BY(mutex_);
  std::vector<absl::AnyInvocable<void()>> when_caught_up_ ABSL_GUARDED_BY(mutex_);
  absl::Status health_ ABSL_GUARDED_BY(mutex_);
  absl::Status stopped_ ABSL_GUARDED_BY(mutex_);  // not OK: until a restart

  HistoryCache histories_;
  absl::Mutex rebuild_mutex_;
  ViewMetrics metrics_;
};

absl::Status ReadModelOnDisk::Start() {
  ASSIGN_OR_RETURN(folds_, options_.open_rows(options_.folder + "/.fold", kFoldFamily));
  for (const std::string& context : contexts_) {
    ASSIGN_OR_RETURN(const std::uint32_t count, options_.journal->Partitions(context));
    for (std::uint32_t i = 0; i < count; ++i) {
      Partition& partition = partitions_.emplace_back();
      partition.id = {context, i};
      for (const ViewType& view : options_.views) {
        if (view.context != context) continue;
        partition.decoder.Want(view);
      }
      RETURN_IF_ERROR(OpenPartition(partition));
    }
  }
  {
    const absl::MutexLock lock(&mutex_);
    behind_ = partitions_.size();
    lagging_ = contexts_;
  }
  for (Partition& partition : partitions_) {
    Post([this, &partition] { Pump(partition); });
  }
  return absl::OkStatus();
}

absl::StatusOr<std::shared_ptr<TenantViews>> ReadModelOnDisk::ViewsOf(const std::string& tenant) {
  if (auto opened = OpenedViews(tenant); opened != nullptr) return opened;
  absl::StatusOr<std::unique_ptr<TenantViews>> opened =
      TenantViews::Open(TenantFolder(tenant), tenant, options_);
  // Damage that a read met is noted in the folder, so that opening it again makes it anew.
  if (absl::IsDataLoss(opened.status()))
    opened = TenantViews::Open(TenantFolder(tenant), tenant, options_);
  RETURN_IF_ERROR(opened.status());
  std::shared_ptr<TenantViews> shared = *std::move(opened);
  PublishApplied(tenant, *shared);
  const absl::MutexLock lock(&mutex_);
  tenants_[tenant] = shared;
  return shared;
}

absl::StatusOr<bool> ReadModelOnDisk::CanResume(const eventsourcing::AcceptedFeed& feed,
                                                const std::string& context) {
  const std::map<std::string, journal::TenantHead> heads(feed.fold().heads().begin(),
                                                         feed.fold().heads().end());
  for (const auto& [tenant, head] : heads) {  // in an order that does not vary
    ASSIGN_OR_RETURN(const std::shared_ptr<TenantViews> views, ViewsOf(tenant));
    if (views->Applied(context) < head.seq) return false;
  }
  return true;
}

absl::Status ReadModelOnDisk::OpenPartition(Partition& partition) {
  const absl::StatusOr<std::optional<std::string>> stored =
      folds_->Get(kFoldFamily, FoldKey(partition.id));
  if (!stored.ok() && !absl::IsDataLoss(stored.status())) return stored.status();
  if (const std::optional<std::string> saved = stored.value_or(std::nullopt); saved) {
    ASSIGN_OR_RETURN(partition.feed, OpenFeed(options_, partition.id, *saved));
    ASSIGN_OR_RETURN(const bool whole, CanResume(*partition.feed, partition.id.context));
    if (whole || !options_.protocol.no_view_behind_fold) return absl::OkStatus();
  }
  ASSIGN_OR_RETURN(partition.feed, OpenFeed(options_, partition.id, ""));
  return absl::OkStatus();
}

void ReadModelOnDisk::PublishApplied(const std::string& tenant, const TenantViews& views) {
  const absl::MutexLock lock(&mutex_);
  for (const std::string& context : contexts_) {
    Applied least;
    bool first = true;
    for (const ViewType& view : options_.views) {
      if (view.context != context) continue;
      const ViewMark& mark = views.mark(view.name);
      if (first || mark.seq < least.seq) least = {mark.seq, mark.recorded_at};
      first = false;
    }
    applied_[{tenant, context}] = least;
  }
  for (const ViewType& view : options_.views) {
    PublishParked(tenant, view, views.parked(view.name).size());
  }
}

void ReadModelOnDisk::PublishParked(const std::string& tenant, const ViewType& view,
                                    std::size_t rows) {
  std::map<std::string, std::size_t>& by_tenant = parked_[view.name];
  const auto known = by_tenant.find(tenant);
  if (rows == (known == by_tenant.end() ? 0 : known->second)) return;
  by_tenant[tenant] = rows;
  if (rows == 0) by_tenant.erase(tenant);
  std::size_t sum = 0;
  for (const auto& [other, count] : by_tenant) sum += count;
  metrics_.SetParked(view.name, sum);
}

absl::Status ReadModelOnDisk::FoldCommit(Partition& partition, const journal::v1::Commit& commit) {
  const std::string& context = partition.id.context;
  if (frozen_.contains({commit.tenant(), context})) return absl::OkStatus();
  ASSIGN_OR_RETURN(const std::shared_ptr<TenantViews> views, ViewsOf(commit.tenant()));
  const bool again = commit.seq() <= views->Applied(context);
  if (again && options_.protocol.each_commit_once) return absl::OkStatus();
  views->BeginCommit(context, commit.seq(), ToTime(commit.recorded_at()));
  absl::Status applied;
  const absl::Status decoded = partition.decoder.ForEach(
      commit, [&](const google::protobuf::Message& event, const EventMeta& meta) {
        if (applied.ok()) applied = views->Apply(event, meta);
        ++rows_since_flush_;
      });
  RETURN_IF_ERROR(applied);  // the store cannot be read: the whole model stops
  if (!decoded.ok()) {       // the tenant's bytes cannot be read: this tenant stops here
    frozen_.insert({commit.tenant(), context});
    SetHealth(WithContext(decoded, absl::StrCat("views of context ", context, " stopped")));
    return absl::OkStatus();
  }
  views->EndCommit();
  dirty_.insert(commit.tenant());
  metrics_.Applied(partition.id, ToTime(commit.recorded_at()), /*awaited=*/partition.was_at_end);
  return absl::OkStatus();
}

absl::Status ReadModelOnDisk::FlushAll() {
  rows_since_flush_ = 0;
  if (dirty_.empty()) return absl::OkStatus();
  flushed_at_ = options_.clock->SinceBoot();
  std::vector<absl::AnyInvocable<void()>> changed;
  for (const std::string& tenant : dirty_) {
    const std::shared_ptr<TenantViews> views = OpenedViews(tenant);
    RETURN_IF_ERROR(views->Flush());
    PublishApplied(tenant, *views);
    const absl::MutexLock lock(&mutex_);
    const auto [from, to] = listeners_.equal_range(tenant);
    for (auto it = from; it != to; ++it) changed.push_back(std::move(it->second));
    listeners_.erase(from, to);
  }
  dirty_.clear();
  metrics_.Flushed();
  for (auto& listener : changed) std::move(listener)();
  WakeWaiters();
  return absl::OkStatus();
}

absl::Status ReadModelOnDisk::SaveFolds() {
  for (const Partition& partition : partitions_) {
    if (partition.feed != nullptr)
      folds_->Put(kFoldFamily, FoldKey(partition.id), partition.feed->Save());
  }
  saved_at_ = options_.clock->Now();
  return folds_->Commit();
}

void ReadModelOnDisk::PumpInPace(Partition& partition) {
  const absl::Duration left = kFlushPace - (options_.clock->SinceBoot() - flushed_at_);
  if (left <= absl::ZeroDuration()) return Pump(partition);
  options_.executor->PostAfter(left, Guard([this, &partition] { Pump(partition); }));
}

void ReadModelOnDisk::Pump(Partition& partition) {
  if (!goes_on_) return;
  absl::Status status;
  const absl::StatusOr<std::size_t> folded =
      partition.feed->Advance(options_.records_per_turn, [&](const journal::v1::Commit& commit) {
        status = FoldCommit(partition, commit);
        return status.ok();
      });
  if (status.ok() && !folded.ok()) status = folded.status();
  const bool at_end = status.ok() && *folded == 0;
  if (status.ok() && (at_end || rows_since_flush_ >= options_.rows_per_flush)) status = FlushAll();
  if (status.ok() && at_end && options_.clock->Now() - saved_at_ >= kSaveEvery)
    status = SaveFolds();
  if (!status.ok()) return Stop(partition.id, status);
  metrics_.Moved(partition.id, at_end);
  for (auto& done : MarkEnd(partition, at_end)) std::move(done)();
  if (at_end) {
    // Never called once the reader is destroyed, and the destructor destroys it on this strand.
    partition.feed->NotifyWhenMore(
        [this, &partition] { Post([this, &partition] { PumpInPace(partition); }); });
  } else {
    Post([this, &partition] { Pump(partition); });
  }
}

// Returns who waited for all partitions to have caught up.
std::vector<absl::AnyInvocable<void()>> ReadModelOnDisk::MarkEnd(Partition& partition,
                                                                 bool at_end) {
  std::vector<absl::AnyInvocable<void()>> caught_up;
  const absl::MutexLock lock(&mutex_);
  partition.at_end = at_end;
  if (at_end && !partition.was_at_end) {
    partition.was_at_end = true;
    if (--behind_ == 0) caught_up.swap(when_caught_up_);
  }
  lagging_.clear();
  for (const Partition& other : partitions_) {
    if (!other.at_end) lagging_.insert(other.id.context);
  }
  return caught_up;
}

// What is folded and not written is folded again after a restart: marks and rows go together.
// No other partition goes on, since it would write the rows of a commit that is half applied.
void ReadModelOnDisk::Stop(const journal::PartitionId& partition, const absl::Status& why) {
  goes_on_ = false;
  log::Error("views_stopped", log::Context(partition.context), log::Partition(partition.partition),
             log::Code(absl::StatusCodeToString(why.code()).c_str()));
  metrics_.Stopped();
  const absl::MutexLock lock(&mutex_);
  health_ = stopped_ =
      WithContext(why, absl::StrCat("views of context ", partition.context,
                                    " stopped; restart after the cause is removed"));
}

void ReadModelOnDisk::WhenCaughtUp(absl::AnyInvocable<void()> done) {
  {
    const absl::MutexLock lock(&mutex_);
    if (behind_ > 0) {
      when_caught_up_.push_back(std::move(done));
      return;
    }
  }
  Post(std::move(done));
}

absl::Status ReadModelOnDisk::CheckPositions(
    const std::vector<type::v1::Position>& positions) const {
  std::vector<FieldViolation> violations;
  for (const type::v1::Position& position : positions) {
    if (!contexts_.contains(position.context())) {
      violations.push_back(
          {"read.min_position.context", "must be a context that this service reads"});
    }
  }
  return violations.empty() ? absl::OkStatus() : InvalidFields(violations);
}

bool ReadModelOnDisk::Reached(const std::string& tenant,
                              const std::vector<type::v1::Position>& positions) const {
  return std::all_of(positions.begin(), positions.end(), [&](const type::v1::Position& position) {
    const auto found = applied_.find({tenant, position.context()});
    return position.seq() <= (found == applied_.end() ? 0 : found->second.seq);
  });
}

absl::Status ReadModelOnDisk::Behind(const std::string& tenant,
                                     const std::vector<type::v1::Position>& positions) const {
  std::vector<std::pair<std::string, std::string>> metadata;
  const absl::MutexLock lock(&mutex_);
  for (const type::v1::Position& position : positions) {
    const auto found = applied_.find({tenant, position.context()});
    const std::uint64_t applied = found == applied_.end() ? 0 : found->second.seq;
    if (applied < position.seq()) {
      metadata.emplace_back(position.context(),
                            absl::StrCat("applied ", applied, ", asked for ", position.seq()));
    }
  }
  return ErrorWithReason(absl::StatusCode::kFailedPrecondition, "VIEW_BEHIND",
                         "The views have not yet applied the position that was asked for. Ask "
                         "again in a moment, or without min_position for what is there now.",
                         std::move(metadata));
}

std::map<std::string, double> ReadModelOnDisk::Lags(const std::string& tenant) const {
  std::map<std::string, double> lags;
  const absl::MutexLock lock(&mutex_);
  for (const std::string& context : lagging_) {
    const auto found = applied_.find({tenant, context});
    if (found == applied_.end()) continue;
    lags[context] = absl::ToDoubleSeconds(options_.clock->Now() - found->second.recorded_at);
  }
  return lags;
}

absl::StatusOr<std::shared_ptr<const ContextHistory>> ReadModelOnDisk::History(
    const std::string& tenant, const std::string& context, Until until) {
  return histories_.Get(tenant, context, until, [&] {
    return FoldHistory(*options_.journal, options_.views, tenant, context, until);
  });
}

std::unique_ptr<Reader> ReadModelOnDisk::MakeReader(const std::string& tenant,
                                                    const type::v1::ReadOptions& read) {
  if (read.at_case() == type::v1::ReadOptions::AT_NOT_SET) {
    return MakeSnapshotReader(tenant, index_, OpenedViews(tenant), Lags(tenant));
  }
  return MakeHistoryReader(tenant, index_, [this, tenant, read](const std::string& context) {
    Until until;
    until.known_seq = AppliedSeq(tenant, context);
    if (read.has_at_time()) {
      until.time = ToTime(read.at_time());
    } else if (read.at_position().context() == context) {
      until.seq = read.at_position().seq();
    }
    return History(tenant, context, until);
  });
}

void ReadModelOnDisk::OpenReader(const std::string& tenant, const type::v1::ReadOptions& read,
                                 absl::Time deadline, Opened done) {
  std::vector<type::v1::Position> positions(read.min_position().begin(), read.min_position().end());
  if (read.has_at_position()) positions.push_back(read.at_position());
  if (absl::Status checked = CheckPositions(positions); !checked.ok()) {
    return std::move(done)(std::move(checked));
  }
  {
    const absl::MutexLock lock(&mutex_);
    if (!Reached(tenant, positions)) {
      const absl::Time until = std::min(options_.clock->Now() + options_.max_wait, deadline);
      waiters_.push_back(
          {tenant, positions, until,
           [this, tenant, read, done = std::move(done)](absl::Status status) mutable {
             if (!status.ok()) return std::move(done)(std::move(status));
             std::move(done)(MakeReader(tenant, read));
           }});
      options_.executor->PostAfter(until - options_.clock->Now(), Guard([this] { WakeWaiters(); }));
      return;
    }
  }
  std::move(done)(MakeReader(tenant, read));
}

void ReadModelOnDisk::WakeWaiters() {
  std::vector<std::pair<Waiter, bool>> ready;
  {
    const absl::MutexLock lock(&mutex_);
    const absl::Time now = options_.clock->Now();
    for (auto it = waiters_.begin(); it != waiters_.end();) {
      const bool reached = Reached(it->tenant, it->positions);
      if (reached || it->until <= now) {
        ready.emplace_back(std::move(*it), reached);
        it = waiters_.erase(it);
      } else {
        ++it;
      }
    }
  }
  for (auto& [waiter, reached] : ready) {
    std::move(waiter.done)(reached ? absl::OkStatus() : Behind(waiter.tenant, waiter.positions));
  }
}

std::vector<ViewStatus> ReadModelOnDisk::List() const {
  std::vector<ViewStatus> out;
  std::map<std::string, std::shared_ptr<TenantViews>> tenants;
  {
    const absl::MutexLock lock(&mutex_);
    tenants = tenants_;
  }
  for (const auto& [tenant, views] : tenants) {
    const std::map<std::string, double> lags = Lags(tenant);
    for (const ViewType& view : options_.views) {
      const std::unique_ptr<RowSnapshot> snapshot = views->store().TakeSnapshot();
      const absl::StatusOr<ViewMark> mark = ReadMark(*snapshot, view.name);
      if (!mark.ok()) continue;
      const auto lag = lags.find(view.context);
      out.push_back({tenant, view.context, view.name, mark->seq, mark->recorded_at,
                     lag == lags.end() ? 0 : lag->second, mark->family, 0});
      const absl::StatusOr<ParkedRows> parked = ReadParked(*snapshot, mark->family);
      if (parked.ok()) out.back().parked_rows = parked->size();
    }
  }
  return out;
}

absl::Status ReadModelOnDisk::ForEachView(
    const std::string& tenant, const std::string& view,
    absl::FunctionRef<absl::Status(const std::string&, const ViewType&, TenantViews&)> each) const {
  if (!view.empty() && !index_.contains(view)) return UnknownView(view);
  std::map<std::string, std::shared_ptr<TenantViews>> tenants;
  {
    const absl::MutexLock lock(&mutex_);
    tenants = tenants_;
  }
  for (const auto& [name, views] : tenants) {
    if (!tenant.empty() && tenant != name) continue;
    for (const ViewType& type : options_.views) {
      if (view.empty() || type.name == view) RETURN_IF_ERROR(each(name, type, *views));
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<RebuildResult>> ReadModelOnDisk::RebuildEach(const std::string& tenant,
                                                                        const std::string& view,
                                                                        bool write) {
  const absl::MutexLock one_at_a_time(&rebuild_mutex_);
  std::vector<RebuildResult> results;
  RETURN_IF_ERROR(ForEachView(
      tenant, view,
      [&](const std::string& name, const ViewType& type, TenantViews& views) -> absl::Status {
        ASSIGN_OR_RETURN(RebuildResult result, RebuildOne(name, type, views, write));
        results.push_back(std::move(result));
        return absl::OkStatus();
      }));
  return results;
}

absl::StatusOr<RebuildResult> ReadModelOnDisk::RebuildOne(const std::string& tenant,
                                                          const ViewType& view, TenantViews& views,
                                                          bool write) {
  const std::unique_ptr<RowSnapshot> snapshot = views.store().TakeSnapshot();
  ASSIGN_OR_RETURN(const ViewMark served, ReadMark(*snapshot, view.name));
  RebuildResult result;
  result.tenant = tenant;
  result.view = view.name;
  result.seq = served.seq;
  ASSIGN_OR_RETURN(result.served_digest, DigestOf(*snapshot, served.family));

  RowFold fold(view);
  ASSIGN_OR_RETURN(const std::unique_ptr<Replay> replay,
                   Replay::Open(*options_.journal, view.context, tenant));
  if (served.seq > 0) RETURN_IF_ERROR(FoldUpTo(served.seq, view, *replay, fold));
  result.rebuilt_digest = DigestOf(fold);
  result.rows = fold.rows().size();
  result.parked = fold.parked().size();
  if (!write) return result;

  ViewMark mark = served;
  ASSIGN_OR_RETURN(mark.family,
                   WriteNextGeneration(fold, view, served.family, views.store_to_rebuild()));
  RETURN_IF_ERROR(SwitchTo(tenant, view, views, mark, fold.parked(), *replay));
  return result;
}

absl::Status ReadModelOnDisk::OnStrand(const std::string& tenant, TenantViews& views,
                                       absl::FunctionRef<absl::Status()> work) {
  absl::Status status;
  absl::Notification done;
  options_.executor->Post([&] {
    status = goes_on_ ? work()
                      : absl::UnavailableError(
                            "the views have stopped; restart after the cause is "
                            "removed, then ask again");
    if (goes_on_) {
      PublishApplied(tenant, views);
      dirty_.insert(tenant);  // rows may have changed without a commit: whoever watches is told
      status.Update(FlushAll());
    }
    done.Notify();
  });
  done.WaitForNotification();
  return status;
}

absl::Status ReadModelOnDisk::SwitchTo(const std::string& tenant, const ViewType& view,
                                       TenantViews& views, const ViewMark& mark,
                                       const ParkedRows& parked, Replay& replay) {
  return OnStrand(tenant, views, [&]() -> absl::Status {
    const std::uint64_t target = views.mark(view.name).seq;
    RETURN_IF_ERROR(views.Switch(view.name, mark, parked));
    EventDecoder decoder;
    decoder.Want(view);
    if (target <= mark.seq) return absl::OkStatus();
    return replay.Run(
        {target, absl::InfiniteFuture(), target},
        [&](const journal::v1::Commit& commit) -> absl::Status {
          views.BeginCommit(view.context, commit.seq(), ToTime(commit.recorded_at()));
          absl::Status applied;
          RETURN_IF_ERROR(decoder.ForEach(
              commit, [&](const google::protobuf::Message& event, const EventMeta& meta) {
                if (applied.ok()) applied = views.Apply(event, meta);
              }));
          views.EndCommit();
          return applied;
        });
  });
}

absl::StatusOr<std::vector<ParkedStatus>> ReadModelOnDisk::Parked(const std::string& tenant,
                                                                  const std::string& view) const {
  std::vector<ParkedStatus> out;
  RETURN_IF_ERROR(ForEachView(
      tenant, view,
      [&](const std::string& name, const ViewType& type, TenantViews& views) -> absl::Status {
        const std::unique_ptr<RowSnapshot> snapshot = views.store().TakeSnapshot();
        ASSIGN_OR_RETURN(const ViewMark mark, ReadMark(*snapshot, type.name));
        ASSIGN_OR_RETURN(const ParkedRows parked, ReadParked(*snapshot, mark.family));
        for (const auto& [key, row] : parked) {
          out.push_back({name, type.context, type.name, key, row});
        }
        return absl::OkStatus();
      }));
  return out;
}

absl::StatusOr<std::vector<RetryResult>> ReadModelOnDisk::Retry(const std::string& tenant,
                                                                const std::string& view) {
  const absl::MutexLock one_at_a_time(&rebuild_mutex_);
  std::vector<RetryResult> results;
  RETURN_IF_ERROR(ForEachView(
      tenant, view,
      [&](const std::string& name, const ViewType& type, TenantViews& views) -> absl::Status {
        ASSIGN_OR_RETURN(RetryResult result, RetryOne(name, type, views));
        if (result.settled + result.parked > 0) results.push_back(std::move(result));
        return absl::OkStatus();
      }));
  return results;
}

absl::StatusOr<RetryResult> ReadModelOnDisk::RetryOne(const std::string& tenant,
                                                      const ViewType& view, TenantViews& views) {
  RetryResult result;
  result.tenant = tenant;
  result.view = view.name;
  const std::unique_ptr<RowSnapshot> snapshot = views.store().TakeSnapshot();
  ASSIGN_OR_RETURN(const ViewMark mark, ReadMark(*snapshot, view.name));
  ASSIGN_OR_RETURN(const ParkedRows parked, ReadParked(*snapshot, mark.family));
  if (parked.empty()) return result;
  std::set<std::string> keys;
  for (const auto& [key, row] : parked) keys.insert(key);

  RowFold fold(view, keys);
  ASSIGN_OR_RETURN(const std::unique_ptr<Replay> replay,
                   Replay::Open(*options_.journal, view.context, tenant));
  RETURN_IF_ERROR(FoldUpTo(mark.seq, view, *replay, fold));
  // The projector went on meanwhile: what is left is short, and is folded while it stands still.
  const absl::Status settled = OnStrand(tenant, views, [&]() -> absl::Status {
    result.seq = views.mark(view.name).seq;
    if (result.seq > mark.seq) RETURN_IF_ERROR(FoldUpTo(result.seq, view, *replay, fold));
    return views.Settle(view.name, keys, fold);
  });
  RETURN_IF_ERROR(settled);
  result.parked = fold.parked().size();
  result.settled = keys.size() - fold.parked().size();
  return result;
}

absl::StatusOr<std::vector<Explanation>> ReadModelOnDisk::Explain(const std::string& tenant,
                                                                  const std::string& view,
                                                                  const std::string& row_key,
                                                                  const std::string& field,
                                                                  std::size_t limit) {
  const auto type = index_.find(view);
  if (type == index_.end()) return UnknownView(view);
  return ExplainRow(*options_.journal, *type->second, tenant, row_key, field, limit);
}

}  // namespace

absl::StatusOr<std::unique_ptr<ReadModel>> ReadModel::Open(ReadModelOptions options) {
  auto model = std::make_unique<ReadModelOnDisk>(std::move(options));
  RETURN_IF_ERROR(model->Start());
  return std::unique_ptr<ReadModel>(std::move(model));
}

absl::StatusOr<std::unique_ptr<Reader>> ReadModel::OpenReaderNow(const std::string& tenant,
                                                                 const type::v1::ReadOptions& read,
                                                                 absl::Time deadline) {
  absl::StatusOr<std::unique_ptr<Reader>> answer = absl::UnavailableError("not answered");
  absl::Notification answered;
  OpenReader(tenant, read, deadline, [&](absl::StatusOr<std::unique_ptr<Reader>> reader) {
    answer = std::move(reader);
    answered.Notify();
  });
  answered.WaitForNotification();
  return answer;
}

}  // namespace holdfast::readmodel
