// What signs the logs of all tenants, every second.
#pragma once

#include <memory>

#include "absl/status/statusor.h"
#include "app/platform.h"

namespace holdfast::audit {

absl::StatusOr<std::unique_ptr<app::Worker>> StartSigning(const app::WorkPlace& place);

}  // namespace holdfast::audit
