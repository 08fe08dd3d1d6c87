// Which roles see values of which class at all: the first gate, before any label is looked at.
#pragma once

namespace holdfast::journal::v1 {
class SealedField;
}
namespace holdfast::security {
class VerifiedPrincipal;
}

namespace holdfast::keyvault {

// By the policy's own table of classes and roles: whoever reads the class, or reads it by the
// record that it belongs to. Nobody reads a class that the table does not name.
bool RoleReadsClass(const security::VerifiedPrincipal& principal,
                    const journal::v1::SealedField& header);

}  // namespace holdfast::keyvault
