#include "app/deployment_data.h"

#include <filesystem>
#include <map>
#include <memory>
#include <set>
#include <system_error>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "app/folder_lock.h"
#include "app/journal_folder.h"
#include "archive/durable_file.h"
#include "base/random.h"
#include "base/status_macros.h"
#include "journal/embedded_journal.h"
#include "journal/kafka_journal.h"

namespace holdfast::app {
namespace {

namespace fs = std::filesystem;

constexpr char kMacKey[] = "command-mac.key";
constexpr std::size_t kMaxKeyBytes = 4096;

absl::StatusOr<std::unique_ptr<journal::KafkaJournal>> Open(const Deployment& deployment) {
  journal::KafkaJournalOptions options;
  options.bootstrap = deployment.bootstrap;
  options.partitions = 0;
  options.replication = deployment.replication;
  options.fills = true;
  // Every partition is read to its end several times, and a broker holds back that it is the end.
  options.fetch_wait = absl::Milliseconds(10);
  return journal::KafkaJournal::Open(options);
}

// The key `from`, where there is one, as the one that the processes share.
absl::Status GiveKey(const std::string& from, const Deployment& to) {
  std::error_code error;
  if (to.secrets.empty() || !fs::exists(from, error)) return absl::OkStatus();
  ASSIGN_OR_RETURN(const std::string key, archive::ReadSmallFile(from, kMaxKeyBytes));
  RETURN_IF_ERROR(archive::MakeFolder(to.secrets));
  const std::string path = absl::StrCat(to.secrets, "/", kMacKey);
  const absl::StatusOr<std::string> own = archive::ReadSmallFile(path, kMaxKeyBytes);
  if (absl::IsNotFound(own.status()))
    return archive::WriteDurably(path, key, archive::DurableFile::Existing::kKept);
  RETURN_IF_ERROR(own.status());
  if (*own == key) return absl::OkStatus();
  return absl::FailedPreconditionError(absl::StrCat(
      path,
      " is another key than the journal's commands were recorded with: whoever asks one of "
      "them again would be refused. Nothing was written; move that key away, and give the "
      "command again"));
}

absl::Status GiveKey(const archive::Backup& backup, const Deployment& to) {
  for (const archive::v1::File& file : backup.manifest().files()) {
    if (file.path() != absl::StrCat("state/", kMacKey)) continue;
    RETURN_IF_ERROR(backup.CheckFile(file));
    return GiveKey(backup.PathOf(file), to);
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<MigratedContext>> MigrateAll(journal::EmbeddedJournal& from,
                                                        journal::KafkaJournal& to,
                                                        archive::MigrationMode mode,
                                                        const archive::CountRecords& progress) {
  std::set<std::string> contexts;
  for (const journal::PartitionId& partition : from.AllPartitions())
    contexts.insert(partition.context);
  std::vector<MigratedContext> done;
  for (const std::string& context : contexts) {
    ASSIGN_OR_RETURN(archive::Migrated migrated,
                     archive::MigrateContext(from, to, context, SystemRandom(), mode, progress));
    done.push_back({context, std::move(migrated)});
  }
  return done;
}

}  // namespace

absl::Status RestoreDeployment(const archive::Backup& backup, const archive::RestorePlan& plan,
                               const Deployment& to, const archive::CountRecords& progress) {
  ASSIGN_OR_RETURN(const std::unique_ptr<journal::KafkaJournal> journal, Open(to));
  std::map<std::string, std::uint32_t> partitions;
  for (const archive::PartitionPlan& partition : plan.partitions)
    ++partitions[partition.restored.context()];
  for (const auto& [context, count] : partitions)
    RETURN_IF_ERROR(journal->CreateContext(context, count));
  RETURN_IF_ERROR(archive::CheckTarget(plan, *journal));
  RETURN_IF_ERROR(GiveKey(backup, to));
  RETURN_IF_ERROR(journal->BeginFilling());
  RETURN_IF_ERROR(archive::RestoreJournal(backup, plan, *journal, progress));
  return journal->EndFilling();
}

absl::StatusOr<std::vector<MigratedContext>> MigrateData(const std::string& data,
                                                         const Deployment& to,
                                                         std::uint32_t partitions,
                                                         archive::MigrationMode mode,
                                                         const archive::CountRecords& progress) {
  RETURN_IF_ERROR(RequireJournal(data));
  const FolderLock lock(data);
  RETURN_IF_ERROR(lock.RequireFor("a migration"));
  ASSIGN_OR_RETURN(const std::unique_ptr<journal::EmbeddedJournal> from, OpenToRead(data));
  ASSIGN_OR_RETURN(const std::unique_ptr<journal::KafkaJournal> target, Open(to));
  // Everything is compared before anything is written.
  ASSIGN_OR_RETURN(std::vector<MigratedContext> planned,
                   MigrateAll(*from, *target, archive::MigrationMode::kDryRun, nullptr));
  if (mode == archive::MigrationMode::kDryRun) return planned;
  RETURN_IF_ERROR(GiveKey(absl::StrCat(data, "/state/", kMacKey), to));
  for (const MigratedContext& context : planned)
    RETURN_IF_ERROR(target->CreateContext(context.context, partitions));
  RETURN_IF_ERROR(target->BeginFilling());
  RETURN_IF_ERROR(MigrateAll(*from, *target, mode, progress).status());
  RETURN_IF_ERROR(target->EndFilling());
  return planned;
}

}  // namespace holdfast::app
