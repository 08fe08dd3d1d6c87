#include "cli/exit_code.h"

#include <string_view>

#include "base/error.h"

namespace holdfast::cli {
namespace {

constexpr std::string_view kUsageReason = "USAGE";
constexpr std::string_view kPartlyReason = "PARTLY_DONE";

}  // namespace

ExitCode ExitCodeOf(const absl::Status& status) {
  const std::string reason = ReasonOf(status);
  if (reason == kUsageReason) return kUsage;
  if (reason == kPartlyReason) return kPartlyDone;
  switch (status.code()) {
    case absl::StatusCode::kOk:
      return kDone;
    case absl::StatusCode::kNotFound:
      return kNotFound;
    case absl::StatusCode::kUnauthenticated:
    case absl::StatusCode::kPermissionDenied:
      return kNotAllowed;
    case absl::StatusCode::kAborted:
    case absl::StatusCode::kAlreadyExists:
      return kConflict;
    case absl::StatusCode::kUnavailable:
    case absl::StatusCode::kDeadlineExceeded:
    case absl::StatusCode::kResourceExhausted:
      return kUnavailable;
    case absl::StatusCode::kCancelled:
      return kInterrupted;
    default:
      return kFailed;
  }
}

absl::Status UsageError(std::string_view message) {
  return ErrorWithReason(absl::StatusCode::kInvalidArgument, kUsageReason, message);
}

absl::Status PartlyDone(std::string_view message) {
  return ErrorWithReason(absl::StatusCode::kUnknown, kPartlyReason, message);
}

}  // namespace holdfast::cli
