#include "geography/point_cache.h"

#include <cstddef>

namespace holdfast::geography {
namespace {

constexpr unsigned kSlotBits = 14;

// Fibonacci hashing of both halves: neighbours spread over the slots.
std::size_t SlotOf(Position point) {
  const std::uint64_t both = static_cast<std::uint64_t>(static_cast<std::uint32_t>(point.lon_e7))
                                 << 32U |
                             static_cast<std::uint32_t>(point.lat_e7);
  const std::uint64_t mixed = (both ^ both >> 29U) * 0x9E3779B97F4A7C15U;
  return mixed >> (64U - kSlotBits);
}

}  // namespace

PointCache::PointCache(AreaIndex& index) : index_(index), slots_(std::size_t{1} << kSlotBits) {}

std::int32_t PointCache::Find(Position point) {
  Slot& slot = slots_[SlotOf(point)];
  if (slot.used != 0 && slot.point == point) {
    ++hits_;
    return slot.area;
  }
  ++misses_;
  slot = {point, index_.Find(point), 1};
  return slot.area;
}

}  // namespace holdfast::geography
