#include "directory/queries.h"

#include <algorithm>
#include <string>

#include "base/status_macros.h"
#include "directory/views/agency_list.h"
#include "directory/views/agreement_list.h"
#include "directory/views/client_list.h"
#include "directory/views/contact_point_list.h"
#include "directory/views/member_list.h"
#include "directory/views/tenant_list.h"
#include "readmodel/page.h"

namespace holdfast::directory {
namespace {

// A list of the rows of V that match, into the repeated field that `rows` gives.
template <class V, class Answer, class Request, class Matches, class Rows>
absl::StatusOr<Answer> List(const Request& request, const app::QueryContext& context,
                            Matches matches, Rows rows) {
  Answer answer;
  ASSIGN_OR_RETURN(
      *answer.mutable_next_page_token(),
      readmodel::Page<V>(request, "", context.reader(), matches,
                         [&](const typename V::Row& row) { *rows(answer)->Add() = row; }));
  *answer.mutable_as_of() = context.reader().as_of();
  return answer;
}

bool Holds(const v1::MemberRow& member, options::v1::Role::Code role) {
  return std::ranges::any_of(
      member.roles(), [role](const v1::MemberRow::Role& held) { return held.role() == role; });
}

}  // namespace

absl::StatusOr<v1::ListTenantsResponse> ListTenants(const v1::ListTenantsRequest& request,
                                                    const app::QueryContext& context) {
  return List<TenantList, v1::ListTenantsResponse>(
      request, context,
      [&](const v1::TenantRow& row) {
        return request.include_closed() || row.life() != v1::TenantRow::CLOSED;
      },
      [](v1::ListTenantsResponse& answer) { return answer.mutable_tenants(); });
}

absl::StatusOr<v1::ListAgenciesResponse> ListAgencies(const v1::ListAgenciesRequest& request,
                                                      const app::QueryContext& context) {
  return List<AgencyList, v1::ListAgenciesResponse>(
      request, context,
      [&](const v1::AgencyRow& row) { return request.include_retired() || !row.retired(); },
      [](v1::ListAgenciesResponse& answer) { return answer.mutable_agencies(); });
}

absl::StatusOr<v1::ListMembersResponse> ListMembers(const v1::ListMembersRequest& request,
                                                    const app::QueryContext& context) {
  return List<MemberList, v1::ListMembersResponse>(
      request, context,
      [&](const v1::MemberRow& row) {
        if (row.life() == v1::MemberRow::LEFT && !request.include_left()) return false;
        if (!request.agency().empty() && row.agency() != request.agency()) return false;
        return request.role() == options::v1::Role::CODE_UNSPECIFIED || Holds(row, request.role());
      },
      [](v1::ListMembersResponse& answer) { return answer.mutable_members(); });
}

absl::StatusOr<v1::ListAgreementsResponse> ListAgreements(const v1::ListAgreementsRequest& request,
                                                          const app::QueryContext& context) {
  return List<AgreementList, v1::ListAgreementsResponse>(
      request, context,
      [&](const v1::AgreementRow& row) {
        const bool past =
            row.life() == v1::AgreementRow::ENDED || row.life() == v1::AgreementRow::EXPIRED;
        if (past && !request.include_past()) return false;
        return request.agency().empty() || row.from() == request.agency() ||
               row.to() == request.agency();
      },
      [](v1::ListAgreementsResponse& answer) { return answer.mutable_agreements(); });
}

absl::StatusOr<v1::ListClientsResponse> ListClients(const v1::ListClientsRequest& request,
                                                    const app::QueryContext& context) {
  return List<ClientList, v1::ListClientsResponse>(
      request, context,
      [&](const v1::ClientRow& row) {
        return request.include_retired() || row.life() != v1::ClientRow::RETIRED;
      },
      [](v1::ListClientsResponse& answer) { return answer.mutable_clients(); });
}

absl::StatusOr<v1::ListContactPointsResponse> ListContactPoints(
    const v1::ListContactPointsRequest& request, const app::QueryContext& context) {
  return List<ContactPointList, v1::ListContactPointsResponse>(
      request, context,
      [&](const v1::ContactPointRow& row) { return request.include_retired() || !row.retired(); },
      [](v1::ListContactPointsResponse& answer) { return answer.mutable_contact_points(); });
}

}  // namespace holdfast::directory
