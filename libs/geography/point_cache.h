// Remembers the areas of points that come again and again: the crimes of a borough stand on about
// a thousand snap points.
#pragma once

#include <cstdint>
#include <vector>

#include "geography/area.h"
#include "geography/area_index.h"

namespace holdfast::geography {

// A direct-mapped cache of constant size (256 KiB): a newer point takes the slot of an older one,
// so points that never repeat cost one comparison more. As thread-safe as its index: not.
class PointCache {
 public:
  // `index` must outlive the cache.
  explicit PointCache(AreaIndex& index);

  // As AreaIndex::Find.
  std::int32_t Find(Position point);

  std::uint64_t hits() const { return hits_; }
  std::uint64_t misses() const { return misses_; }

 private:
  struct Slot {
    Position point;
    std::int32_t area = 0;
    std::int32_t used = 0;
  };

  AreaIndex& index_;
  std::vector<Slot> slots_;
  std::uint64_t hits_ = 0;
  std::uint64_t misses_ = 0;
};

}  // namespace holdfast::geography
