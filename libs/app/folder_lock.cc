#include "app/folder_lock.h"

#include <filesystem>
#include <fstream>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "absl/strings/str_cat.h"

namespace holdfast::app {
namespace {

int OpenLock(const std::string& data, FolderLock::Missing missing) {
  const std::string path = data + "/run/lock";
  if (missing == FolderLock::Missing::kIgnored) return ::open(path.c_str(), O_RDWR | O_CLOEXEC);
  std::error_code ignored;  // the file then cannot be made either
  std::filesystem::create_directories(data + "/run", ignored);
  return ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, S_IRUSR | S_IWUSR);
}

}  // namespace

FolderLock::FolderLock(const std::string& data, Missing missing)
    : data_(data), file_(OpenLock(data, missing)) {
  const bool needed = missing == Missing::kMade;
  held_ = file_ < 0 ? !needed : ::flock(file_, LOCK_EX | LOCK_NB) == 0;
}

FolderLock::~FolderLock() {
  if (file_ >= 0) ::close(file_);
}

absl::Status FolderLock::RequireFor(const std::string& work) const {
  if (held_) return absl::OkStatus();
  std::string pid;
  std::getline(std::ifstream(data_ + "/run/pid"), pid);
  return absl::FailedPreconditionError(
      absl::StrCat("the data folder ", data_, " is served by a process",
                   pid.empty() ? "" : absl::StrCat(" (", pid, ")"), ": ", work,
                   " needs it stopped. Stop it, and give the command again"));
}

}  // namespace holdfast::app
