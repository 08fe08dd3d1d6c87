#include "journal/verification.h"

#include <memory>
#include <numeric>
#include <vector>

#include "base/status_macros.h"

namespace holdfast::journal {
namespace {

constexpr std::size_t kRecordsPerRead = 1'024;

absl::Status Fold(const std::vector<StoredRecord>& records, VerifiedPartition& verified) {
  for (const StoredRecord& record : records) {
    const absl::StatusOr<Folded> folded = verified.fold.Apply(record.offset, record.bytes);
    if (!folded.ok())
      return WithContext(folded.status(),
                         absl::StrCat("record ", record.offset, " of partition ",
                                      verified.id.context, "/", verified.id.partition));
    ++verified.outcomes[static_cast<std::size_t>(folded->outcome)];
  }
  return absl::OkStatus();
}

}  // namespace

std::uint64_t VerifiedPartition::records() const {
  return std::accumulate(outcomes.begin(), outcomes.end(), std::uint64_t{0});
}

absl::StatusOr<VerifiedPartition> VerifyPartition(Journal& journal, const PartitionId& partition) {
  VerifiedPartition verified;
  verified.id = partition;
  journal.ForgetCache();
  ASSIGN_OR_RETURN(const std::unique_ptr<Reader> reader, journal.OpenReader(partition, 0));
  while (true) {
    const absl::StatusOr<std::vector<StoredRecord>> records = reader->Read(kRecordsPerRead);
    if (records.ok() && records->empty()) return verified;
    const absl::Status status = records.ok() ? Fold(*records, verified) : records.status();
    if (status.ok()) continue;
    if (!absl::IsDataLoss(status)) return status;
    verified.damage = status;
    return verified;
  }
}

}  // namespace holdfast::journal
