#include "standalone/shipped_sets.h"

#include "base/status_macros.h"
#include "initiative/publish_shipped.h"
#include "metrics/publish_shipped.h"

namespace holdfast::standalone {

absl::Status PublishShippedSets(app::Platform& platform, const std::string& tenant) {
  RETURN_IF_ERROR(initiative::PublishShipped(platform, tenant));
  return metrics::PublishShipped(platform, tenant);
}

}  // namespace holdfast::standalone
