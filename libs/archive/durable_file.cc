#include "archive/durable_file.h"

#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "absl/strings/str_cat.h"
#include "base/hash.h"
#include "base/hex.h"
#include "base/status_macros.h"

namespace holdfast::archive {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kWriteBytes = std::size_t{1} << 20U;

absl::Status CannotWrite(const std::string& path, const std::error_code& why) {
  if (why == std::errc::no_space_on_device || why.value() == EDQUOT) {
    return absl::ResourceExhaustedError(absl::StrCat(
        "the disk is full, so ", path, " was not written: make room, and give the command again"));
  }
  return absl::UnavailableError(absl::StrCat(path, " cannot be written: ", why.message()));
}

std::error_code LastError() {
  return {errno, std::generic_category()};
}

std::string FolderOf(const std::string& path) {
  const fs::path parent = fs::path(path).parent_path();
  return parent.empty() ? "." : parent.string();
}

// Piece by piece, so that a file of any size costs little memory.
template <class Piece>
absl::Status EachPiece(const std::string& path, Piece piece) {
  std::ifstream file(path, std::ios::binary);
  if (!file) {
    std::error_code error;
    if (!fs::exists(path, error)) return absl::NotFoundError(absl::StrCat(path, " is missing"));
    return absl::UnavailableError(absl::StrCat(path, " cannot be read"));
  }
  std::string buffer(kWriteBytes, '\0');
  while (file.read(buffer.data(), static_cast<std::streamsize>(buffer.size())) ||
         file.gcount() > 0) {
    RETURN_IF_ERROR(
        piece(std::string_view(buffer).substr(0, static_cast<std::size_t>(file.gcount()))));
  }
  if (file.bad()) return absl::UnavailableError(absl::StrCat(path, " cannot be read"));
  return absl::OkStatus();
}

// Never in place of another file. File systems of other machines (NFS) cannot promise that in one
// step: there it is looked at first.
int RenameToFreeName(const std::string& from, const std::string& to) {
  if (::renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE) == 0) return 0;
  if (errno != EINVAL && errno != ENOSYS) return -1;
  if (::access(to.c_str(), F_OK) == 0) {
    errno = EEXIST;
    return -1;
  }
  return ::rename(from.c_str(), to.c_str());
}

}  // namespace

absl::StatusOr<std::unique_ptr<DurableFile>> DurableFile::Create(std::string path) {
  const std::string draft = absl::StrCat(path, std::string(kDraftSuffix));
  ::unlink(draft.c_str());
  const int file = ::open(draft.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (file < 0) return CannotWrite(draft, LastError());
  return std::unique_ptr<DurableFile>(new DurableFile(std::move(path), file));
}

DurableFile::~DurableFile() {
  ::close(file_);
  if (!published_) ::unlink(absl::StrCat(path_, std::string(kDraftSuffix)).c_str());
}

absl::Status DurableFile::Append(std::string_view bytes) {
  waiting_.append(bytes);
  bytes_ += bytes.size();
  return waiting_.size() < kWriteBytes ? absl::OkStatus() : WriteOut();
}

absl::Status DurableFile::WriteOut() {
  std::string_view left = waiting_;
  while (!left.empty()) {
    const ssize_t written = ::write(file_, left.data(), left.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return CannotWrite(path_, LastError());
    left.remove_prefix(static_cast<std::size_t>(written));
  }
  waiting_.clear();
  return absl::OkStatus();
}

absl::Status DurableFile::Publish(Existing existing) {
  RETURN_IF_ERROR(WriteOut());
  if (::fsync(file_) != 0) return CannotWrite(path_, LastError());
  const std::string draft = absl::StrCat(path_, std::string(kDraftSuffix));
  const int renamed = existing == Existing::kKept ? RenameToFreeName(draft, path_)
                                                  : ::rename(draft.c_str(), path_.c_str());
  if (renamed != 0) {
    if (errno == EEXIST)
      return absl::AlreadyExistsError(absl::StrCat(path_, " is there already, and stays as it is"));
    return CannotWrite(path_, LastError());
  }
  published_ = true;
  return SyncFolder(FolderOf(path_));
}

absl::Status WriteDurably(const std::string& path, std::string_view bytes,
                          DurableFile::Existing existing) {
  ASSIGN_OR_RETURN(const std::unique_ptr<DurableFile> file, DurableFile::Create(path));
  RETURN_IF_ERROR(file->Append(bytes));
  return file->Publish(existing);
}

absl::StatusOr<std::string> CopyDurably(const std::string& from, const std::string& to) {
  ASSIGN_OR_RETURN(const std::unique_ptr<DurableFile> file, DurableFile::Create(to));
  Sha256 sha256;
  RETURN_IF_ERROR(EachPiece(from, [&](std::string_view piece) {
    sha256.Update(piece);
    return file->Append(piece);
  }));
  RETURN_IF_ERROR(file->Publish(DurableFile::Existing::kReplaced));
  return ToHex(AsBytes(sha256.Finish()));
}

absl::Status MakeFolder(const std::string& path) {
  std::error_code error;
  if (fs::is_directory(path, error)) return absl::OkStatus();
  const std::string parent = FolderOf(path);
  if (parent != path) RETURN_IF_ERROR(MakeFolder(parent));
  if (::mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) return CannotWrite(path, LastError());
  return SyncFolder(parent);
}

absl::Status SyncFolder(const std::string& path) {
  const int folder = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (folder < 0) return CannotWrite(path, LastError());
  // Some file systems of other machines sync no folders, and say so by EINVAL.
  const bool synced = ::fsync(folder) == 0 || errno == EINVAL;
  const std::error_code why = LastError();
  ::close(folder);
  return synced ? absl::OkStatus() : CannotWrite(path, why);
}

absl::StatusOr<std::string> ReadSmallFile(const std::string& path, std::size_t max_bytes) {
  std::string bytes;
  RETURN_IF_ERROR(EachPiece(path, [&](std::string_view piece) -> absl::Status {
    bytes.append(piece);
    if (bytes.size() <= max_bytes) return absl::OkStatus();
    return absl::UnavailableError(
        absl::StrCat(path, " is larger than ", max_bytes, " bytes: it is not what it should be"));
  }));
  return bytes;
}

absl::StatusOr<std::string> DigestOfFile(const std::string& path) {
  Sha256 sha256;
  RETURN_IF_ERROR(EachPiece(path, [&](std::string_view piece) {
    sha256.Update(piece);
    return absl::OkStatus();
  }));
  return ToHex(AsBytes(sha256.Finish()));
}

}  // namespace holdfast::archive
