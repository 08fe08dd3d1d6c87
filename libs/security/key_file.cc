#include "security/key_file.h"

#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "absl/strings/str_cat.h"
#include "base/private_file.h"
#include "base/random.h"
#include "base/status_macros.h"

namespace holdfast::security {
namespace {

class File {
 public:
  explicit File(int descriptor) : descriptor_(descriptor) {}
  ~File() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  int get() const { return descriptor_; }

 private:
  int descriptor_;
};

absl::Status Failed(const std::string& path, const char* what) {
  return absl::UnavailableError(absl::StrCat(what, " ", path, ": ", std::strerror(errno)));
}

// Written beside it, synced and linked, so that a crash leaves a whole file or none.
absl::Status Write(const std::string& path, const SecretKey& secret) {
  const std::string draft = path + ".new";
  ::unlink(draft.c_str());
  {
    const File file(::open(draft.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
    if (file.get() < 0 ||
        ::write(file.get(), secret.bytes().data(), kKeyBytes) != static_cast<ssize_t>(kKeyBytes) ||
        ::fsync(file.get()) != 0) {
      return Failed(draft, "cannot write the key file");
    }
  }
  if (::rename(draft.c_str(), path.c_str()) != 0) return Failed(path, "cannot write the key file");
  const std::size_t slash = path.rfind('/');
  const std::string folder = slash == std::string::npos ? "." : path.substr(0, slash + 1);
  const File directory(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (directory.get() < 0 || ::fsync(directory.get()) != 0)
    return Failed(folder, "cannot sync the folder of the key file");
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<SecretKey> ReadKeyFile(const std::string& path, std::string_view without_it) {
  const File file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.get() < 0) {
    if (errno == ENOENT) return absl::NotFoundError(path);
    return Failed(path, "cannot read the key file");
  }
  struct stat status {};
  if (::fstat(file.get(), &status) != 0) return Failed(path, "cannot read the key file");
  RETURN_IF_ERROR(CheckPrivate("the key file", path, status.st_mode));
  SecretKey secret;
  const bool whole =
      status.st_size == static_cast<off_t>(kKeyBytes) &&
      ::read(file.get(), secret.bytes().data(), kKeyBytes) == static_cast<ssize_t>(kKeyBytes);
  if (!whole) {
    return absl::FailedPreconditionError(
        absl::StrCat("the key file ", path,
                     " is damaged: it must hold 32 bytes. Restore it from a backup; "
                     "without it, ",
                     std::string(without_it)));
  }
  return secret;
}

absl::StatusOr<SecretKey> OpenKeyFile(const std::string& path, std::string_view without_it,
                                      Random& random) {
  absl::StatusOr<SecretKey> secret = ReadKeyFile(path, without_it);
  if (!absl::IsNotFound(secret.status())) return secret;
  SecretKey made = SecretKey::Generate(random);
  RETURN_IF_ERROR(Write(path, made));
  return made;
}

}  // namespace holdfast::security
