// The archiver of a deployment: copies every context's journal to signed segments as it grows. It
// finds the contexts by their topics, those that are made later, too.
#pragma once

#include <memory>

#include "holdfast/config/v1/config.pb.h"

#include "absl/status/statusor.h"
#include "app/process.h"

namespace holdfast::archiver {

// kFailedPrecondition where the configuration has no archiver, or the folder is another key's.
absl::StatusOr<std::unique_ptr<app::Process>> StartArchiver(config::v1::Process config);

}  // namespace holdfast::archiver
