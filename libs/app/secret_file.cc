#include "app/secret_file.h"

#include <fstream>
#include <sstream>

#include <sys/stat.h>

#include "absl/strings/str_cat.h"

namespace holdfast::app {
namespace {

bool ReadableByOthers(const struct stat& file) {
  constexpr mode_t kHandedToGroup = 0440;
  if (file.st_uid == 0 && (file.st_mode & 07777U) == kHandedToGroup) return false;
  return (file.st_mode & 077U) != 0;
}

}  // namespace

absl::StatusOr<std::string> ReadSecretFile(const std::string& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) {
    return absl::FailedPreconditionError(
        absl::StrCat("the shared secret ", path,
                     " is not there; the processes of a deployment are given the same one"));
  }
  if (ReadableByOthers(status)) {
    return absl::FailedPreconditionError(
        absl::StrCat("the shared secret ", path, " can be read by others: chmod 600 it"));
  }
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  if (!file) return absl::UnavailableError(absl::StrCat(path, " cannot be read"));
  return text.str();
}

}  // namespace holdfast::app
