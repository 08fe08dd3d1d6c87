#include "app/secret_file.h"

#include <fstream>
#include <sstream>

#include <sys/stat.h>

#include "absl/strings/str_cat.h"
#include "base/private_file.h"
#include "base/status_macros.h"

namespace holdfast::app {
namespace {

// As Kubernetes hands a secret to a process that is not root: root's, readable by its group.
bool HandedToGroup(const struct stat& file) {
  constexpr mode_t kReadable = 0440;
  return file.st_uid == 0 && (file.st_mode & 07777U) == kReadable;
}

}  // namespace

absl::StatusOr<std::string> ReadSecretFile(const std::string& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) {
    return absl::FailedPreconditionError(
        absl::StrCat("the shared secret ", path,
                     " is not there; the processes of a deployment are given the same one"));
  }
  if (!HandedToGroup(status)) {
    RETURN_IF_ERROR(CheckPrivate("the shared secret", path, status.st_mode));
  }
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  if (!file) return absl::UnavailableError(absl::StrCat(path, " cannot be read"));
  return text.str();
}

}  // namespace holdfast::app
