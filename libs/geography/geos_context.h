// Owners of GEOS handles. Only the .cc files of this room include it.
//
// Coordinates are handed to GEOS as whole numbers of 1e-7 degrees, exact in a double, so that two
// wards that share an edge share it bit for bit.
#pragma once

#include <string>

#include <geos_c.h>

#include "geography/area.h"

namespace holdfast::geography {

// A reentrant context; one thread at a time. It must outlive all that was made in it.
class GeosContext {
 public:
  GeosContext();
  ~GeosContext();
  GeosContext(const GeosContext&) = delete;
  GeosContext& operator=(const GeosContext&) = delete;

  GEOSContextHandle_t get() const { return handle_; }
  // The newest complaint of GEOS, empty if there was none.
  const std::string& complaint() const { return complaint_; }

 private:
  GEOSContextHandle_t handle_;
  std::string complaint_;
};

// Unique owner of a geometry.
class GeosGeometry {
 public:
  GeosGeometry(const GeosContext& context, GEOSGeometry* geometry)
      : context_(&context), geometry_(geometry) {}
  ~GeosGeometry() {
    if (geometry_ != nullptr) GEOSGeom_destroy_r(context_->get(), geometry_);
  }
  GeosGeometry(GeosGeometry&& other) noexcept
      : context_(other.context_), geometry_(other.release()) {}
  GeosGeometry& operator=(GeosGeometry&&) = delete;

  GEOSGeometry* get() const { return geometry_; }
  GEOSGeometry* release() {
    GEOSGeometry* out = geometry_;
    geometry_ = nullptr;
    return out;
  }

 private:
  const GeosContext* context_;
  GEOSGeometry* geometry_;
};

// One polygon or a multipolygon; null where GEOS will not build it (its complaint says why).
GeosGeometry ToGeos(const GeosContext& context, const Area& area);

}  // namespace holdfast::geography
