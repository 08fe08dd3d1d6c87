// A secret that stands in a file, read only where nobody else can read it.
#pragma once

#include <string>

#include "absl/status/statusor.h"

namespace holdfast::app {

// Others may not read it, nor its group: unless root owns it and it is read-only, which is how an
// orchestrator hands a secret to a process that is not root. kFailedPrecondition otherwise, and
// where it is not there; the sentence names the path and the way out.
absl::StatusOr<std::string> ReadSecretFile(const std::string& path);

}  // namespace holdfast::app
