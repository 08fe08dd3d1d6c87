// A backup back into a journal: byte for byte, in order, as a whole or as of a moment.
#pragma once

#include <optional>
#include <vector>

#include "holdfast/archive/v1/archive.pb.h"

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "archive/backup.h"
#include "journal/journal.h"

namespace holdfast::archive {

// What a restore brings back of one partition.
struct PartitionPlan {
  v1::Partition restored;                           // what it will come to: records, heads, digest
  std::uint64_t left_out = 0;                       // records behind the moment
  absl::Time last_recorded = absl::InfinitePast();  // of the last commit that is brought back
};

struct RestorePlan {
  std::vector<PartitionPlan> partitions;  // as the manifest has them
};

// Verifies the backup, whole, and says what would be restored. With `until` each partition ends
// before its first accepted commit that was recorded later. kDataLoss as Backup::Verify;
// kFailedPrecondition where a commit up to that moment answers to one that is behind it (the
// clocks had run apart): choose an earlier moment.
absl::StatusOr<RestorePlan> PlanRestore(const Backup& backup, std::optional<absl::Time> until,
                                        const CountRecords& progress);

// kFailedPrecondition unless the journal's contexts have as many partitions, all of them empty.
absl::Status CheckTarget(const RestorePlan& plan, journal::Journal& to);

// Into a journal as CheckTarget wants it. Reads it again at the end: kDataLoss where a head is
// another than planned.
absl::Status RestoreJournal(const Backup& backup, const RestorePlan& plan, journal::Journal& to,
                            const CountRecords& progress);

// The files, below a folder.
absl::Status RestoreFiles(const Backup& backup, const std::string& folder);

// kFailedPrecondition naming the first record of a partition that is not empty.
absl::Status CheckEmpty(journal::Journal& journal, const journal::PartitionId& partition);

}  // namespace holdfast::archive
