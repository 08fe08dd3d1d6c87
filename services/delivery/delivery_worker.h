// What holdfast-delivery does: a relay for each context, a desk for each tenant with an inbound
// client, each on a thread of its own.
#pragma once

#include <memory>

#include "absl/status/statusor.h"
#include "app/platform.h"

namespace holdfast::delivery {

// kFailedPrecondition and a sentence where a topic is not there, or the configuration names what
// there is not.
absl::StatusOr<std::unique_ptr<app::Worker>> StartDelivery(const app::WorkPlace& place);

}  // namespace holdfast::delivery
