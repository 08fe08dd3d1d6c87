// process_*: processor time, memory, file descriptors and start of this process, from /proc.
#pragma once

#include <memory>
#include <vector>

#include "observability/metrics.h"

namespace holdfast::metrics {

std::vector<std::unique_ptr<Registry::Callback>> ReadProcessMetrics(Registry& registry);

}  // namespace holdfast::metrics
