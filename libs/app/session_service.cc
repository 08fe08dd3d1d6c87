#include "app/session_service.h"

#include "holdfast/directory/v1/directory.pb.h"

#include "app/demonstration.h"
#include "base/error.h"
#include "rpc/call.h"
#include "rpc/descriptor_service.h"
#include "security/development_issuer.h"
#include "security/directory.h"
#include "security/principal.h"

namespace holdfast::app {

void BindSession(const security::Directory& directory, bool demonstration,
                 rpc::DescriptorService& service) {
  service.HandleUnary("GetSession",
                      [&directory, demonstration](std::unique_ptr<rpc::UnaryCall> call) {
                        const security::VerifiedPrincipal& principal = *call->admitted().principal;
                        directory::v1::Session session;
                        session.set_tenant(principal.tenant());
                        session.set_tenant_name(directory.TenantName(principal.tenant()));
                        session.set_agency(principal.agency());
                        session.set_actor_ref(principal.actor_ref());
                        for (const auto role : principal.roles()) session.add_roles(role);
                        session.set_demonstration(demonstration);
                        call->Answer(session);
                      });
}

void BindDevelopmentIssuer(const security::DevelopmentIssuer& issuer,
                           const security::Directory& directory, rpc::DescriptorService& service) {
  service.HandleUnary("IssueToken", [&issuer, &directory](std::unique_ptr<rpc::UnaryCall> call) {
    const auto& request = static_cast<const directory::v1::IssueTokenRequest&>(call->request());
    if (directory.Find(request.tenant(), security::DevelopmentIssuer::kName, request.as()) ==
        nullptr) {
      return call->Fail(ErrorWithReason(
          absl::StatusCode::kNotFound, "NOT_FOUND",
          "There is no such tenant or person in the demonstration. ListPeople names them."));
    }
    const security::DevelopmentIssuer::Token token = issuer.Issue(request.tenant(), request.as());
    directory::v1::IssuedToken issued;
    issued.set_token(token.text);
    issued.mutable_expires_at()->set_seconds(absl::ToUnixSeconds(token.expires_at));
    call->Answer(issued);
  });
  service.HandleUnary("ListPeople", [](std::unique_ptr<rpc::UnaryCall> call) {
    call->Answer(DemonstrationPeople());
  });
}

}  // namespace holdfast::app
