#include "app/development_audit.h"

#include "observability/log.h"

namespace holdfast::app {

absl::StatusOr<DevelopmentAudit::Leaf> DevelopmentAudit::Append(
    const security::AuditRecord& record) {
  Leaf leaf;
  leaf.seq = seq_.fetch_add(1) + 1;
  leaf.expires_at = record.time + absl::Seconds(60);
  log::Info("personal_values_shown", log::Tenant(record.tenant), log::ActorRef(record.actor_ref),
            log::Method(record.method), log::Seq(leaf.seq), log::Count(record.rows));
  return leaf;
}

}  // namespace holdfast::app
