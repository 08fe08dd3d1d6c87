// What every tenant gets when it is registered: the example set of weights, and the measures.
#pragma once

#include <string_view>
#include <vector>

#include "holdfast/metrics/v1/metrics.pb.h"

namespace holdfast::metrics {

// deploy/reference/css-by-category.csv, compiled in.
std::string_view ShippedWeights();

// `severity`, `crime` (all but anti-social behaviour), and one for each category of police.uk.
std::vector<v1::DefineMeasure> ShippedMeasures();

}  // namespace holdfast::metrics
