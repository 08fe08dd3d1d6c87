#include "delivery/context_relay.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "holdfast/journal/v1/journal.pb.h"

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "base/timestamps.h"
#include "delivery/cursor_file.h"
#include "observability/log.h"

namespace holdfast::delivery {
namespace {

using eventsourcing::AcceptedFeed;

// Records of the journal in one step: so many commits, at most, are published again after a kill.
constexpr std::size_t kAtOnce = 200;
constexpr absl::Duration kKeepEach = absl::Seconds(10);
constexpr absl::Duration kAskEach = absl::Seconds(1);

std::string PositionKey(const std::string& context, const std::string& tenant) {
  return absl::StrCat(context, "/", tenant);
}

}  // namespace

ContextRelay::ContextRelay(RelayOptions options)
    : options_(std::move(options)),
      events_(options_.context, options_.format),
      behind_since_(options_.partitions.size(), absl::InfiniteFuture()) {
  for (const std::uint32_t partition : options_.partitions) {
    Partition& added = partitions_.emplace_back();
    added.id = {options_.context, partition};
    added.confirmed = ReadCursor(CursorOf(added));
  }
}

ContextRelay::~ContextRelay() {
  for (Partition& partition : partitions_) Keep(partition);
}

absl::StatusOr<bool> ContextRelay::Step() {
  if (sender_ == nullptr) {
    if (absl::Status opened = Open(); !opened.ok()) {
      Close();
      return opened;
    }
  }
  bool more = false;
  for (std::size_t index = 0; index < partitions_.size(); ++index) {
    const absl::StatusOr<bool> stepped = StepOf(index);
    if (!stepped.ok()) {
      Close();
      return stepped.status();
    }
    more = more || *stepped;
  }
  return more;
}

absl::Status ContextRelay::Open() {
  RETURN_IF_ERROR(ReadPositions());
  for (Partition& partition : partitions_) {
    ASSIGN_OR_RETURN(partition.feed,
                     AcceptedFeed::Open(*options_.journal, partition.id, partition.confirmed));
  }
  ASSIGN_OR_RETURN(sender_, options_.open_sender());
  return absl::OkStatus();
}

absl::Status ContextRelay::ReadPositions() {
  ASSIGN_OR_RETURN(const auto kept, options_.read_positions());
  for (const std::string& tenant : options_.tenants) {
    const auto found = kept.find(PositionKey(options_.context, tenant));
    std::uint64_t& position = positions_[tenant];
    std::uint64_t read = 0;
    if (found == kept.end()) continue;
    if (!absl::SimpleAtoi(found->second, &read)) {
      return absl::DataLossError(absl::StrCat("topic ", options_.positions_topic, ": the position ",
                                              found->first, " is no number"));
    }
    position = std::max(position, read);
  }
  return absl::OkStatus();
}

void ContextRelay::Close() {
  sender_.reset();
  for (Partition& partition : partitions_) partition.feed.reset();
  const absl::Time now = options_.clock->Now();
  const absl::MutexLock lock(&mutex_);
  // Nobody knows what came meanwhile.
  for (absl::Time& since : behind_since_) since = std::min(since, now);
}

absl::StatusOr<bool> ContextRelay::StepOf(std::size_t index) {
  Partition& partition = partitions_[index];
  Batch batch;
  ASSIGN_OR_RETURN(const std::size_t folded,
                   partition.feed->AdvanceRecords(kAtOnce, [&](const journal::Folded& folded) {
                     return !IsNews(folded, batch) || Add(*folded.commit, batch);
                   }));
  RETURN_IF_ERROR(batch.failed);
  if (batch.gap) {
    RETURN_IF_ERROR(FoldAnew(partition));
    return true;
  }
  absl::Time behind = batch.oldest;
  for (const auto& [tenant, since] : frozen_) behind = std::min(behind, since);
  SetBehind(index, behind);
  if (folded == 0) return false;
  RETURN_IF_ERROR(Publish(batch));
  partition.confirmed = partition.feed->Save();
  if (options_.clock->Now() - partition.kept_at >= kKeepEach) Keep(partition);
  return true;
}

// A commit that is to be published, as far as is known.
bool ContextRelay::IsNews(const journal::Folded& folded, Batch& batch) {
  if (folded.kind != journal::RecordKind::kCommit) return false;
  const std::string tenant(folded.tenant);
  if (!options_.tenants.contains(tenant) || frozen_.contains(tenant)) return false;
  if (folded.commit->seq() <= PositionOf(tenant, batch)) return false;
  // A copy: whoever relays the partition that it comes from has most likely published it.
  if (!folded.copied || std::exchange(batch.asked_others, true)) return true;
  batch.failed = ReadPositions();
  return folded.commit->seq() > PositionOf(tenant, batch);
}

// False where the step ends here.
bool ContextRelay::Add(const journal::v1::Commit& commit, Batch& batch) {
  if (!batch.failed.ok()) return false;
  const std::string& tenant = commit.tenant();
  const std::uint64_t position = PositionOf(tenant, batch);
  if (commit.seq() != position + 1) {
    batch.gap = true;
    return false;
  }
  absl::StatusOr<std::vector<journal::TopicRecord>> records = events_.Of(commit);
  if (!records.ok()) {
    log::Error("relay_tenant_frozen", log::Context(options_.context), log::Tenant(tenant),
               log::Seq(commit.seq()));
    frozen_[tenant] = ToTime(commit.recorded_at());
    return true;
  }
  const std::string topic = PublicTopic(tenant, options_.context);
  for (journal::TopicRecord& record : *records)
    batch.records.emplace_back(topic, std::move(record));
  batch.reached[tenant] = commit.seq();
  batch.oldest = std::min(batch.oldest, ToTime(commit.recorded_at()));
  return true;
}

absl::Status ContextRelay::Publish(const Batch& batch) {
  if (batch.reached.empty()) return absl::OkStatus();
  for (const auto& [topic, record] : batch.records) {
    RETURN_IF_ERROR(WithContext(sender_->Send(topic, record), topic));
  }
  RETURN_IF_ERROR(AwaitConfirmed());
  for (const auto& [tenant, seq] : batch.reached) {
    RETURN_IF_ERROR(sender_->Send(options_.positions_topic,
                                  {PositionKey(options_.context, tenant), absl::StrCat(seq), {}}));
  }
  RETURN_IF_ERROR(AwaitConfirmed());
  for (const auto& [tenant, seq] : batch.reached)
    positions_[tenant] = std::max(positions_[tenant], seq);
  return absl::OkStatus();
}

absl::Status ContextRelay::AwaitConfirmed() {
  while (true) {
    const absl::Status confirmed = sender_->AwaitConfirmed(kAskEach);
    if (!absl::IsDeadlineExceeded(confirmed)) return confirmed;
    RETURN_IF_ERROR(options_.go_on());
  }
}

// The cursor stands behind commits that nobody has published: of a tenant that joined since, or of
// another instance's time.
absl::Status ContextRelay::FoldAnew(Partition& partition) {
  log::Info("relay_folds_anew", log::Context(partition.id.context),
            log::Partition(partition.id.partition));
  partition.confirmed.clear();
  ASSIGN_OR_RETURN(partition.feed, AcceptedFeed::Open(*options_.journal, partition.id, ""));
  return absl::OkStatus();
}

void ContextRelay::Keep(Partition& partition) {
  if (partition.confirmed.empty()) return;
  partition.kept_at = options_.clock->Now();
  const absl::Status kept = WriteCursor(CursorOf(partition), partition.confirmed);
  // The next start folds more: no reason to stop.
  if (!kept.ok()) {
    log::Warn("relay_cursor_not_kept", log::Context(partition.id.context),
              log::Partition(partition.id.partition));
  }
}

std::string ContextRelay::CursorOf(const Partition& partition) const {
  return absl::StrCat(options_.cursors, "/", partition.id.context, "-", partition.id.partition,
                      ".cursor");
}

std::uint64_t ContextRelay::PositionOf(const std::string& tenant, const Batch& batch) const {
  const auto reached = batch.reached.find(tenant);
  const auto confirmed = positions_.find(tenant);
  return std::max(reached == batch.reached.end() ? 0 : reached->second,
                  confirmed == positions_.end() ? 0 : confirmed->second);
}

void ContextRelay::NotifyWhenMore(const std::function<void()>& more) {
  for (const Partition& partition : partitions_) {
    if (partition.feed != nullptr) partition.feed->NotifyWhenMore(more);
  }
}

absl::Duration ContextRelay::Lag() const {
  const absl::MutexLock lock(&mutex_);
  const auto oldest = std::ranges::min_element(behind_since_);
  if (oldest == behind_since_.end() || *oldest == absl::InfiniteFuture()) {
    return absl::ZeroDuration();
  }
  return std::max(options_.clock->Now() - *oldest, absl::ZeroDuration());
}

void ContextRelay::SetBehind(std::size_t index, absl::Time since) {
  const absl::MutexLock lock(&mutex_);
  behind_since_[index] = since;
}

}  // namespace holdfast::delivery
