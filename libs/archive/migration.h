// From one journal into another of any kind and any number of partitions: every tenant's accepted
// commits, with the bytes that they have, so that every head stays equal.
//
//   from:  partition 0, 1 …  --accepted commits, by tenant-->  to:  PartitionOf(tenant)
//
// The target gets a barrier, the copies, and an opening for each tenant that is open in the source.
// Void records stay behind: nobody ever applied them. Nothing may write to either journal
// meanwhile. One that was interrupted is given again: what stands in the target is compared with
// the source, and the rest is added.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "absl/status/statusor.h"
#include "archive/backup.h"
#include "journal/acceptance.h"
#include "journal/journal.h"

namespace holdfast {
class Random;
}

namespace holdfast::archive {

// Heads by tenant, equal in both journals at the end.
using MigratedHeads = std::map<std::string, journal::TenantHead>;

struct Migrated {
  MigratedHeads heads;
  std::uint64_t commits = 0;       // of the source
  std::uint64_t there_before = 0;  // of these, copied by one that was interrupted
};

enum class MigrationMode {
  kDryRun,  // everything is read and compared, nothing written; the target may lack the context
  kCopy,
};

// One context, which both journals have. kFailedPrecondition, and nothing written, where the target
// holds something that is no part of such a copy, naming it; kDataLoss where the source is damaged
// (then nothing was written), or a head of the target is another at the end. Blocks; `progress`
// counts the commits that are copied.
absl::StatusOr<Migrated> MigrateContext(journal::Journal& from, journal::Journal& to,
                                        const std::string& context, Random& random,
                                        MigrationMode mode, const CountRecords& progress);

}  // namespace holdfast::archive
