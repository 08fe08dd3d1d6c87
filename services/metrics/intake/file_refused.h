// A fault of a file as its sender hears it: reason FILE_REFUSED, and the sentence that names file,
// line and column.
#pragma once

#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/error.h"

namespace holdfast::metrics {

// Of an InvalidArgument without a reason of its own; any other status stays as it is.
inline absl::Status FileRefused(const absl::Status& status) {
  if (!absl::IsInvalidArgument(status) || !ReasonOf(status).empty()) return status;
  const absl::string_view message = status.message();
  return ErrorWithReason(absl::StatusCode::kInvalidArgument, "FILE_REFUSED",
                         std::string_view(message.data(), message.size()));
}

template <class T>
absl::StatusOr<T> FileRefused(absl::StatusOr<T> answer) {
  if (answer.ok()) return answer;
  return FileRefused(answer.status());
}

}  // namespace holdfast::metrics
