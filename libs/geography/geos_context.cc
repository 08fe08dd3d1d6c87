#include "geography/geos_context.h"

#include <cstddef>
#include <vector>

#include "base/check.h"

namespace holdfast::geography {
namespace {

GeosGeometry ToGeos(const GeosContext& context, const Ring& ring) {
  GEOSCoordSequence* positions =
      GEOSCoordSeq_create_r(context.get(), static_cast<unsigned>(ring.size()), 2);
  HOLDFAST_CHECK(positions != nullptr);
  for (std::size_t i = 0; i < ring.size(); ++i) {
    GEOSCoordSeq_setXY_r(context.get(), positions, static_cast<unsigned>(i), ring[i].lon_e7,
                         ring[i].lat_e7);
  }
  return {context, GEOSGeom_createLinearRing_r(context.get(), positions)};
}

GeosGeometry ToGeos(const GeosContext& context, const Polygon& polygon) {
  std::vector<GeosGeometry> rings;
  rings.reserve(polygon.rings.size());
  for (const Ring& ring : polygon.rings) {
    rings.push_back(ToGeos(context, ring));
    if (rings.back().get() == nullptr) return {context, nullptr};
  }
  if (rings.empty()) return {context, nullptr};
  GEOSGeometry* outline = rings.front().release();
  std::vector<GEOSGeometry*> holes;
  for (std::size_t i = 1; i < rings.size(); ++i) holes.push_back(rings[i].release());
  return {context, GEOSGeom_createPolygon_r(context.get(), outline, holes.data(),
                                            static_cast<unsigned>(holes.size()))};
}

}  // namespace

GeosContext::GeosContext() : handle_(GEOS_init_r()) {
  HOLDFAST_CHECK(handle_ != nullptr);
  GEOSContext_setErrorMessageHandler_r(
      handle_,
      [](const char* what, void* self) { static_cast<GeosContext*>(self)->complaint_ = what; },
      this);
}

GeosContext::~GeosContext() {
  GEOS_finish_r(handle_);
}

GeosGeometry ToGeos(const GeosContext& context, const Area& area) {
  std::vector<GeosGeometry> polygons;
  polygons.reserve(area.polygons.size());
  for (const Polygon& polygon : area.polygons) {
    polygons.push_back(ToGeos(context, polygon));
    if (polygons.back().get() == nullptr) return {context, nullptr};
  }
  if (polygons.size() == 1) return std::move(polygons.front());
  std::vector<GEOSGeometry*> parts;
  parts.reserve(polygons.size());
  for (GeosGeometry& polygon : polygons) parts.push_back(polygon.release());
  return {context, GEOSGeom_createCollection_r(context.get(), GEOS_MULTIPOLYGON, parts.data(),
                                               static_cast<unsigned>(parts.size()))};
}

}  // namespace holdfast::geography
