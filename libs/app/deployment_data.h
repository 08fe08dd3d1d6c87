// A deployment's journal from outside its services: filled from a backup, or from a data folder
// that no process serves. The services are started afterwards.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "archive/backup.h"
#include "archive/migration.h"
#include "archive/restore.h"

namespace holdfast::app {

struct Deployment {
  std::string bootstrap;          // host:port, several by commas
  std::uint32_t replication = 3;  // of topics that are made; those that are there have as many
  // The folder of what its processes share. It gets the key of the commands' MACs, where it has
  // none; kFailedPrecondition where it has another. Empty: left alone.
  std::string secrets;
};

// Into contexts whose topics are missing, and are made, or are empty (kFailedPrecondition naming
// the partition). Errors as archive::RestoreJournal's; kUnavailable where no broker answers.
absl::Status RestoreDeployment(const archive::Backup& backup, const archive::RestorePlan& plan,
                               const Deployment& to, const archive::CountRecords& progress);

struct MigratedContext {
  std::string context;
  archive::Migrated migrated;
};

// Every context of the folder's journal, each into `partitions`. Errors as
// archive::MigrateContext's; kNotFound where there is no journal, kFailedPrecondition where a
// process serves the folder.
absl::StatusOr<std::vector<MigratedContext>> MigrateData(const std::string& data,
                                                         const Deployment& to,
                                                         std::uint32_t partitions,
                                                         archive::MigrationMode mode,
                                                         const archive::CountRecords& progress);

}  // namespace holdfast::app
