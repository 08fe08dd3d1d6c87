#include "eventsourcing/leasing_sink.h"

#include <algorithm>
#include <iterator>
#include <set>
#include <utility>

#include <google/protobuf/message.h>

#include "base/clock.h"
#include "base/executor.h"
#include "eventsourcing/key_owners.h"
#include "eventsourcing/message_traits.h"
#include "eventsourcing/refusals.h"
#include "observability/log.h"

namespace holdfast::eventsourcing {
namespace {

using security::KeyOwner;

// A key that ends within it is leased anew: longer than a command waits for its turn.
constexpr absl::Duration kRenewBefore = absl::Seconds(30);
constexpr std::size_t kMaxKept = 16'384;

}  // namespace

void LeasingSink::Submit(CommandRequest request, absl::AnyInvocable<void(CommandAnswer)> done) {
  Waiting waiting{std::move(request), std::move(done), {}};
  const bool personal = TraitsOf(*waiting.request.command->GetDescriptor()).personal;
  if (!personal && queued_.load() == 0)
    return parts_.inner->Submit(std::move(waiting.request), std::move(waiting.done));
  if (personal) {
    absl::StatusOr<std::vector<KeyOwner>> owners = OwnersIn(*waiting.request.command);
    if (!owners.ok()) return std::move(waiting.done)(owners.status());
    waiting.owners = *std::move(owners);
  }
  {
    const absl::MutexLock lock(&mutex_);
    const std::string& tenant = waiting.request.tenant;
    if (behind_.contains(tenant) || !TakeKeys(waiting)) {
      ++behind_[tenant];
      queued_.fetch_add(1);
      queue_.push_back(std::move(waiting));
      if (!std::exchange(working_, true)) parts_.executor->Post([this] { Work(); });
      return;
    }
  }
  parts_.inner->Submit(std::move(waiting.request), std::move(waiting.done));
}

// Whoever was destroyed meanwhile is not written of under the old key.
void LeasingSink::ForgetDestroyed() {
  const std::uint64_t destructions = parts_.vault->destructions();
  if (destructions == destructions_ && kept_ < kMaxKept) return;
  destructions_ = destructions;
  keys_.clear();
  kept_ = 0;
}

bool LeasingSink::TakeKeys(Waiting& waiting) {
  waiting.request.sealing_keys.clear();
  if (waiting.owners.empty()) return true;
  ForgetDestroyed();
  const auto tenant = keys_.find(waiting.request.tenant);
  if (tenant == keys_.end()) return false;
  const absl::Time good = parts_.clock->Now() + kRenewBefore;
  for (const KeyOwner& owner : waiting.owners) {
    const auto key = tenant->second.find(owner);
    if (key == tenant->second.end() || key->second->expires_at <= good) return false;
    waiting.request.sealing_keys.push_back(key->second);
  }
  return true;
}

void LeasingSink::Work() {
  while (true) {
    Queue queue;
    {
      const absl::MutexLock lock(&mutex_);
      if (queue_.empty()) {
        working_ = false;
        return;
      }
      queue.swap(queue_);
    }
    Lease(queue);
    for (Waiting& waiting : queue) Send(std::move(waiting));
  }
}

void LeasingSink::Lease(const Queue& queue) {
  std::set<std::string> tenants;
  for (const Waiting& waiting : queue) {
    if (!waiting.owners.empty()) tenants.insert(waiting.request.tenant);
  }
  for (const std::string& tenant : tenants) {
    const std::vector<KeyOwner> missing = Missing(tenant, queue);
    for (std::size_t at = 0; at < missing.size(); at += security::kMaxOwnersOfLease) {
      const std::size_t end = std::min(missing.size(), at + security::kMaxOwnersOfLease);
      LeaseFor(tenant, {missing.begin() + static_cast<std::ptrdiff_t>(at),
                        missing.begin() + static_cast<std::ptrdiff_t>(end)});
    }
  }
}

std::vector<KeyOwner> LeasingSink::Missing(const std::string& tenant, const Queue& queue) {
  const absl::MutexLock lock(&mutex_);
  ForgetDestroyed();
  const std::map<KeyOwner, Key>& known = keys_[tenant];
  const absl::Time good = parts_.clock->Now() + kRenewBefore;
  std::set<KeyOwner> missing;
  for (const Waiting& waiting : queue) {
    if (waiting.request.tenant != tenant) continue;
    for (const KeyOwner& owner : waiting.owners) {
      const auto key = known.find(owner);
      if (key == known.end() || key->second->expires_at <= good) missing.insert(owner);
    }
  }
  return {missing.begin(), missing.end()};
}

void LeasingSink::LeaseFor(const std::string& tenant, std::vector<KeyOwner> owners) {
  absl::StatusOr<std::vector<security::LeasedKey>> leased =
      parts_.vault->LeaseForSealing({tenant, parts_.context, std::move(owners)});
  if (!leased.ok()) {
    log::Warn("keys_not_leased", log::Context(parts_.context),
              log::Code(absl::StatusCodeToString(leased.status().code()).c_str()));
    return;
  }
  const absl::MutexLock lock(&mutex_);
  std::map<KeyOwner, Key>& keys = keys_[tenant];
  for (security::LeasedKey& key : *leased) {
    ++kept_;
    KeyOwner owner = key.owner;
    keys[std::move(owner)] = std::make_shared<const security::LeasedKey>(std::move(key));
  }
}

void LeasingSink::Send(Waiting waiting) {
  const std::string tenant = waiting.request.tenant;
  bool leased = false;
  {
    const absl::MutexLock lock(&mutex_);
    leased = TakeKeys(waiting);
  }
  if (leased) {
    parts_.inner->Submit(std::move(waiting.request), std::move(waiting.done));
  } else {
    std::move(waiting.done)(KeysUnavailable());
  }
  // Only now: what comes behind it is submitted behind it.
  const absl::MutexLock lock(&mutex_);
  const auto behind = behind_.find(tenant);
  if (--behind->second == 0) behind_.erase(behind);
  queued_.fetch_sub(1);
}

}  // namespace holdfast::eventsourcing
