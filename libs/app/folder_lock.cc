#include "app/folder_lock.h"

#include <cerrno>
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
  if (file_ < 0 && missing == Missing::kMade) error_ = {errno, std::generic_category()};
  held_ = file_ < 0 ? !error_ : ::flock(file_, LOCK_EX | LOCK_NB) == 0;
}

FolderLock::~FolderLock() {
  if (file_ >= 0) ::close(file_);
}

absl::Status FolderLock::RequireFor(const std::string& work) const {
  if (held_) return absl::OkStatus();
  if (error_) {
    return absl::UnavailableError(absl::StrCat("the data folder ", data_,
                                               " cannot be written: ", error_.message(),
                                               "; give this user the right to write there"));
  }
  return absl::FailedPreconditionError(
      absl::StrCat("the data folder ", data_, " is served by a process", HeldBy(), ": ", work,
                   " needs it stopped. Stop it, and give the command again"));
}

std::string FolderLock::HeldBy() const {
  std::ifstream file(data_ + "/run/pid");
  std::string pid;
  std::getline(file, pid);
  return pid.empty() ? "" : absl::StrCat(" (", pid, ")");
}

}  // namespace holdfast::app
