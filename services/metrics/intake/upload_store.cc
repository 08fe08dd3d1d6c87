#include "metrics/intake/upload_store.h"

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "absl/strings/str_cat.h"
#include "base/error.h"
#include "base/hash.h"
#include "base/hex.h"
#include "base/status_macros.h"

namespace holdfast::metrics {
namespace {

namespace fs = std::filesystem;

absl::Status DiskError(std::string_view what, int error) {
  if (error == ENOSPC || error == EDQUOT) {
    return ErrorWithReason(absl::StatusCode::kUnavailable, "READ_ONLY",
                           "The disk is full: nothing was kept. Free some space, then try again.");
  }
  return absl::UnavailableError(absl::StrCat(
      std::string(what), ": ", std::error_code(error, std::generic_category()).message()));
}

absl::Status WriteAll(int descriptor, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(descriptor, bytes.data(), bytes.size());
    if (written < 0) {
      if (errno == EINTR) continue;
      return DiskError("keep upload", errno);
    }
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::string> ReadDescriptor(int descriptor, std::uint64_t max_bytes) {
  std::string content;
  char buffer[1U << 16U];
  while (true) {
    const ssize_t got = ::read(descriptor, buffer, sizeof buffer);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return DiskError("read upload", errno);
    if (got == 0) return content;
    content.append(buffer, static_cast<std::size_t>(got));
    if (content.size() > max_bytes) {
      return ErrorWithReason(absl::StatusCode::kResourceExhausted, "MESSAGE_TOO_LARGE",
                             "The file is larger than this import takes.");
    }
  }
}

}  // namespace

OpenFile::~OpenFile() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

OpenFile::OpenFile(OpenFile&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}

struct UploadStore::Incoming::Impl {
  OpenFile file;
  std::string path;
  Sha256 sha256{};
  std::uint64_t bytes = 0;
  bool kept = false;
};

UploadStore::Incoming::Incoming(int descriptor, std::string path)
    : impl_(new Impl{OpenFile(descriptor), std::move(path)}) {}

UploadStore::Incoming::~Incoming() {
  if (!impl_->kept) ::unlink(impl_->path.c_str());
}

absl::Status UploadStore::Incoming::Append(std::string_view bytes) {
  if (impl_->bytes + bytes.size() > kMaxUploadBytes) {
    return ErrorWithReason(absl::StatusCode::kResourceExhausted, "MESSAGE_TOO_LARGE",
                           "An upload takes at most 2 GiB; send it in parts.");
  }
  RETURN_IF_ERROR(WriteAll(impl_->file.descriptor(), bytes));
  impl_->sha256.Update(bytes);
  impl_->bytes += bytes.size();
  return absl::OkStatus();
}

UploadStore::UploadStore(std::string tenant_folder)
    : folder_(std::move(tenant_folder) + "/uploads") {}

absl::StatusOr<std::unique_ptr<UploadStore::Incoming>> UploadStore::Begin() {
  std::error_code error;
  fs::create_directories(folder_, error);
  if (error) return DiskError("keep upload", error.value());
  std::string path = folder_ + "/incoming-XXXXXX";
  const int descriptor = ::mkostemp(path.data(), O_CLOEXEC);
  if (descriptor < 0) return DiskError("keep upload", errno);
  return std::unique_ptr<Incoming>(new Incoming(descriptor, std::move(path)));
}

absl::StatusOr<UploadStore::Kept> UploadStore::Finish(std::unique_ptr<Incoming> incoming) {
  Incoming::Impl& impl = *incoming->impl_;
  Kept kept{std::string(AsBytes(impl.sha256.Finish())), impl.bytes};
  if (::fdatasync(impl.file.descriptor()) != 0) return DiskError("keep upload", errno);
  const std::string path = folder_ + "/" + ToHex(kept.sha256);
  if (::rename(impl.path.c_str(), path.c_str()) != 0) return DiskError("keep upload", errno);
  impl.kept = true;
  return kept;
}

absl::StatusOr<OpenFile> UploadStore::Open(std::string_view sha256) const {
  const std::string path = folder_ + "/" + ToHex(sha256);
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0 && errno == ENOENT) {
    return ErrorWithReason(
        absl::StatusCode::kFailedPrecondition, "UPLOAD_GONE",
        "The file is not here: uploads are kept for seven days. Upload it again.");
  }
  if (descriptor < 0) return DiskError("open upload", errno);
  return OpenFile(descriptor);
}

absl::StatusOr<std::string> UploadStore::Read(std::string_view sha256,
                                              std::uint64_t max_bytes) const {
  ASSIGN_OR_RETURN(const OpenFile file, Open(sha256));
  return ReadDescriptor(file.descriptor(), max_bytes);
}

absl::Status UploadStore::WriteNote(std::string_view name, std::string_view content) const {
  std::error_code error;
  fs::create_directories(folder_, error);
  if (error) return DiskError("keep import", error.value());
  std::string path = folder_ + "/incoming-XXXXXX";
  const OpenFile file(::mkostemp(path.data(), O_CLOEXEC));
  if (file.descriptor() < 0) return DiskError("keep import", errno);
  absl::Status written = WriteAll(file.descriptor(), content);
  const std::string target = absl::StrCat(folder_, "/", std::string(name));
  if (written.ok() && ::rename(path.c_str(), target.c_str()) != 0) {
    written = DiskError("keep import", errno);
  }
  if (!written.ok()) ::unlink(path.c_str());
  return written;
}

absl::StatusOr<std::string> UploadStore::ReadNote(std::string_view name) const {
  const std::string path = absl::StrCat(folder_, "/", std::string(name));
  const OpenFile file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.descriptor() < 0 && errno == ENOENT) return absl::NotFoundError("no such note");
  if (file.descriptor() < 0) return DiskError("read import", errno);
  return ReadDescriptor(file.descriptor(), std::uint64_t{1} << 30U);
}

void UploadStore::Prune(absl::Time now) const {
  std::error_code error;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder_, error)) {
    struct stat facts {};
    if (::stat(entry.path().c_str(), &facts) != 0) continue;
    if (absl::FromTimeT(facts.st_mtime) + kUploadsKept < now) fs::remove(entry.path(), error);
  }
}

}  // namespace holdfast::metrics
