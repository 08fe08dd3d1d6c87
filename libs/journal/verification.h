// Reading a partition from its first record on: is every one of them whole, and what became of it?
#pragma once

#include <array>
#include <cstdint>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "journal/acceptance.h"
#include "journal/journal.h"

namespace holdfast::journal {

struct VerifiedPartition {
  PartitionId id;
  std::array<std::uint64_t, 4> outcomes{};  // how many records, by Outcome
  AcceptanceFold fold;                      // of the records that could be read: digest and heads
  absl::Status damage;  // kDataLoss, naming the record at which reading ended; else OK

  std::uint64_t Count(Outcome outcome) const { return outcomes[static_cast<std::size_t>(outcome)]; }
  std::uint64_t records() const;
};

// Costs a read of the whole partition from the disk. What is damaged is a result; an error is
// anything else.
absl::StatusOr<VerifiedPartition> VerifyPartition(Journal& journal, const PartitionId& partition);

}  // namespace holdfast::journal
