#include "geography/fuzz_entry.h"

#include "base/check.h"
#include "geography/area_index.h"
#include "geography/geojson.h"

namespace holdfast::geography {

void FuzzGeoJson(std::string_view bytes) {
  const auto areas = ParseAreas(bytes, {.code = "code", .name = "name"});
  if (!areas.ok()) {
    HOLDFAST_CHECK(!areas.status().message().empty());
    return;
  }
  auto index = AreaIndex::Create(*areas);
  HOLDFAST_CHECK(index.ok());  // what was accepted can be indexed
  for (const Area& area : *areas) {
    const std::int32_t found = (*index)->Find(area.polygons[0].rings[0][0]);
    HOLDFAST_CHECK(found != AreaIndex::kNowhere);  // a corner lies in its own area, or a lower code
    HOLDFAST_CHECK((*areas)[static_cast<std::size_t>(found)].code <= area.code);
  }
}

}  // namespace holdfast::geography
