// Where a list goes on: the last key shown, bound to the filter of the request that it belongs to.
#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace holdfast::readmodel {

//   filter   whatever must be the same on the next page, in any stable form
std::string MakePageToken(std::string_view filter, std::string_view last_key);

// The last key; empty for an empty token (the first page). kInvalidArgument, PAGE_TOKEN_MISMATCH,
// for a token of another filter or one that was not made here: begin again without it.
absl::StatusOr<std::string> ReadPageToken(std::string_view filter, std::string_view token);

}  // namespace holdfast::readmodel
