#include "cli/upload.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <functional>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "base/status_macros.h"
#include "cli/progress.h"
#include "cli/rpc_names.h"
#include "cli/session.h"

namespace holdfast::cli {
namespace {

namespace fs = std::filesystem;
using metrics::v1::UploadedFile;

constexpr std::size_t kChunkBytes = 256U << 10U;

// `next` fills the chunk; false at the end.
absl::StatusOr<UploadedFile> Send(Session& session, const std::string& name, std::uint64_t bytes,
                                  const std::function<absl::StatusOr<bool>(std::string&)>& next) {
  RETURN_IF_ERROR(session.SignIn());
  rpc::CallOptions options = session.Options();
  options.timeout = std::max(options.timeout, absl::Minutes(10));
  const std::unique_ptr<rpc::Upload> upload =
      session.client().OpenUpload(Metrics("Upload"), options);
  Progress progress("upload");
  metrics::v1::UploadChunk chunk;
  chunk.set_file_name(name);
  std::uint64_t sent = 0;
  for (bool first = true;; first = false) {
    ASSIGN_OR_RETURN(const bool more, next(*chunk.mutable_content()));
    if (!more && !first) break;
    if (!upload->Write(chunk)) break;  // Finish says why
    sent += chunk.content().size();
    progress.At(sent, bytes);
    chunk.clear_file_name();
    if (!more) break;
  }
  metrics::v1::UploadResponse response;
  RETURN_IF_ERROR(WithContext(upload->Finish(response), name));
  UploadedFile file;
  file.set_sha256(response.sha256());
  file.set_name(name);
  return file;
}

// A file goes where the tenant's commands are decided: where it went to another instance, it is
// sent again.
absl::StatusOr<UploadedFile> FollowingOwner(
    Session& session, const std::function<absl::StatusOr<UploadedFile>()>& send) {
  constexpr int kTries = 5;
  absl::StatusOr<UploadedFile> sent = send();
  for (int i = 1; i < kTries && !sent.ok(); ++i) {
    if (!session.client().Follow(Metrics("Upload"), session.Options(), sent.status())) break;
    sent = send();
  }
  return sent;
}

}  // namespace

absl::StatusOr<UploadedFile> UploadBytes(Session& session, std::string_view content,
                                         const std::string& name) {
  return FollowingOwner(session, [&session, content, &name] {
    std::string_view rest = content;
    return Send(session, name, content.size(), [&rest](std::string& chunk) {
      chunk.assign(rest.substr(0, kChunkBytes));
      rest.remove_prefix(chunk.size());
      return !chunk.empty();
    });
  });
}

absl::StatusOr<UploadedFile> UploadFile(Session& session, const std::string& path,
                                        const std::string& name) {
  std::error_code error;
  const std::uintmax_t bytes = fs::file_size(path, error);
  std::ifstream file(path, std::ios::binary);
  if (error || !file) {
    return absl::NotFoundError(absl::StrCat(
        path, " cannot be read", error ? absl::StrCat(": ", error.message()) : std::string(), "."));
  }
  return FollowingOwner(session, [&] {
    file.clear();
    file.seekg(0);
    return Send(session, name, bytes, [&file, &path](std::string& chunk) -> absl::StatusOr<bool> {
      chunk.resize(kChunkBytes);
      file.read(chunk.data(), static_cast<std::streamsize>(chunk.size()));
      if (file.bad())
        return absl::UnavailableError(absl::StrCat(path, " could not be read to its end."));
      chunk.resize(static_cast<std::size_t>(file.gcount()));
      return !chunk.empty();
    });
  });
}

absl::StatusOr<std::vector<UploadedFile>> UploadPath(Session& session, const std::string& path) {
  std::error_code error;
  std::vector<UploadedFile> files;
  if (!fs::is_directory(path, error)) {
    // The last folder and the file: a police.uk month stands in a folder of its name.
    const fs::path file(path);
    ASSIGN_OR_RETURN(UploadedFile uploaded, UploadFile(session, path, file.filename().string()));
    files.push_back(std::move(uploaded));
    return files;
  }
  std::vector<std::string> names;
  for (const auto& entry : fs::recursive_directory_iterator(path, error)) {
    if (entry.is_regular_file(error) && entry.path().extension() == ".csv") {
      names.push_back(fs::relative(entry.path(), path, error).string());
    }
  }
  if (error)
    return absl::UnavailableError(absl::StrCat(path, " cannot be read: ", error.message(), "."));
  if (names.empty())
    return absl::NotFoundError(absl::StrCat("There is no .csv file below ", path, "."));
  std::sort(names.begin(), names.end());
  for (const std::string& name : names) {
    ASSIGN_OR_RETURN(UploadedFile uploaded,
                     UploadFile(session, (fs::path(path) / name).string(), name));
    files.push_back(std::move(uploaded));
  }
  return files;
}

}  // namespace holdfast::cli
