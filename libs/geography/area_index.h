// Which area a point lies in: a grid of cells above GEOS prepared geometries.
//
// A cell knows the areas whose box it touches. Asked for the first time, it finds out by GEOS
// whether one area covers it whole, or none touches it: then its points are answered without GEOS,
// with the same answer. Only cells on a border ask GEOS for each point.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "absl/status/statusor.h"
#include "geography/area.h"

namespace holdfast::geography {

// Not thread-safe (cells and GEOS learn while they are asked): make one per thread; 17 wards take
// less than a millisecond.
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
