#include "directory/directory_service.h"

#include "directory/domain/agency.h"
#include "directory/domain/agreement.h"
#include "directory/domain/client.h"
#include "directory/domain/contact_point.h"
#include "directory/domain/member.h"
#include "directory/domain/quota.h"
#include "directory/domain/tenant.h"
#include "directory/queries.h"
#include "directory/views/agency_list.h"
#include "directory/views/agreement_list.h"
#include "directory/views/client_list.h"
#include "directory/views/contact_point_list.h"
#include "directory/views/member_list.h"
#include "directory/views/tenant_list.h"

namespace holdfast::directory {

app::Service Directory() {
  return app::Service("holdfast.directory.v1.DirectoryService")
      .Streams<Agency, Member, Agreement, Client, ContactPoint>()
      .Views<AgencyList, MemberList, AgreementList, ClientList, ContactPointList>()
      .Query(ListAgencies)
      .Query(ListMembers)
      .Query(ListAgreements)
      .Query(ListClients)
      .Query(ListContactPoints);
}

app::Service Operator() {
  return app::Service("holdfast.directory.v1.OperatorService")
      .Streams<Tenant, Quota>()
      .Views<TenantList>()
      .Query(ListTenants);
}

}  // namespace holdfast::directory
