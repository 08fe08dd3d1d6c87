// Files that hold a secret: nobody but their owner may read them.
#pragma once

#include <string_view>

#include <sys/types.h>

#include "absl/status/status.h"

namespace holdfast {

// kFailedPrecondition where the file's group or others may do anything with it, with how to mend
// it. `mode` is that of stat; `what` names the file: "the key file".
absl::Status CheckPrivate(std::string_view what, std::string_view path, mode_t mode);

}  // namespace holdfast
