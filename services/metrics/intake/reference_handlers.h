// Reference sets and geography: whole or nothing, then the crimes that came before are resolved in
// new areas.
#pragma once

#include "holdfast/metrics/v1/metrics.pb.h"

#include "absl/status/statusor.h"
#include "app/service.h"

namespace holdfast::metrics {

absl::StatusOr<v1::ImportReferenceResponse> ImportGeography(
    const v1::ImportGeographyRequest& request, app::CallContext& call);
absl::StatusOr<v1::ImportReferenceResponse> ImportReference(
    const v1::ImportReferenceRequest& request, app::CallContext& call);
absl::StatusOr<v1::ResolveAreasResponse> ResolveAreas(const v1::ResolveAreasRequest& request,
                                                      app::CallContext& call);
absl::StatusOr<v1::PublishShippedReferenceResponse> PublishShippedReference(
    const v1::PublishShippedReferenceRequest& request, app::CallContext& call);

}  // namespace holdfast::metrics
