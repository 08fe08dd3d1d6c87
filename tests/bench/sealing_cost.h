// What sealing costs: the second half of E19.
#pragma once

#include "absl/status/status.h"

namespace holdfast::bench {

class Bench;

// Commands with two sealed fields against the same commands without, and the opening of 1,000 rows
// against the decryption alone.
absl::Status SealingCost(Bench& bench);

}  // namespace holdfast::bench
