#include "eventsourcing/tenant_places.h"

#include "journal/journal.h"

namespace holdfast::eventsourcing {

void TenantPlaces::Set(std::uint32_t partition, const std::string& tenant,
                       const TenantStand& stand) {
  const absl::MutexLock lock(&mutex_);
  by_tenant_[tenant][partition] = stand;
  any_.store(true);
}

void TenantPlaces::Forget(std::uint32_t partition) {
  const absl::MutexLock lock(&mutex_);
  for (auto& [tenant, stands] : by_tenant_) stands.erase(partition);
}

std::uint32_t TenantPlaces::HomeOf(const std::string& tenant) const {
  return journal::PartitionOf(tenant, partitions_);
}

std::uint32_t TenantPlaces::Find(const std::string& tenant, Ask folded, Ask served) const {
  const std::uint32_t home = HomeOf(tenant);
  if (!any_.load()) return home;
  const absl::MutexLock lock(&mutex_);
  const auto found = by_tenant_.find(tenant);
  if (found == by_tenant_.end()) return home;
  const Stands& stands = found->second;
  for (const auto& [partition, stand] : stands) {
    if (stand.open && served(partition)) return partition;
  }
  if (folded(home)) return WalkFrom(home, stands);
  for (const auto& [partition, stand] : stands) {
    if (stand.open) return partition;
  }
  return home;
}

// After its closings, until one that does not know, or that takes commands. A tenant that is on its
// way may lead round in a circle: then any of them says so.
std::uint32_t TenantPlaces::WalkFrom(std::uint32_t home, const Stands& stands) const {
  std::uint32_t at = home;
  for (std::uint32_t steps = 0; steps < partitions_; ++steps) {
    const auto stand = stands.find(at);
    if (stand == stands.end() || stand->second.open || !stand->second.moved_to) return at;
    at = *stand->second.moved_to;
  }
  return at;
}

std::optional<TenantStand> TenantPlaces::StandIn(std::uint32_t partition,
                                                 const std::string& tenant) const {
  if (!any_.load()) return std::nullopt;
  const absl::MutexLock lock(&mutex_);
  const auto found = by_tenant_.find(tenant);
  if (found == by_tenant_.end()) return std::nullopt;
  const auto stand = found->second.find(partition);
  if (stand == found->second.end()) return std::nullopt;
  return stand->second;
}

std::vector<TenantArrival> TenantPlaces::ArrivedIn(std::uint32_t partition) const {
  std::vector<TenantArrival> arrivals;
  if (!any_.load()) return arrivals;
  const absl::MutexLock lock(&mutex_);
  for (const auto& [tenant, stands] : by_tenant_) {
    const auto stand = stands.find(partition);
    if (stand != stands.end() && stand->second.open)
      arrivals.push_back({tenant, HomeOf(tenant), stand->second.closings});
  }
  return arrivals;
}

}  // namespace holdfast::eventsourcing
