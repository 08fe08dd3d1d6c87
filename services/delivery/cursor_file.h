// Where a relay's fold of one partition stands, on its own disk: so that a start costs the tail.
// Derived: where the file is absent or damaged the journal is folded from its start.
#pragma once

#include <string>
#include <string_view>

#include "absl/status/status.h"

namespace holdfast::delivery {

// Empty where there is none that can be used.
std::string ReadCursor(const std::string& path);
// Whole or not at all.
absl::Status WriteCursor(const std::string& path, std::string_view cursor);

}  // namespace holdfast::delivery
