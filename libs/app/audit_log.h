// The way into the audit log that this process itself decides: the context audit.
#pragma once

#include "absl/status/statusor.h"
#include "security/audit_receipt.h"

namespace holdfast {
class Clock;
class Random;
}  // namespace holdfast

namespace holdfast::eventsourcing {
class CommandSink;
}

namespace holdfast::app {

// Thread-safe; waits, so not for the threads of the sink's answers.
class AuditLog final : public security::AuditClient {
 public:
  // All borrowed.
  AuditLog(eventsourcing::CommandSink& sink, const Clock& clock, Random& random)
      : sink_(sink), clock_(clock), random_(random) {}

 private:
  // Returns once the entry stands in the journal; kUnavailable where that takes longer than 5 s.
  absl::StatusOr<Leaf> Append(const security::AuditRecord& record) override;

  eventsourcing::CommandSink& sink_;
  const Clock& clock_;
  Random& random_;
};

}  // namespace holdfast::app
