#include "security/principal.h"

#include <algorithm>

namespace holdfast::security {

bool VerifiedPrincipal::Has(options::v1::Role::Code role) const {
  return std::find(roles_.begin(), roles_.end(), role) != roles_.end();
}

}  // namespace holdfast::security
