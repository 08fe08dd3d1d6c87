// The service of metrics: data in, measures, baselines, periods, and every figure that leaves.
#pragma once

#include "app/service.h"

namespace holdfast::metrics {

// Listed by its own main and by standalone.
app::Service Metrics();

}  // namespace holdfast::metrics
