// The error model inside the house: an absl::Status whose payloads are what the door writes to the
// wire.
//
// Payload type URLs are "type.googleapis.com/google.rpc.ErrorInfo" (several: repeated under …#2,
// …#3), "…BadRequest", "…RetryInfo": serialised messages of google/rpc. rpc copies them into
// google.rpc.Status.details.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"

namespace holdfast {

struct FieldViolation {
  std::string field;
  std::string rule;
};

// A status with an ErrorInfo {reason, domain "holdfast", metadata}. `message` is a fixed sentence:
// what, why, what to do; never an echo of input.
absl::Status ErrorWithReason(absl::StatusCode code, std::string_view reason,
                             std::string_view message,
                             std::vector<std::pair<std::string, std::string>> metadata = {});

// INVALID_ARGUMENT, reason FIELD_INVALID, naming every bad field at once.
absl::Status InvalidFields(const std::vector<FieldViolation>& violations);

// Adds one more ErrorInfo: several reasons of one refusal, the first counts.
absl::Status WithReason(absl::Status status, std::string_view reason,
                        std::vector<std::pair<std::string, std::string>> metadata = {});

// Adds a RetryInfo.
absl::Status WithRetry(absl::Status status, absl::Duration delay);

// The reason of the first ErrorInfo, empty where there is none.
std::string ReasonOf(const absl::Status& status);

}  // namespace holdfast
