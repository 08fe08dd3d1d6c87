// Who was shown what, as lines of the process's own log: for development, in a process
// that has no audit context. A process in production does not have it, and shows nothing sealed.
#pragma once

#include <atomic>
#include <cstdint>

#include "security/audit_receipt.h"

namespace holdfast::app {

class DevelopmentAudit final : public security::AuditClient {
 private:
  absl::StatusOr<Leaf> Append(const security::AuditRecord& record) override;
  std::atomic<std::uint64_t> seq_{0};
};

}  // namespace holdfast::app
