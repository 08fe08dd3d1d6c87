#include "keyvault/class_readers.h"

#include <algorithm>

#include "holdfast/journal/v1/journal.pb.h"
#include "holdfast/options/v1/options.pb.h"

#include "security/policy/role_class_table.h"
#include "security/principal.h"

namespace holdfast::keyvault {

bool RoleReadsClass(const security::VerifiedPrincipal& principal,
                    const journal::v1::SealedField& header) {
  namespace policy = security::policy;
  const auto& table = policy::RoleClassTable::Shipped();
  const auto of_class = static_cast<options::v1::DataClass::Code>(header.class_());
  return std::ranges::any_of(principal.roles(), [&](options::v1::Role::Code role) {
    return (table.At(of_class, role) & (policy::kRead | policy::kByRecord)) != 0;
  });
}

}  // namespace holdfast::keyvault
