// Whose data a call reaches: made from a verified principal, and from nothing else. What takes a
// TenantId cannot be handed a name that came in a request.
#pragma once

#include <string>

#include "security/principal.h"

namespace holdfast::security {

class TenantId {
 public:
  explicit TenantId(const VerifiedPrincipal& principal) : slug_(principal.tenant()) {}
  const std::string& slug() const { return slug_; }

 private:
  std::string slug_;
};

}  // namespace holdfast::security
