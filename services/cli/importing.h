// Plan, then apply: what `import run`, `import police-uk` and the demonstration do.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "holdfast/metrics/v1/metrics.pb.h"

#include "absl/status/statusor.h"

namespace holdfast::cli {

class Session;

// Zero writes. Long: the service reads the files whole.
absl::StatusOr<metrics::v1::ImportPlan> PlanImport(Session& session,
                                                   const metrics::v1::PlanImportRequest& request);

// Applies the plan and shows how far it is. Interrupted and called again it goes on where it was.
absl::StatusOr<metrics::v1::ImportResult> ApplyImport(Session& session, const std::string& token,
                                                      std::uint64_t rows);

}  // namespace holdfast::cli
