#include "geography/area_index.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "base/check.h"
#include "base/status_macros.h"
#include "geography/geos_context.h"

namespace holdfast::geography {
namespace {

// Closed on all sides.
struct Box {
  std::int64_t west = 0;
  std::int64_t south = 0;
  std::int64_t east = -1;  // less than west: empty
  std::int64_t north = -1;

  void Include(Position at) {
    if (east < west) *this = {at.lon_e7, at.lat_e7, at.lon_e7, at.lat_e7};
    west = std::min<std::int64_t>(west, at.lon_e7);
    south = std::min<std::int64_t>(south, at.lat_e7);
    east = std::max<std::int64_t>(east, at.lon_e7);
    north = std::max<std::int64_t>(north, at.lat_e7);
  }
  bool Holds(Position at) const {
    return at.lon_e7 >= west && at.lon_e7 <= east && at.lat_e7 >= south && at.lat_e7 <= north;
  }
};

void Include(Box& box, const Area& area) {
  for (const Polygon& polygon : area.polygons) {
    for (const Position at : polygon.rings.front()) box.Include(at);
  }
}

// What is known of a cell's points; an index of an area where it is not negative.
constexpr std::int32_t kMixed = -2;
constexpr std::int32_t kNotAsked = -3;

}  // namespace

struct AreaIndex::Impl {
  struct Item {
    GeosGeometry geometry;
    const GEOSPreparedGeometry* prepared;
    std::int32_t index;  // in the caller's areas
    Box box;
  };
  struct Cell {
    std::int32_t answer = kNotAsked;
    std::vector<std::int32_t> candidates;  // items, lowest code first
  };

  GeosContext context;
  std::vector<Item> items;  // lowest code first
  Box bounds;
  std::int64_t side = 0;  // cells in a row, and rows
  std::int64_t cell_width = 1;
  std::int64_t cell_height = 1;
  std::vector<Cell> cells;

  ~Impl() {
    for (const Item& item : items) GEOSPreparedGeom_destroy_r(context.get(), item.prepared);
  }

  absl::Status AddItems(std::span<const Area> areas);
  void LayGrid();
  std::int64_t Column(std::int64_t lon) const { return (lon - bounds.west) / cell_width; }
  std::int64_t Line(std::int64_t lat) const { return (lat - bounds.south) / cell_height; }
  std::int32_t Learn(const Cell& cell, std::int64_t column, std::int64_t line) const;
  std::int32_t AskGeos(const Cell& cell, Position point) const;
};

absl::Status AreaIndex::Impl::AddItems(std::span<const Area> areas) {
  std::vector<std::int32_t> by_code(areas.size());
  for (std::size_t i = 0; i < areas.size(); ++i) by_code[i] = static_cast<std::int32_t>(i);
  const auto area = [&](std::int32_t i) -> const Area& {
    return areas[static_cast<std::size_t>(i)];
  };
  const auto code = [&](std::int32_t i) -> const std::string& { return area(i).code; };
  std::ranges::sort(by_code, {}, code);
  const auto twice = std::ranges::adjacent_find(by_code, {}, code);
  if (twice != by_code.end()) {
    return absl::InvalidArgumentError(absl::StrCat("two areas have the code ", code(*twice)));
  }
  items.reserve(areas.size());
  for (const std::int32_t index : by_code) {
    GeosGeometry geometry = ToGeos(context, area(index));
    const GEOSPreparedGeometry* prepared =
        geometry.get() == nullptr ? nullptr : GEOSPrepare_r(context.get(), geometry.get());
    if (prepared == nullptr) {
      return absl::InvalidArgumentError(
          absl::StrCat("area ", code(index), " has no usable outline: ", context.complaint()));
    }
    Box box;
    Include(box, area(index));
    Include(bounds, area(index));
    items.push_back({std::move(geometry), prepared, index, box});
  }
  return absl::OkStatus();
}

// About 256 cells for each area, so that most cells lie inside one.
void AreaIndex::Impl::LayGrid() {
  if (items.empty()) return;
  side = std::clamp<std::int64_t>(std::lround(16 * std::sqrt(items.size())), 16, 512);
  cell_width = (bounds.east - bounds.west) / side + 1;
  cell_height = (bounds.north - bounds.south) / side + 1;
  cells.resize(static_cast<std::size_t>(side * side));
  for (std::size_t i = 0; i < items.size(); ++i) {
    const Box& box = items[i].box;
    for (std::int64_t line = Line(box.south); line <= Line(box.north); ++line) {
      for (std::int64_t column = Column(box.west); column <= Column(box.east); ++column) {
        cells[static_cast<std::size_t>(line * side + column)].candidates.push_back(
            static_cast<std::int32_t>(i));
      }
    }
  }
}

std::int32_t AreaIndex::Impl::Learn(const Cell& cell, std::int64_t column,
                                    std::int64_t line) const {
  const auto west = static_cast<double>(bounds.west + column * cell_width);
  const auto south = static_cast<double>(bounds.south + line * cell_height);
  if (cell_width == 1 || cell_height == 1) return kMixed;  // no rectangle
  const GeosGeometry rectangle(
      context, GEOSGeom_createRectangle_r(context.get(), west, south,
                                          west + static_cast<double>(cell_width - 1),
                                          south + static_cast<double>(cell_height - 1)));
  HOLDFAST_CHECK(rectangle.get() != nullptr);
  for (const std::int32_t candidate : cell.candidates) {
    const Item& item = items[static_cast<std::size_t>(candidate)];
    if (GEOSPreparedCovers_r(context.get(), item.prepared, rectangle.get()) == 1) return item.index;
    if (GEOSPreparedIntersects_r(context.get(), item.prepared, rectangle.get()) != 0) return kMixed;
  }
  return kNowhere;
}

std::int32_t AreaIndex::Impl::AskGeos(const Cell& cell, Position point) const {
  const GeosGeometry geometry(
      context, GEOSGeom_createPointFromXY_r(context.get(), point.lon_e7, point.lat_e7));
  HOLDFAST_CHECK(geometry.get() != nullptr);
  for (const std::int32_t candidate : cell.candidates) {
    const Item& item = items[static_cast<std::size_t>(candidate)];
    if (item.box.Holds(point) &&
        GEOSPreparedIntersects_r(context.get(), item.prepared, geometry.get()) == 1) {
      return item.index;
    }
  }
  return kNowhere;
}

AreaIndex::AreaIndex(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
AreaIndex::~AreaIndex() = default;

absl::StatusOr<std::unique_ptr<AreaIndex>> AreaIndex::Create(std::span<const Area> areas) {
  auto impl = std::make_unique<Impl>();
  RETURN_IF_ERROR(impl->AddItems(areas));
  impl->LayGrid();
  return std::unique_ptr<AreaIndex>(new AreaIndex(std::move(impl)));
}

std::int32_t AreaIndex::Find(Position point) {
  if (!impl_->bounds.Holds(point)) return kNowhere;
  const std::int64_t column = impl_->Column(point.lon_e7);
  const std::int64_t line = impl_->Line(point.lat_e7);
  Impl::Cell& cell = impl_->cells[static_cast<std::size_t>(line * impl_->side + column)];
  if (cell.answer == kNotAsked) cell.answer = impl_->Learn(cell, column, line);
  return cell.answer == kMixed ? impl_->AskGeos(cell, point) : cell.answer;
}

std::size_t AreaIndex::size() const {
  return impl_->items.size();
}

}  // namespace holdfast::geography
