// What reading every record of the journal came to, as operations.v1 says it: for a running process
// and for a folder that none serves.
#pragma once

#include <optional>
#include <string>

#include "holdfast/operations/v1/operations.pb.h"

#include "absl/status/statusor.h"

namespace holdfast::journal {
struct VerifiedPartition;
}

namespace holdfast::app {

// Adds the partition, and the head of `tenant` where it has one there.
void AddToReport(const journal::VerifiedPartition& verified, const std::string& tenant,
                 operations::v1::VerifyJournalResponse& report);

// Reads the whole journal of a data folder where it lies, and keeps it from being served meanwhile.
// Nothing where a process serves it, or a deployment whose journal is its brokers': ask that one.
// kNotFound where there is no journal; kDataLoss, saying up to where it can be read, where it
// cannot be opened at all.
absl::StatusOr<std::optional<operations::v1::VerifyJournalResponse>> VerifyStoppedJournal(
    const std::string& data, const std::string& tenant);

}  // namespace holdfast::app
