#include "metrics/publish_shipped.h"

#include "holdfast/metrics/v1/metrics.pb.h"

#include "app/platform.h"
#include "rpc/client.h"

namespace holdfast::metrics {

absl::Status PublishShipped(app::Platform& platform, const std::string& tenant) {
  v1::PublishShippedReferenceResponse published;
  return platform.ClientOf(tenant, "administrator")
      .Call("/holdfast.metrics.v1.MetricsService/PublishShippedReference",
            v1::PublishShippedReferenceRequest(), published);
}

}  // namespace holdfast::metrics
