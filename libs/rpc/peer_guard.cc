#include "rpc/peer_guard.h"

#include <algorithm>

#include "base/error.h"

namespace holdfast::rpc {

std::string NoPeer() {
  return "";
}

absl::Status PeerGuard::Hears(PeerOf peer, absl::Time now) {
  if (!any_closed_.load(std::memory_order_relaxed)) return absl::OkStatus();
  const std::string name = peer();
  const absl::MutexLock lock(&mutex_);
  const auto found = counts_.find(name);
  if (found == counts_.end() || found->second.closed_until <= now) {
    any_closed_.store(std::ranges::any_of(
        counts_, [now](const auto& count) { return count.second.closed_until > now; }));
    return absl::OkStatus();
  }
  return WithRetry(
      ErrorWithReason(
          absl::StatusCode::kResourceExhausted, "QUOTA",
          "Too much of what this connection sends cannot be decoded, so it is not heard "
          "for a minute. Send messages of the methods' own types."),
      found->second.closed_until - now);
}

void PeerGuard::Undecodable(PeerOf peer, absl::Time now) {
  std::string name = peer();
  if (name.empty()) return;
  const absl::MutexLock lock(&mutex_);
  if (counts_.size() >= kMostPeers && !counts_.contains(name)) {
    std::erase_if(counts_, [now](const auto& count) {
      return count.second.closed_until <= now && count.second.began + kWindow <= now;
    });
    if (counts_.size() >= kMostPeers) counts_.clear();
  }
  Count& count = counts_[std::move(name)];
  if (count.undecodable == 0 || count.began + kWindow <= now) count = {now, 0, count.closed_until};
  if (++count.undecodable < kMostUndecodable) return;
  count = {now, 0, now + kWindow};
  any_closed_.store(true);
}

}  // namespace holdfast::rpc
