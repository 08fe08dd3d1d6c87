#include "security/principal.h"

#include <algorithm>

namespace holdfast::security {

bool VerifiedPrincipal::Has(options::v1::Role::Code role) const {
  return std::ranges::find(roles(), role) != roles().end();
}

std::shared_ptr<const VerifiedPrincipal> VerifiedPrincipal::AsOperator() const {
  if (!member_->operates) return nullptr;
  std::shared_ptr<VerifiedPrincipal> operates(new VerifiedPrincipal(*this));
  operates->home_ = home_tenant();
  operates->tenant_ = kOperatorTenant;
  operates->epoch_.own = epoch_.operators;
  return operates;
}

}  // namespace holdfast::security
