// Exit codes, the same for every command (docs/guides): a script can tell what happened without
// reading.
#pragma once

#include "absl/status/status.h"

namespace holdfast::cli {

enum ExitCode : int {
  kDone = 0,
  kFailed = 1,
  kUsage = 2,
  kNotFound = 3,
  kNotAllowed = 4,
  kConflict = 5,
  kUnavailable = 6,
  kPartlyDone = 7,
  kInterrupted = 130,
};

ExitCode ExitCodeOf(const absl::Status& status);

// A usage fault: exit 2, the message says what would be right.
absl::Status UsageError(std::string_view message);
// Some of it was done: exit 7.
absl::Status PartlyDone(std::string_view message);

}  // namespace holdfast::cli
