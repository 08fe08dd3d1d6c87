// The two macros by which an absl::Status walks up. Context is added on the way: see WithContext.
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"

namespace holdfast {

// The same status with "where: " before its message, payloads kept. An OK status stays OK.
inline absl::Status WithContext(const absl::Status& status, std::string_view where) {
  if (status.ok()) return status;
  absl::Status out(status.code(), absl::StrCat(absl::string_view(where.data(), where.size()), ": ",
                                               status.message()));
  status.ForEachPayload(
      [&out](absl::string_view type, const absl::Cord& payload) { out.SetPayload(type, payload); });
  return out;
}

}  // namespace holdfast

#define HOLDFAST_CONCAT_INNER(a, b) a##b
#define HOLDFAST_CONCAT(a, b) HOLDFAST_CONCAT_INNER(a, b)

#define RETURN_IF_ERROR(expression)                                             \
  do {                                                                          \
    if (::absl::Status holdfast_status_ = (expression); !holdfast_status_.ok()) \
      return holdfast_status_;                                                  \
  } while (false)

// A name that is declared, and the declaration that it may be, cannot stand in parentheses.
// NOLINTBEGIN(bugprone-macro-parentheses)
#define ASSIGN_OR_RETURN(target, expression) \
  HOLDFAST_ASSIGN_OR_RETURN(HOLDFAST_CONCAT(holdfast_statusor_, __LINE__), target, expression)
#define HOLDFAST_ASSIGN_OR_RETURN(statusor, target, expression) \
  auto statusor = (expression);                                 \
  if (!statusor.ok()) return std::move(statusor).status();      \
  target = *std::move(statusor)
// NOLINTEND(bugprone-macro-parentheses)
