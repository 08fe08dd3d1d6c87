// Where a list goes on: the position after the last row shown, bound to the filter that the request
// had.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace holdfast::metrics {

std::string MakePageToken(std::string_view filter, std::size_t next);
// 0 for an empty token. INVALID_ARGUMENT, PAGE_TOKEN_MISMATCH, for one of another filter.
absl::StatusOr<std::size_t> ReadPageToken(std::string_view filter, std::string_view token);

}  // namespace holdfast::metrics
