#include "app/audit_log.h"

#include <memory>
#include <string>
#include <utility>

#include "holdfast/audit/v1/audit.pb.h"

#include "absl/synchronization/notification.h"
#include "absl/time/time.h"
#include "base/clock.h"
#include "base/hex.h"
#include "base/random.h"
#include "base/status_macros.h"
#include "base/timestamps.h"
#include "base/uuid.h"
#include "eventsourcing/command.h"

namespace holdfast::app {
namespace {

constexpr absl::Duration kPatience = absl::Seconds(5);
// So long an answer may take to be opened by its receipt.
constexpr absl::Duration kReceiptLife = absl::Seconds(60);
constexpr char kMethod[] = "/holdfast.audit.v1.AuditService/RecordAccess";

audit::v1::AuditRecord EntryOf(const security::AuditRecord& record, std::string decision_id) {
  audit::v1::AuditRecord entry;
  *entry.mutable_time() = ToTimestamp(record.time);
  for (const auto verb : record.verbs) entry.add_verbs(verb);
  entry.set_actor_ref(record.actor_ref);
  entry.set_agency(record.agency);
  entry.set_principal_kind(record.client ? audit::v1::PrincipalKind::CLIENT
                                         : audit::v1::PrincipalKind::PERSON);
  entry.set_purpose(record.purpose);
  entry.set_method(record.method);
  entry.set_decision_id(std::move(decision_id));
  entry.set_outcome(audit::v1::Outcome::SERVED);
  entry.set_rows(record.rows);
  return entry;
}

// Between the thread that asks and the one that answers, which may come after the first has gone.
struct Waiting {
  absl::Notification done;
  eventsourcing::CommandAnswer answer;
};

}  // namespace

absl::StatusOr<AuditLog::Leaf> AuditLog::Append(const security::AuditRecord& record) {
  Leaf leaf;
  const Uuid id = NewUuidV7(clock_.Now(), random_);
  leaf.decision_id = ToHex(AsBytes(id));
  auto command = std::make_unique<audit::v1::RecordAccess>();
  *command->add_records() = EntryOf(record, leaf.decision_id);
  eventsourcing::CommandRequest request;
  request.tenant = record.tenant;
  request.method = kMethod;
  request.command = std::move(command);
  request.command_id = id;
  request.actor_ref = record.actor_ref;
  request.agency = record.agency;
  request.correlation_id = id;
  request.deadline = clock_.Now() + kPatience;
  request.cost = 0;  // the call that is logged has paid
  const auto waiting = std::make_shared<Waiting>();
  sink_.Submit(std::move(request), [waiting](eventsourcing::CommandAnswer answer) {
    waiting->answer = std::move(answer);
    waiting->done.Notify();
  });
  if (!waiting->done.WaitForNotificationWithTimeout(kPatience)) {
    return absl::UnavailableError("the audit log does not answer");
  }
  RETURN_IF_ERROR(waiting->answer.status());
  leaf.seq = waiting->answer->position().seq();
  leaf.expires_at = record.time + kReceiptLife;
  return leaf;
}

}  // namespace holdfast::app
