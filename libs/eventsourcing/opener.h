// Personal values on the way out: opened for who may see them, or withheld with the reason. Nothing
// sealed leaves the house, and nothing plain is had without a receipt of the audit log.
#pragma once

#include <cstddef>

#include "holdfast/type/v1/type.pb.h"

#include "absl/status/status.h"
#include "security/audit_receipt.h"
#include "security/key_vault.h"

namespace google::protobuf {
class Message;
}
namespace holdfast::security {
class VerifiedPrincipal;
}

namespace holdfast::eventsourcing {

// How many sealed values the message holds: the rows of its audit record.
std::size_t CountSealed(const google::protobuf::Message& answer);

// Replaces every sealed value by this reason.
void Withhold(google::protobuf::Message& answer, type::v1::Personal::Withheld::Reason reason);

// Thread-safe; keeps nothing that it opened.
class Opener {
 public:
  explicit Opener(security::KeyVault& vault) : vault_(vault) {}  // borrowed

  // Replaces every sealed value of the answer by what it says, or by why it is withheld:
  // NOT_PERMITTED, RESTRICTED, ERASED, UNAVAILABLE where the keyvault does not answer, DAMAGED
  // where it is not what was sealed there. Uses the receipt up.
  void Open(google::protobuf::Message& answer, const security::VerifiedPrincipal& principal,
            security::AuditReceipt&& receipt) const;

 private:
  security::KeyVault& vault_;
};

}  // namespace holdfast::eventsourcing
