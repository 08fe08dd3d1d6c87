// An area's outline as events keep it: differences of whole 1e-7 degrees.
#pragma once

#include "holdfast/metrics/v1/words.pb.h"

#include "geography/area.h"

namespace holdfast::metrics {

v1::Feature ToFeature(const geography::Area& area);
geography::Area ToArea(const v1::Feature& feature);

}  // namespace holdfast::metrics
