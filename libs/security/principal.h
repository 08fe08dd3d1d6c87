// Who calls, once the door has verified it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "holdfast/options/v1/options.pb.h"

#include "absl/time/time.h"

namespace holdfast::security {

enum class PrincipalKind {
  kPerson,  // signed in with an OpenID provider
  kClient,  // a system, by OAuth client credentials
};

// Made by the door alone, from a verified token and the facts of the directory; the token's role
// claims are ignored.
class VerifiedPrincipal {
 public:
  const std::string& tenant() const { return tenant_; }
  const std::string& agency() const { return agency_; }
  // The pseudonym that commits and logs carry.
  const std::string& actor_ref() const { return actor_ref_; }
  const std::string& issuer() const { return issuer_; }
  const std::string& subject() const { return subject_; }
  PrincipalKind kind() const { return kind_; }
  // When the person last proved who they are (`auth_time`); empty where the token does not say.
  std::optional<absl::Time> signed_in_at() const { return signed_in_at_; }
  const std::vector<options::v1::Role::Code>& roles() const { return roles_; }
  bool Has(options::v1::Role::Code role) const;

 private:
  friend class PrincipalIssuer;
  VerifiedPrincipal() = default;
  std::string tenant_, agency_, actor_ref_, issuer_, subject_;
  PrincipalKind kind_ = PrincipalKind::kPerson;
  std::optional<absl::Time> signed_in_at_;
  std::vector<options::v1::Role::Code> roles_;
};

}  // namespace holdfast::security
