// What the import RPCs do; see import_job.h for how.
#pragma once

#include "holdfast/metrics/v1/metrics.pb.h"

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "app/service.h"

namespace holdfast::metrics {

absl::StatusOr<v1::UploadResponse> Upload(const app::Source<v1::UploadChunk>& source,
                                          app::CallContext& call);
absl::StatusOr<v1::ImportPlan> PlanImport(const v1::PlanImportRequest& request,
                                          app::CallContext& call);
absl::StatusOr<v1::ImportResult> ApplyImport(const v1::ApplyImportRequest& request,
                                             app::CallContext& call);
// Reads the views until the import has done with every month of the plan; opened later it says so
// and ends.
absl::Status WatchImport(const v1::WatchImportRequest& request, app::CallContext& call,
                         const app::Sink<v1::ImportProgress>& sink);
absl::StatusOr<v1::ListImportErrorsResponse> ListImportErrors(
    const v1::ListImportErrorsRequest& request, app::CallContext& call);
absl::StatusOr<v1::ImportResult> ApproveImport(const v1::ApproveImportRequest& request,
                                               app::CallContext& call);
absl::StatusOr<v1::ImportResult> RevertImport(const v1::RevertImportRequest& request,
                                              app::CallContext& call);

}  // namespace holdfast::metrics
