// A hook before every write and sync of a store's files: a full disk, a failing one, a slow one.
#pragma once

#include <cstddef>
#include <string_view>

#include "absl/status/status.h"

namespace holdfast::storage {

// Called on any thread. kResourceExhausted is what a full disk says; every other error is EIO.
class DiskHook {
 public:
  virtual ~DiskHook() = default;
  // `file` is the whole path; a write-ahead log ends in ".log".
  virtual absl::Status BeforeWrite(std::string_view file, std::size_t bytes) = 0;
  virtual absl::Status BeforeSync(std::string_view file) = 0;
};

}  // namespace holdfast::storage
