#include "geography/area_index.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "base/check.h"
#include "geography/geos_context.h"

namespace holdfast::geography {

struct AreaIndex::Impl {
  struct Item {
    const GEOSPreparedGeometry* prepared;
    std::int32_t index;  // in the caller's areas
    std::int32_t rank;   // among the codes, 0 is the lowest
  };

  // One question to the tree: the candidates whose box holds the point.
  struct Question {
    GEOSContextHandle_t context;
    const GEOSGeometry* point;
    const Item* best;
  };

  GeosContext context;
  std::vector<GeosGeometry> geometries;
  std::vector<Item> items;  // the tree points into it
  GEOSSTRtree* tree = nullptr;

  ~Impl() {
    for (const Item& item : items) GEOSPreparedGeom_destroy_r(context.get(), item.prepared);
    if (tree != nullptr) GEOSSTRtree_destroy_r(context.get(), tree);
  }

  absl::Status Build(std::span<const Area> areas);
  static void Ask(void* found, void* asked);
};

absl::Status AreaIndex::Impl::Build(std::span<const Area> areas) {
  std::vector<std::int32_t> by_code(areas.size());
  for (std::size_t i = 0; i < areas.size(); ++i) by_code[i] = static_cast<std::int32_t>(i);
  const auto code = [&](std::int32_t i) -> const std::string& {
    return areas[static_cast<std::size_t>(i)].code;
  };
  std::ranges::sort(by_code, {}, code);
  const auto twice = std::ranges::adjacent_find(by_code, {}, code);
  if (twice != by_code.end()) {
    return absl::InvalidArgumentError(absl::StrCat("two areas have the code ", code(*twice)));
  }

  items.reserve(areas.size());
  geometries.reserve(areas.size());
  tree = GEOSSTRtree_create_r(context.get(), 10);
  for (std::size_t rank = 0; rank < by_code.size(); ++rank) {
    const std::int32_t index = by_code[rank];
    geometries.push_back(ToGeos(context, areas[static_cast<std::size_t>(index)]));
    const GEOSGeometry* geometry = geometries.back().get();
    const GEOSPreparedGeometry* prepared =
        geometry == nullptr ? nullptr : GEOSPrepare_r(context.get(), geometry);
    if (prepared == nullptr) {
      return absl::InvalidArgumentError(
          absl::StrCat("area ", code(index), " has no usable outline: ", context.complaint()));
    }
    items.push_back({prepared, index, static_cast<std::int32_t>(rank)});
    GEOSSTRtree_insert_r(context.get(), tree, geometry, &items.back());
  }
  return absl::OkStatus();
}

void AreaIndex::Impl::Ask(void* found, void* asked) {
  const Item& item = *static_cast<const Item*>(found);
  Question& question = *static_cast<Question*>(asked);
  if (question.best != nullptr && question.best->rank < item.rank) return;
  if (GEOSPreparedIntersects_r(question.context, item.prepared, question.point) == 1) {
    question.best = &item;
  }
}

AreaIndex::AreaIndex(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
AreaIndex::~AreaIndex() = default;

absl::StatusOr<std::unique_ptr<AreaIndex>> AreaIndex::Create(std::span<const Area> areas) {
  auto impl = std::make_unique<Impl>();
  if (absl::Status built = impl->Build(areas); !built.ok()) return built;
  return std::unique_ptr<AreaIndex>(new AreaIndex(std::move(impl)));
}

std::int32_t AreaIndex::Find(Position point) {
  const GEOSContextHandle_t context = impl_->context.get();
  const GeosGeometry geometry(impl_->context,
                              GEOSGeom_createPointFromXY_r(context, point.lon_e7, point.lat_e7));
  HOLDFAST_CHECK(geometry.get() != nullptr);
  Impl::Question question{context, geometry.get(), nullptr};
  GEOSSTRtree_query_r(context, impl_->tree, geometry.get(), &Impl::Ask, &question);
  return question.best == nullptr ? kNowhere : question.best->index;
}

std::size_t AreaIndex::size() const {
  return impl_->items.size();
}

}  // namespace holdfast::geography
