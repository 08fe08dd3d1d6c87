// From one journal into another of any kind and any number of partitions: every tenant's accepted
// commits, with the bytes that they have, so that every head stays equal.
//
//   from:  partition 0, 1 …  --accepted commits, by tenant-->  to:  PartitionOf(tenant)
//
// The target gets a barrier, the copies, and an opening for each tenant that is open in the source.
// Void records stay behind: nobody ever applied them. Nothing may write to either journal
// meanwhile.
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

// Heads by tenant, equal in both journals.
using MigratedHeads = std::map<std::string, journal::TenantHead>;

// One context, which both journals have; each partition of the target must be empty
// (kFailedPrecondition). kDataLoss where the source is damaged (then nothing was written), or a
// head of the target is another at the end. One that was interrupted begins again with an empty
// target. Blocks; `progress` counts the commits.
absl::StatusOr<MigratedHeads> MigrateContext(journal::Journal& from, journal::Journal& to,
                                             const std::string& context, Random& random,
                                             const CountRecords& progress);

}  // namespace holdfast::archive
