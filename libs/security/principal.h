// Who calls, once the door has verified it.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "holdfast/options/v1/options.pb.h"

#include "absl/time/time.h"
#include "security/member.h"

namespace holdfast::security {

// The tenant in whose history all tenants stand.
inline constexpr char kOperatorTenant[] = "operator";

// Made by the door alone, from a verified token and the facts of the directory; the token's role
// claims are ignored.
class VerifiedPrincipal {
 public:
  const std::string& tenant() const { return tenant_; }
  // Where they signed in; another than the tenant at the operator's work alone.
  const std::string& home_tenant() const { return home_.empty() ? tenant_ : home_; }
  const std::string& agency() const { return member_->agency; }
  // The pseudonym that commits and logs carry.
  const std::string& actor_ref() const { return member_->actor_ref; }
  const std::string& issuer() const { return issuer_; }
  const std::string& subject() const { return subject_; }
  // When the person last proved who they are (`auth_time`); empty where the token does not say.
  std::optional<absl::Time> signed_in_at() const { return signed_in_at_; }
  const std::vector<options::v1::Role::Code>& roles() const { return member_->roles; }
  bool Has(options::v1::Role::Code role) const;

  PrincipalKind kind() const { return kind_; }
  type::v1::Agency::Type agency_type() const { return member_->agency_type; }
  type::v1::Agency::Regime regime() const { return member_->regime; }
  // None: no area; kEveryArea.
  const std::vector<std::string>& areas() const { return member_->areas; }
  directory::v1::Clearance::Code clearance() const { return member_->clearance; }
  const std::vector<Training>& training() const { return member_->training; }
  const std::vector<std::string>& compartments() const { return member_->compartments; }
  // The facts under which all this was said.
  const PolicyEpoch& policy_epoch() const { return epoch_; }
  // The same person at the work of the tenant `operator`; null where they have none there.
  std::shared_ptr<const VerifiedPrincipal> AsOperator() const;

 private:
  friend class PrincipalIssuer;
  VerifiedPrincipal() = default;
  std::string tenant_, home_, issuer_, subject_;
  std::shared_ptr<const Member> member_;  // shared with the directory: it may change meanwhile
  PolicyEpoch epoch_;
  PrincipalKind kind_ = PrincipalKind::kPerson;  // as the token says
  std::optional<absl::Time> signed_in_at_;
};

}  // namespace holdfast::security
