#include "base/private_file.h"

#include <string>

#include <sys/stat.h>

#include "absl/strings/str_cat.h"

namespace holdfast {

absl::Status CheckPrivate(std::string_view what, std::string_view path, mode_t mode) {
  if ((mode & (S_IRWXG | S_IRWXO)) == 0) return absl::OkStatus();
  return absl::FailedPreconditionError(absl::StrCat(std::string(what), " ", std::string(path),
                                                    " can be read by others: chmod 600 it"));
}

}  // namespace holdfast
