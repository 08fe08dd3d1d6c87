// Where the tenants of one context stand that are not, or were not always, where their name puts
// them: what the partitions that are folded here say. Everybody else is at home
// (journal::PartitionOf).
//
//   home: closed, goes on in 3  -->  3: open
//
// A way to the owner and nothing more: what counts is decided by the acceptance fold of each
// partition, and by its actor.
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/functional/function_ref.h"
#include "absl/synchronization/mutex.h"

namespace holdfast::eventsourcing {

// What one partition says of a tenant.
struct TenantStand {
  bool open = false;                      // commands are taken
  std::optional<std::uint32_t> moved_to;  // where its last closing here says that it goes on
  std::uint32_t closings = 0;             // here, that say where it goes on
  friend bool operator==(const TenantStand&, const TenantStand&) = default;
};

// A tenant that is open in a partition to which it came: from its home, or back to it.
struct TenantArrival {
  std::string tenant;
  std::uint32_t home = 0;
  std::uint32_t closings = 0;  // in the partition, before it came
  friend auto operator<=>(const TenantArrival&, const TenantArrival&) = default;
};

// Thread-safe.
class TenantPlaces {
 public:
  explicit TenantPlaces(std::uint32_t partitions) : partitions_(partitions) {}

  // Of a tenant that came, left, or is on its way.
  void Set(std::uint32_t partition, const std::string& tenant, const TenantStand& stand);
  // The partition is folded anew.
  void Forget(std::uint32_t partition);

  // What is known of the partitions that are asked for.
  using Ask = absl::FunctionRef<bool(std::uint32_t partition)>;
  // Where commands of the tenant go: the partition that takes them, as far as is known here; else
  // the one that knows more. `folded`: here; `served`: by this process.
  std::uint32_t Find(const std::string& tenant, Ask folded, Ask served) const;

  std::uint32_t HomeOf(const std::string& tenant) const;
  // What that partition says of the tenant; none where it never came or left.
  std::optional<TenantStand> StandIn(std::uint32_t partition, const std::string& tenant) const;
  // In order of name.
  std::vector<TenantArrival> ArrivedIn(std::uint32_t partition) const;

 private:
  using Stands = std::map<std::uint32_t, TenantStand>;  // by partition

  std::uint32_t WalkFrom(std::uint32_t home, const Stands& stands) const;

  const std::uint32_t partitions_;
  std::atomic<bool> any_{false};  // so that nobody waits where nobody ever moved
  mutable absl::Mutex mutex_;
  std::map<std::string, Stands, std::less<>> by_tenant_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace holdfast::eventsourcing
