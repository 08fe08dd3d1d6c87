#include "rpc/door.h"

#include <algorithm>
#include <utility>

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream.h>
#include <google/protobuf/message.h>

#include "absl/strings/str_cat.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/hash.h"
#include "base/random.h"
#include "rpc/call_observer.h"
#include "rpc/field_validator.h"
#include "rpc/method_plan.h"
#include "rpc/wire_fault.h"
#include "security/principal_issuer.h"

namespace holdfast::rpc {
namespace {

namespace pb = google::protobuf;

Uuid CommandIdOf(const security::VerifiedPrincipal& principal, std::string_view key) {
  static thread_local Sha256 sha256;
  constexpr std::string_view kNul("\0", 1);
  sha256.Update(principal.home_tenant()).Update(kNul);
  sha256.Update(principal.issuer()).Update(kNul);
  sha256.Update(principal.subject()).Update(kNul);
  sha256.Update(key).Update(kNul);
  const Hash hash = sha256.Finish();
  Uuid id{};
  std::copy_n(hash.begin(), id.size(), id.begin());
  return id;
}

bool MayCall(const MethodPlan& method, const security::VerifiedPrincipal& principal) {
  return std::ranges::any_of(principal.roles(),
                             [&method](auto role) { return method.Opens(role); });
}

// Empty where the method may be called for what the call states.
absl::Status PurposeFault(const MethodPlan& method, const StatedPurpose& stated) {
  using options::v1::Purpose;
  if (method.purposes != 0 && stated.purpose == Purpose::CODE_UNSPECIFIED) {
    return ErrorWithReason(absl::StatusCode::kInvalidArgument, "PURPOSE_REQUIRED",
                           "This opens personal data, and the law asks what for. Say it as "
                           "`holdfast-purpose`, by the name of a purpose.",
                           {{"field", "holdfast-purpose"}});
  }
  if (!method.Serves(stated.purpose)) {
    return ErrorWithReason(absl::StatusCode::kPermissionDenied, "POLICY_DENIED",
                           "This is not opened for that purpose. State the purpose that you act "
                           "for; if it is none of this method's, it cannot be done here.",
                           {{"rule", "method.purposes"}, {"field", "holdfast-purpose"}});
  }
  if (stated.break_glass && !method.break_glass) {
    return ErrorWithReason(absl::StatusCode::kPermissionDenied, "POLICY_DENIED",
                           "Break-glass opens nothing here. Leave it out.",
                           {{"rule", "method.break_glass"}, {"field", "holdfast-break-glass"}});
  }
  if (stated.break_glass && stated.justification.empty()) {
    return InvalidFields({{"holdfast-justification-bin", "must say why, where glass is broken"}});
  }
  return absl::OkStatus();
}

constexpr char kTenantField[] = "tenant";

// The reserved tenant of who runs the house: its commands are about other tenants.
constexpr std::string_view kOperator = "operator";

bool NamesAnotherTenant(const MethodPlan& method, const security::VerifiedPrincipal* caller,
                        const pb::Message& request) {
  if (method.tenant_field == nullptr || caller == nullptr || caller->tenant() == kOperator) {
    return false;
  }
  const std::string named = request.GetReflection()->GetString(request, method.tenant_field);
  return !named.empty() && named != caller->tenant();
}

bool Parse(pb::io::ZeroCopyInputStream& in, pb::Message& request) {
  pb::io::CodedInputStream decoder(&in);
  decoder.SetRecursionLimit(kMaxDepth);
  return request.ParseFromCodedStream(&decoder) && decoder.ConsumedEntireMessage();
}

}  // namespace

absl::Status DrainingStatus() {
  return WithRetry(
      ErrorWithReason(
          absl::StatusCode::kUnavailable, "DRAINING",
          "This process is about to stop. Ask again: another answers, or it comes back."),
      absl::Seconds(1));
}

Door::Door(Parts parts) : parts_(parts) {}

absl::Status Door::Refuse(std::string_view check, absl::Status status) const {
  parts_.observer->DoorRefused(check, ReasonOf(status));
  return status;
}

absl::Status Door::CheckRole(const MethodPlan& method,
                             const security::VerifiedPrincipal& principal) const {
  if (MayCall(method, principal)) return absl::OkStatus();
  return Refuse("role", ErrorWithReason(absl::StatusCode::kPermissionDenied, "POLICY_DENIED",
                                        "None of your roles opens this. Ask an administrator of "
                                        "your partnership.",
                                        {{"rule", "method.roles"}}));
}

// A client proves itself anew with each token; a person may have signed in long ago.
absl::Status Door::CheckSignInAge(const MethodPlan& method,
                                  const security::VerifiedPrincipal& principal) const {
  if (method.sign_in_age == absl::ZeroDuration()) return absl::OkStatus();
  if (principal.kind() != security::PrincipalKind::kPerson) return absl::OkStatus();
  const std::optional<absl::Time> at = principal.signed_in_at();
  if (at && parts_.clock->Now() - *at <= method.sign_in_age) return absl::OkStatus();
  return Refuse("sign_in_age",
                ErrorWithReason(absl::StatusCode::kPermissionDenied, "POLICY_DENIED",
                                "This opens only to who has signed in lately. Sign in again, then "
                                "repeat it.",
                                {{"rule", "method.auth_age_s"}}));
}

absl::Status Door::CheckPurpose(const MethodPlan& method, const StatedPurpose& stated) const {
  absl::Status fault = PurposeFault(method, stated);
  return fault.ok() ? fault : Refuse("purpose", std::move(fault));
}

absl::Status Door::CheckMethod(const MethodPlan& method, const Admitted& call) const {
  absl::Status may = CheckRole(method, *call.principal);
  if (may.ok()) may = CheckSignInAge(method, *call.principal);
  return may.ok() ? CheckPurpose(method, call.stated) : may;
}

absl::Status Door::RefuseOperator() const {
  return Refuse("operator",
                ErrorWithReason(absl::StatusCode::kPermissionDenied, "POLICY_DENIED",
                                "Only the operator of this deployment may do this. Ask them.",
                                {{"rule", "tenant.operator"}}));
}

absl::StatusOr<Admitted> Door::Admit(const MethodPlan& method,
                                     const std::vector<MetadataEntry>& metadata,
                                     absl::Time client_deadline, PeerOf peer) const {
  if (absl::Status heard = peers_.Hears(peer, parts_.clock->Now()); !heard.ok()) {
    return Refuse("peer", std::move(heard));
  }
  absl::StatusOr<CallMetadata> read = ReadMetadata(metadata);
  if (!read.ok()) return Refuse("metadata", read.status());

  Admitted admitted;
  if (!method.is_public) {
    if (read->authorization.empty()) {
      return Refuse("token", ErrorWithReason(absl::StatusCode::kUnauthenticated, "TOKEN_MISSING",
                                             "The call carries no token. Sign in, and send it as "
                                             "`authorization: Bearer <token>`."));
    }
    absl::StatusOr<security::Principal> principal = parts_.principals->Admit(read->authorization);
    if (!principal.ok()) return Refuse("token", principal.status());
    admitted.principal = *std::move(principal);
  }
  if (draining_.load(std::memory_order_relaxed) && !method.always_open) {
    return Refuse("draining", DrainingStatus());
  }
  if (admitted.principal != nullptr) {
    admitted.stated = {read->purpose, std::string(read->justification), read->break_glass};
    absl::Status may = CheckMethod(method, admitted);
    if (!may.ok()) return may;
  }
  if (method.of_operator) {
    admitted.principal = admitted.principal->AsOperator();
    if (admitted.principal == nullptr) return RefuseOperator();
  }

  const absl::Time now = parts_.clock->Now();
  admitted.deadline = std::min(client_deadline, now + method.deadline);
  admitted.ends_by_limit = admitted.deadline < client_deadline;
  admitted.expected_version = read->expected_version;
  admitted.repeatable = !read->idempotency_key.empty() && admitted.principal != nullptr;
  admitted.command_id = admitted.repeatable
                            ? CommandIdOf(*admitted.principal, read->idempotency_key)
                            : NewUuidV7(now, *parts_.random);
  std::optional<TraceParent> trace = ParseTraceParent(read->traceparent);
  admitted.trace = trace ? *std::move(trace) : NewTraceParent(*parts_.random);
  return admitted;
}

absl::StatusOr<AdmittedItem> Door::AdmitItem(const MethodPlan& method, const Admitted& call,
                                             std::string_view key) const {
  absl::Status may = CheckMethod(method, call);
  if (!may.ok()) return may;
  return AdmittedItem{CommandIdOf(*call.principal, key),
                      std::min(call.deadline, parts_.clock->Now() + method.deadline)};
}

absl::Status Door::Read(const MethodPlan& method, const Admitted& call,
                        pb::io::ZeroCopyInputStream& in, std::size_t bytes,
                        absl::FunctionRef<std::string()> again, pb::Message& request,
                        std::string_view within, PeerOf peer) const {
  if (bytes > method.max_bytes) {
    return Refuse(
        "size", ErrorWithReason(absl::StatusCode::kResourceExhausted, "MESSAGE_TOO_LARGE",
                                absl::StrCat("The message is too large: at most ", method.max_bytes,
                                             " bytes are taken here. Send less at once."),
                                {{"max_bytes", absl::StrCat(method.max_bytes)}}));
  }
  if (!Parse(in, request)) {
    peers_.Undecodable(peer, parts_.clock->Now());
    return Refuse(
        "body", InvalidFields({FindWireFault(*method.request->GetDescriptor(), again(), within)}));
  }
  if (NamesAnotherTenant(method, call.principal.get(), request)) {
    return Refuse("tenant", ErrorWithReason(absl::StatusCode::kPermissionDenied, "POLICY_DENIED",
                                            "The message names a tenant that is not yours. Leave "
                                            "it out: the tenant follows from your token.",
                                            {{"rule", "F2"}, {"field", kTenantField}}));
  }
  absl::Status checked = parts_.validator->Check(
      request, parts_.clock->Now(), {.refuse_unknown = method.has_effects, .within = within});
  if (!checked.ok()) return Refuse("fields", std::move(checked));
  return absl::OkStatus();
}

}  // namespace holdfast::rpc
