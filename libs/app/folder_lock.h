// The lock of a data folder (data_folder.h), as those take it who work on a folder that no process
// serves.
#pragma once

#include <string>
#include <system_error>

#include "absl/status/status.h"

namespace holdfast::app {

// Where a restore writes before it is whole: a data folder that has it is served by nobody.
inline constexpr char kRestoringFolder[] = "/restoring";

// Held while this lives; not held where another has it.
class FolderLock {
 public:
  enum class Missing { kIgnored, kMade };  // the file of the lock

  explicit FolderLock(const std::string& data, Missing missing = Missing::kIgnored);
  ~FolderLock();
  FolderLock(const FolderLock&) = delete;
  FolderLock& operator=(const FolderLock&) = delete;

  // True as well where the folder has no lock: a copy of a journal that nobody ever served.
  bool held() const { return held_; }
  // Why the file of the lock cannot be opened; none where it can, or where it may be missing.
  std::error_code error() const { return error_; }
  // OK where it is held; else kFailedPrecondition: who serves it, and that `work` needs it stopped.
  // kUnavailable where the folder cannot be written.
  absl::Status RequireFor(const std::string& work) const;
  // " (4711)": the process that serves the folder, where it says so; for sentences.
  std::string HeldBy() const;

 private:
  const std::string data_;
  const int file_;
  std::error_code error_;
  bool held_ = false;
};

}  // namespace holdfast::app
