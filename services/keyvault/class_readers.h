// Which roles see values of which class at all: the first gate, before any label is looked at.
#pragma once

namespace holdfast::journal::v1 {
class SealedField;
}
namespace holdfast::security {
class VerifiedPrincipal;
}

namespace holdfast::keyvault {

// The columns r of the table of classes and roles in docs/security.md; nothing for a class that it
// does not name.
bool RoleReadsClass(const security::VerifiedPrincipal& principal,
                    const journal::v1::SealedField& header);

}  // namespace holdfast::keyvault
