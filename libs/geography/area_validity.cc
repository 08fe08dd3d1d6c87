#include "geography/area_validity.h"

#include <cctype>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "geography/geos_context.h"

namespace holdfast::geography {
namespace {

std::string At(const GeosContext& context, const GEOSGeometry* place) {
  double lon = 0;
  double lat = 0;
  if (place == nullptr || GEOSGeomGetX_r(context.get(), place, &lon) != 1 ||
      GEOSGeomGetY_r(context.get(), place, &lat) != 1) {
    return "";
  }
  return absl::StrFormat(" at longitude %.7f, latitude %.7f", lon / 1e7, lat / 1e7);
}

}  // namespace

absl::Status CheckValid(const Area& area) {
  if (area.polygons.empty()) return absl::InvalidArgumentError("the geometry has no polygon");
  const GeosContext context;
  const GeosGeometry geometry = ToGeos(context, area);
  if (geometry.get() == nullptr) return absl::InvalidArgumentError(context.complaint());
  char* reason = nullptr;
  GEOSGeometry* place = nullptr;
  const char valid = GEOSisValidDetail_r(context.get(), geometry.get(), 0, &reason, &place);
  const GeosGeometry owned(context, place);
  std::string why = reason == nullptr ? context.complaint() : reason;
  GEOSFree_r(context.get(), reason);
  if (valid == 1) return absl::OkStatus();
  if (!why.empty()) why[0] = static_cast<char>(std::tolower(static_cast<unsigned char>(why[0])));
  return absl::InvalidArgumentError(
      absl::StrCat("the outline is not valid: ", why, At(context, place)));
}

}  // namespace holdfast::geography
