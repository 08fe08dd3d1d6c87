#include "audit/audit_service.h"

#include "audit/domain/checkpoints.h"
#include "audit/domain/log.h"
#include "audit/domain/witness.h"
#include "audit/handlers.h"
#include "audit/views/checkpoint_list.h"
#include "audit/views/entries.h"
#include "audit/views/witness_list.h"

namespace holdfast::audit {

app::Service Audit() {
  return app::Service("holdfast.audit.v1.AuditService")
      .Streams<Log, Checkpoints, Witness>()
      .Views<Entries, CheckpointList, WitnessList>()
      .Handle(SignCheckpoint)
      .Handle(GetCheckpoint)
      .Handle(AddCosignature)
      .HandleWatch(ExportForRegulator);
}

}  // namespace holdfast::audit
