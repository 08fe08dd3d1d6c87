// Whether the outline of an area encloses a surface: no ring crosses itself or another one.
#pragma once

#include "absl/status/status.h"
#include "geography/area.h"

namespace holdfast::geography {

// InvalidArgument with the rule and the place of the fault in degrees; the caller names the area.
//   source   OGC Simple Features 06-103r4 §6.1.11, as GEOS tests it
absl::Status CheckValid(const Area& area);

}  // namespace holdfast::geography
