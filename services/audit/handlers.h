// What may be asked of the audit log, beside registering witnesses.
#pragma once

#include "holdfast/audit/v1/audit.pb.h"
#include "holdfast/audit/v1/bundle.pb.h"

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "app/service.h"

namespace holdfast::audit {

// Takes the entries since the last time into the tree, and signs it where it has grown. kDataLoss,
// reason LOG_REWRITTEN, where the entries no longer give the root that was signed: then nothing is
// signed any more, and what stands there is kept.
absl::StatusOr<v1::SignCheckpointResponse> SignCheckpoint(const v1::SignCheckpointRequest& request,
                                                          app::CallContext& call);

// kOutOfRange (NOT_GROWN_FROM) where the caller has seen a larger tree than the last signed one: it
// has seen another log.
absl::StatusOr<v1::GetCheckpointResponse> GetCheckpoint(const v1::GetCheckpointRequest& request,
                                                        app::CallContext& call);

// Of witnesses that are registered, under the last checkpoint. kFailedPrecondition (NOT_THE_LAST,
// NO_WITNESS).
absl::StatusOr<v1::AddCosignatureResponse> AddCosignature(const v1::AddCosignatureRequest& request,
                                                          app::CallContext& call);

// Logs that it discloses, signs, then streams a head and what it covers, tile by tile.
// kFailedPrecondition (NOTHING_SIGNED) where there is nothing from there on.
absl::Status ExportForRegulator(const v1::ExportForRegulatorRequest& request,
                                app::CallContext& call, const app::Sink<v1::BundlePart>& sink);

}  // namespace holdfast::audit
