// People who have passed the door, and the log of what they were shown.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "holdfast/options/v1/options.pb.h"

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "base/clock.h"
#include "security/audit_receipt.h"
#include "security/principal_issuer.h"

namespace holdfast::testing {

// A person of the tenant with these roles, as the door makes a principal from a token.
security::Principal PersonWith(std::string_view tenant, std::vector<options::v1::Role::Code> roles);

// An audit log in memory. Thread-safe.
class NotedAudit final : public security::AuditClient {
 public:
  explicit NotedAudit(const Clock& clock) : clock_(clock) {}
  std::vector<security::AuditRecord> records() const;
  void Break(bool broken);

 private:
  absl::StatusOr<Leaf> Append(const security::AuditRecord& record) override;

  const Clock& clock_;
  mutable absl::Mutex mutex_;
  bool broken_ ABSL_GUARDED_BY(mutex_) = false;
  std::vector<security::AuditRecord> records_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace holdfast::testing
