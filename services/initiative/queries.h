// What may be read of the initiative.
#pragma once

#include "holdfast/initiative/v1/initiative.pb.h"

#include "absl/status/statusor.h"
#include "app/service.h"

namespace holdfast::initiative {

// NOT_FOUND for a site that is not there, or not the caller's.
absl::StatusOr<v1::GetSiteResponse> GetSite(const v1::GetSiteRequest&, const app::QueryContext&);
absl::StatusOr<v1::GetGateResponse> GetGate(const v1::GetGateRequest&, const app::QueryContext&);

// Lists: 50 rows where no page_size is given.
absl::StatusOr<v1::ListSitesResponse> ListSites(const v1::ListSitesRequest&,
                                                const app::QueryContext&);
absl::StatusOr<v1::ListPhasesResponse> ListPhases(const v1::ListPhasesRequest&,
                                                  const app::QueryContext&);
absl::StatusOr<v1::ListReferenceSetsResponse> ListReferenceSets(const v1::ListReferenceSetsRequest&,
                                                                const app::QueryContext&);

}  // namespace holdfast::initiative
