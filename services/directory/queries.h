// What may be read of the directory. Lists: 50 rows where no page_size is given.
#pragma once

#include "holdfast/directory/v1/administration.pb.h"
#include "holdfast/directory/v1/operator.pb.h"

#include "absl/status/statusor.h"
#include "app/service.h"

namespace holdfast::directory {

absl::StatusOr<v1::ListTenantsResponse> ListTenants(const v1::ListTenantsRequest&,
                                                    const app::QueryContext&);
absl::StatusOr<v1::ListAgenciesResponse> ListAgencies(const v1::ListAgenciesRequest&,
                                                      const app::QueryContext&);
absl::StatusOr<v1::ListMembersResponse> ListMembers(const v1::ListMembersRequest&,
                                                    const app::QueryContext&);
absl::StatusOr<v1::ListAgreementsResponse> ListAgreements(const v1::ListAgreementsRequest&,
                                                          const app::QueryContext&);
absl::StatusOr<v1::ListClientsResponse> ListClients(const v1::ListClientsRequest&,
                                                    const app::QueryContext&);
absl::StatusOr<v1::ListContactPointsResponse> ListContactPoints(const v1::ListContactPointsRequest&,
                                                                const app::QueryContext&);

}  // namespace holdfast::directory
