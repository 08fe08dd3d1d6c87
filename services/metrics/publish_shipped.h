// The reference sets of this context that are shipped, published into a tenant when it is
// registered: severity weights, measures. Asked again it changes nothing.
#pragma once

#include <string>

#include "absl/status/status.h"

namespace holdfast::app {
class Platform;
}

namespace holdfast::metrics {

// Through the API, as the tenant's administrator.
absl::Status PublishShipped(app::Platform& platform, const std::string& tenant);

}  // namespace holdfast::metrics
