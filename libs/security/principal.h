// Who calls, once the door has verified it.
#pragma once

#include <string>
#include <vector>

#include "holdfast/options/v1/options.pb.h"

namespace holdfast::security {

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
  const std::vector<options::v1::Role::Code>& roles() const { return roles_; }
  bool Has(options::v1::Role::Code role) const;

 private:
  friend class PrincipalIssuer;
  VerifiedPrincipal() = default;
  std::string tenant_, agency_, actor_ref_, issuer_, subject_;
  std::vector<options::v1::Role::Code> roles_;
};

}  // namespace holdfast::security
