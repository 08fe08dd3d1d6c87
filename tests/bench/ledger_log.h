// An engine's log as the read side finds it, in memory: what scenarios of folding begin with.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "holdfast/testing/v1/events.pb.h"

#include "absl/status/statusor.h"

namespace holdfast::journal {
class Journal;
}

namespace holdfast::bench {

// Every record, as it stands.
absl::StatusOr<std::vector<std::string>> ReadRecords(journal::Journal& journal);

// One accepted, decoded event.
struct Loan {
  std::string member;
  std::uint64_t seq = 0;
  testing::v1::LoanNoted event;
};
absl::StatusOr<std::vector<Loan>> ReadLoans(journal::Journal& journal);

}  // namespace holdfast::bench
