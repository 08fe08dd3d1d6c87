#include "eventsourcing/inbox.h"

#include <algorithm>
#include <cstdint>
#include <utility>

#include "eventsourcing/refusals.h"

namespace holdfast::eventsourcing {

Inbox::Inbox(Limits limits, absl::AnyInvocable<void()> wake)
    : limits_(std::move(limits)), wake_(std::move(wake)) {}

Quota Inbox::QuotaOf(const std::string& tenant) const {
  if (limits_.quota_of) {
    if (const std::optional<Quota> said = limits_.quota_of(tenant)) return *said;
  }
  const auto own = limits_.quotas.find(tenant);
  return own == limits_.quotas.end() ? limits_.quota : own->second;
}

Inbox::Lane& Inbox::LaneOf(const CommandRequest& request, const Quota& quota) {
  const bool of_reactor = request.caused_by.has_value();
  Lanes& lanes = of_reactor ? lanes_of_reactors_ : lanes_;
  const auto found = lanes.find(request.tenant);
  if (found == lanes.end()) return lanes.emplace(request.tenant, quota).first->second;
  found->second.bucket.Follow(quota);
  return found->second;
}

absl::Status Inbox::Push(CommandRequest& request, CommandDone& done, absl::Duration now) {
  const bool of_reactor = request.caused_by.has_value();
  const Quota quota = of_reactor ? Quota() : QuotaOf(request.tenant);
  {
    const absl::MutexLock lock(&mutex_);
    if (closed_) return NotReady();
    std::uint32_t& all = of_reactor ? reactors_ : callers_;
    const std::uint32_t limit = of_reactor ? limits_.of_reactors : limits_.per_partition;
    Lane& lane = LaneOf(request, quota);
    if (all >= limit || lane.in_house >= limits_.per_tenant) return QueueFull();
    const absl::Duration wait = lane.bucket.Take(request.cost, now);
    if (wait > absl::ZeroDuration()) return QuotaUsedUp(wait);
    ++all;
    ++lane.in_house;
    if (lane.waiting.empty()) turns_.push_back(&lane);
    lane.waiting.push_back(
        {std::move(request), {std::move(done), &lane.in_house, of_reactor, now}});
    if (std::exchange(awake_, true)) return absl::OkStatus();
  }
  wake_();
  return absl::OkStatus();
}

void Inbox::Push(Confirmation confirmation) {
  {
    const absl::MutexLock lock(&mutex_);
    confirmations_.push_back(std::move(confirmation));
    if (std::exchange(awake_, true)) return;
  }
  wake_();
}

void Inbox::Take(Content& into) {
  into.commands.clear();
  into.confirmations.clear();
  const absl::MutexLock lock(&mutex_);
  TakeTurns(into.commands);
  std::swap(confirmations_, into.confirmations);
  into.more = !turns_.empty();
  awake_ = into.more;
}

// Deficit round robin (Shreedhar and Varghese, 1995), a turn worth one unit: what costs more waits
// for as many turns.
void Inbox::TakeTurns(std::vector<Arrived>& into) {
  while (!turns_.empty() && into.size() < limits_.at_once) {
    Lane& lane = *turns_.front();
    turns_.pop_front();
    ++lane.credit;
    const std::uint64_t price = std::max(lane.waiting.front().request.cost, 1U);
    if (lane.credit >= price) {
      lane.credit -= price;
      into.push_back(std::move(lane.waiting.front()));
      lane.waiting.pop_front();
    }
    if (lane.waiting.empty()) {
      lane.credit = 0;  // nothing is saved while nothing waits
    } else {
      turns_.push_back(&lane);
    }
  }
}

void Inbox::Close() {
  const absl::MutexLock lock(&mutex_);
  closed_ = true;
}

void Inbox::Leave(const std::vector<Answered>& answered) {
  const absl::MutexLock lock(&mutex_);
  for (const auto& [caller, answer] : answered) {
    if (caller.of_tenant == nullptr) continue;
    --*caller.of_tenant;
    --(caller.of_reactor ? reactors_ : callers_);
  }
}

}  // namespace holdfast::eventsourcing
