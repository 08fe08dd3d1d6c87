#include "eventsourcing/inbox.h"

#include <utility>

namespace holdfast::eventsourcing {

Inbox::Inbox(Limits limits, absl::AnyInvocable<void()> wake)
    : limits_(limits), wake_(std::move(wake)) {}

Inbox::Pushed Inbox::Push(CommandRequest& request, CommandDone& done, absl::Duration now) {
  {
    const absl::MutexLock lock(&mutex_);
    if (closed_) return Pushed::kClosed;
    const bool of_reactor = request.caused_by.has_value();
    std::uint32_t& all = of_reactor ? reactors_ : callers_;
    std::uint32_t& own =
        of_reactor ? reactors_by_tenant_[request.tenant] : by_tenant_[request.tenant];
    const std::uint32_t limit = of_reactor ? limits_.of_reactors : limits_.per_partition;
    if (all >= limit || own >= limits_.per_tenant) return Pushed::kFull;
    ++all;
    ++own;
    content_.commands.push_back({std::move(request), {std::move(done), &own, of_reactor, now}});
    if (std::exchange(awake_, true)) return Pushed::kTaken;
  }
  wake_();
  return Pushed::kTaken;
}

void Inbox::Push(Confirmation confirmation) {
  {
    const absl::MutexLock lock(&mutex_);
    content_.confirmations.push_back(std::move(confirmation));
    if (std::exchange(awake_, true)) return;
  }
  wake_();
}

void Inbox::Take(Content& into) {
  into.commands.clear();
  into.confirmations.clear();
  const absl::MutexLock lock(&mutex_);
  std::swap(content_.commands, into.commands);
  std::swap(content_.confirmations, into.confirmations);
  awake_ = false;
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
