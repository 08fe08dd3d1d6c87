// Which area a point lies in: GEOS prepared geometries below an STR tree.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "absl/status/statusor.h"
#include "geography/area.h"

namespace holdfast::geography {

// Not thread-safe (GEOS builds its indexes at the first question): make one per thread; 17 wards
// take about a millisecond.
class AreaIndex {
 public:
  static constexpr std::int32_t kNowhere = -1;

  // Copies what it needs of `areas`. InvalidArgument where an outline cannot be built, or two areas
  // have the same code.
  static absl::StatusOr<std::unique_ptr<AreaIndex>> Create(std::span<const Area> areas);
  ~AreaIndex();
  AreaIndex(const AreaIndex&) = delete;
  AreaIndex& operator=(const AreaIndex&) = delete;

  // The index in `areas` of the area that holds the point, or kNowhere. A point on an edge is in;
  // on an edge that areas share, the lowest code wins. Never the nearest area.
  std::int32_t Find(Position point);

  std::size_t size() const;

 private:
  struct Impl;
  explicit AreaIndex(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace holdfast::geography
