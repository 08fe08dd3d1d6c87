#include "app/data_folder.h"

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <system_error>

#include <unistd.h>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "security/strict_json.h"

namespace holdfast::app {
namespace {

namespace fs = std::filesystem;

absl::Status Unwritable(const std::string& path, const std::error_code& why) {
  if (why == std::errc::no_space_on_device) {
    return absl::UnavailableError(absl::StrCat("the disk that holds the data folder ", path,
                                               " is full: make room, or choose another folder with "
                                               "--data"));
  }
  return absl::UnavailableError(
      absl::StrCat("the data folder ", path, " cannot be written: ", why.message(),
                   "; choose another with --data, or give this user the right to write there"));
}

std::error_code LastError() {
  return {errno, std::generic_category()};
}

// Whole or not at all.
absl::Status WriteFile(const std::string& path, const std::string& text) {
  const std::string fresh = path + ".new";
  {
    std::ofstream file(fresh, std::ios::binary | std::ios::trunc);
    file << text;
    file.close();
    if (!file) return Unwritable(path, LastError());
  }
  std::error_code error;
  fs::rename(fresh, path, error);
  if (error) return Unwritable(path, error);
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::unique_ptr<DataFolder>> DataFolder::Open(const std::string& path) {
  std::error_code error;
  const std::string absolute = fs::absolute(path, error).lexically_normal().string();
  fs::create_directories(fs::path(absolute) / "run", error);
  if (error) return Unwritable(absolute, error);
  fs::permissions(absolute, fs::perms::owner_all, error);

  auto lock = std::make_unique<const FolderLock>(absolute, FolderLock::Missing::kMade);
  if (lock->error()) return Unwritable(absolute, lock->error());
  if (!lock->held()) {
    return absl::FailedPreconditionError(
        absl::StrCat("the data folder ", absolute, " is served by another process", lock->HeldBy(),
                     "; stop it, or choose another folder with --data"));
  }
  std::unique_ptr<DataFolder> folder(new DataFolder(absolute, std::move(lock)));
  if (fs::exists(absolute + kRestoringFolder, error)) {
    return absl::FailedPreconditionError(
        absl::StrCat("the data folder ", absolute,
                     " holds a part of a restore that did not end: empty it, and give holdfast "
                     "backup restore again"));
  }
  fs::remove(absolute + "/run/holdfast.json", error);
  RETURN_IF_ERROR(WriteFile(absolute + "/run/pid", absl::StrCat(::getpid(), "\n")));
  return folder;
}

DataFolder::~DataFolder() {
  std::error_code ignored;  // what is left says less than the lock, which is what counts
  fs::remove(path_ + "/run/holdfast.json", ignored);
  fs::remove(path_ + "/run/pid", ignored);
}

absl::Status DataFolder::Announce(const Addresses& addresses) {
  using security::JsonQuote;
  return WriteFile(
      path_ + "/run/holdfast.json",
      absl::StrCat(R"({"console":)", JsonQuote(addresses.console), R"(,"grpc":)",
                   JsonQuote(addresses.grpc), R"(,"admin":)", JsonQuote(addresses.admin),
                   R"(,"data":)", JsonQuote(path_), R"(,"pid":)", ::getpid(), "}\n"));
}

}  // namespace holdfast::app
