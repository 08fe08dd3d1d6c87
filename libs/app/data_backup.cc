#include "app/data_backup.h"

#include <algorithm>
#include <filesystem>
#include <map>
#include <memory>
#include <system_error>
#include <vector>

#include "absl/strings/str_cat.h"
#include "app/folder_lock.h"
#include "app/journal_folder.h"
#include "archive/durable_file.h"
#include "base/clock.h"
#include "base/status_macros.h"
#include "journal/embedded_journal.h"

namespace holdfast::app {
namespace {

namespace fs = std::filesystem;

constexpr char kMacKey[] = "state/command-mac.key";

absl::StatusOr<std::vector<std::string>> KeptFiles(const std::string& data) {
  std::vector<std::string> files;
  std::error_code error;
  if (fs::exists(absl::StrCat(data, "/", kMacKey), error)) files.emplace_back(kMacKey);
  const fs::path kept = fs::path(data) / "files";
  if (!fs::exists(kept, error)) return files;
  fs::recursive_directory_iterator entries(kept, error);
  for (const fs::recursive_directory_iterator end; !error && entries != end;
       entries.increment(error)) {
    if (entries->is_regular_file() && !entries->is_symlink())
      files.push_back(entries->path().lexically_relative(data).string());
  }
  if (error)
    return absl::UnavailableError(
        absl::StrCat("the folder ", kept.string(), " cannot be read: ", error.message()));
  std::sort(files.begin(), files.end());
  return files;
}

std::string Absolute(const std::string& path) {
  std::error_code error;
  std::string absolute = fs::weakly_canonical(fs::absolute(path, error), error).string();
  while (absolute.size() > 1 && absolute.ends_with('/')) absolute.pop_back();
  return absolute;
}

absl::Status CreateContexts(const archive::RestorePlan& plan, journal::EmbeddedJournal& journal) {
  std::map<std::string, std::uint32_t> partitions;
  for (const archive::PartitionPlan& partition : plan.partitions)
    ++partitions[partition.restored.context()];
  for (const auto& [context, count] : partitions)
    RETURN_IF_ERROR(journal.CreateContext(context, count));
  return absl::OkStatus();
}

absl::Status RestoreInto(const archive::Backup& backup, const archive::RestorePlan& plan,
                         const std::string& folder, const archive::CountRecords& progress) {
  RETURN_IF_ERROR(archive::MakeFolder(folder + "/journal"));
  journal::EmbeddedJournalOptions options;
  options.folder = folder + "/journal";
  ASSIGN_OR_RETURN(const std::unique_ptr<journal::EmbeddedJournal> journal,
                   journal::EmbeddedJournal::Open(options));
  RETURN_IF_ERROR(CreateContexts(plan, *journal));
  RETURN_IF_ERROR(archive::RestoreJournal(backup, plan, *journal, progress));
  return archive::RestoreFiles(backup, folder);
}

// Moves what was restored to its place; the folder that says it is not whole goes last.
absl::Status Publish(const std::string& draft, const std::string& data) {
  std::error_code error;
  std::vector<fs::path> parts;
  for (const fs::directory_entry& entry : fs::directory_iterator(draft, error))
    parts.push_back(entry.path());
  for (const fs::path& part : parts) {
    if (!error) fs::rename(part, fs::path(data) / part.filename(), error);
  }
  if (!error) RETURN_IF_ERROR(archive::SyncFolder(data));
  if (!error) fs::remove(draft, error);
  if (error)
    return absl::UnavailableError(
        absl::StrCat("what was restored cannot be moved to ", data, ": ", error.message()));
  return archive::SyncFolder(data);
}

}  // namespace

absl::Status CheckApart(const std::string& data, const std::string& backup) {
  if (!(Absolute(backup) + "/").starts_with(Absolute(data) + "/")) return absl::OkStatus();
  return absl::FailedPreconditionError(
      absl::StrCat("the backup would lie inside the data folder ", data,
                   ", and be lost with it: give a folder elsewhere, best on another disk"));
}

absl::StatusOr<archive::v1::Manifest> BackUpData(const std::string& data, const std::string& backup,
                                                 const security::Ed25519PrivateKey& key,
                                                 const archive::CountRecords& progress) {
  RETURN_IF_ERROR(RequireJournal(data));
  RETURN_IF_ERROR(CheckApart(data, backup));
  const FolderLock lock(data);
  RETURN_IF_ERROR(lock.RequireFor("a backup"));
  ASSIGN_OR_RETURN(const std::unique_ptr<journal::EmbeddedJournal> journal, OpenToRead(data));
  archive::BackupOptions wanted;
  wanted.folder = backup;
  wanted.partitions = journal->AllPartitions();
  wanted.data_folder = data;
  ASSIGN_OR_RETURN(wanted.files, KeptFiles(data));
  wanted.progress = progress;
  return archive::CreateBackup(*journal, key, SystemClock(), wanted);
}

absl::StatusOr<archive::FilesByPath> FilesOf(const std::string& data) {
  ASSIGN_OR_RETURN(const std::vector<std::string> kept, KeptFiles(data));
  archive::FilesByPath files;
  for (const std::string& path : kept) files[path] = absl::StrCat(data, "/", path);
  return files;
}

absl::Status CheckEmptyData(const std::string& data) {
  std::error_code error;
  if (!fs::exists(data, error)) return absl::OkStatus();
  for (const fs::directory_entry& entry : fs::directory_iterator(data, error)) {
    const std::string name = entry.path().filename().string();
    if (name == "run" || name == "lost+found") continue;
    return absl::FailedPreconditionError(
        absl::StrCat("the data folder ", data, " is not empty: ", name,
                     " is there. Nothing was written; restore into an empty folder, and keep this "
                     "one until you are sure"));
  }
  if (!error) return absl::OkStatus();
  return absl::UnavailableError(
      absl::StrCat("the data folder ", data, " cannot be read: ", error.message()));
}

absl::Status RestoreData(const archive::Backup& backup, const archive::RestorePlan& plan,
                         const std::string& data, const archive::CountRecords& progress) {
  RETURN_IF_ERROR(archive::MakeFolder(data));
  const FolderLock lock(data, FolderLock::Missing::kMade);
  RETURN_IF_ERROR(lock.RequireFor("a restore"));
  RETURN_IF_ERROR(CheckEmptyData(data));
  const std::string draft = data + kRestoringFolder;
  RETURN_IF_ERROR(archive::MakeFolder(draft));
  absl::Status restored = RestoreInto(backup, plan, draft, progress);
  if (restored.ok()) return Publish(draft, data);
  std::error_code ignored;  // what is left says that it is not whole
  fs::remove_all(draft, ignored);
  return restored;
}

}  // namespace holdfast::app
