// The reference sets that are shipped, published into a tenant when it is registered: criteria of
// the gates, police terms, severity weights, measures. Asked again it changes nothing.
#pragma once

#include <string>

#include "absl/status/status.h"

namespace holdfast::app {
class Platform;
}

namespace holdfast::standalone {

// Through the API, as the tenant's administrator.
absl::Status PublishShippedSets(app::Platform& platform, const std::string& tenant);

}  // namespace holdfast::standalone
