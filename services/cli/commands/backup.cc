// backup key | create | verify | restore, migrate
#include "archive/backup.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "holdfast/archive/v1/archive.pb.h"

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "app/data_backup.h"
#include "app/deployment_data.h"
#include "archive/key_file.h"
#include "archive/migration.h"
#include "archive/restore.h"
#include "base/hash.h"
#include "base/hex.h"
#include "base/status_macros.h"
#include "base/timestamps.h"
#include "cli/command.h"
#include "cli/exit_code.h"
#include "cli/invocation.h"
#include "cli/progress.h"
#include "cli/session.h"

namespace holdfast::cli {
namespace {

namespace v1 = archive::v1;

constexpr std::size_t kShownDigits = 16;
constexpr std::uint32_t kPartitions = 24;
constexpr std::uint32_t kMaxPartitions = 1024;

std::string DataOf(Invocation& in) {
  const std::string& data = in.session().options().data;
  return data.empty() ? ".data" : data;
}

std::string InstantText(absl::Time at) {
  return at == absl::InfinitePast()
             ? ""
             : absl::FormatTime("%Y-%m-%dT%H:%M:%E*SZ", at, absl::UTCTimeZone());
}

std::uint64_t RecordsOf(const v1::Manifest& manifest) {
  std::uint64_t records = 0;
  for (const v1::Partition& partition : manifest.partitions()) records += partition.records();
  return records;
}

void SayHead(const v1::Partition& partition, const std::string& tenant) {
  for (const v1::Head& head : partition.heads()) {
    if (head.tenant() != tenant) continue;
    Say(absl::StrCat("head of ", partition.context(), ": ", head.seq(), " ",
                     head.hash().substr(0, kShownDigits)));
  }
}

absl::Status PrintManifest(Invocation& in, const v1::Manifest& manifest) {
  Rows rows{{"context", "partition", "records", "accepted", "tenants", "digest"},
            {},
            {false, true, true, true, true}};
  for (const v1::Partition& partition : manifest.partitions()) {
    rows.rows.push_back({partition.context(), absl::StrCat(partition.partition()),
                         absl::StrCat(partition.records()), absl::StrCat(partition.accepted()),
                         absl::StrCat(partition.heads_size()),
                         partition.digest().substr(0, kShownDigits)});
    SayHead(partition, in.session().options().tenant);
  }
  return in.output().Print(manifest, rows);
}

std::string Described(const v1::Manifest& manifest) {
  return absl::StrCat("backup of ", InstantText(ToTime(manifest.created_at())), ": ",
                      RecordsOf(manifest), " records, ", manifest.files_size(),
                      " files, signed by the key ", manifest.key());
}

absl::Status MakeKey(Invocation& in) {
  const std::string path = in.Get("FILE");
  ASSIGN_OR_RETURN(const auto key, archive::MakeKeyFiles(path));
  Say(absl::StrCat("key ", key->public_key().Fingerprint(), ": ", path,
                   " signs backups, keep it secret and apart from them; ", path,
                   ".pub checks them, give it to whoever does"));
  return absl::OkStatus();
}

absl::Status CreateBackup(Invocation& in) {
  ASSIGN_OR_RETURN(const auto key, archive::ReadPrivateKey(in.Get("--key")));
  Progress progress("records");
  ASSIGN_OR_RETURN(const v1::Manifest manifest,
                   app::BackUpData(DataOf(in), in.Get("FOLDER"), *key,
                                   [&progress](std::uint64_t done) { progress.Count(done); }));
  Say(Described(manifest));
  return PrintManifest(in, manifest);
}

absl::StatusOr<archive::Backup> OpenBackup(const Invocation& in) {
  if (in.Has("--public-key")) {
    ASSIGN_OR_RETURN(auto key, archive::ReadPublicKey(in.Get("--public-key")));
    return archive::Backup::Open(in.Get("FOLDER"), std::move(key));
  }
  ASSIGN_OR_RETURN(archive::Backup backup, archive::Backup::Open(in.Get("FOLDER"), nullptr));
  Say(absl::StrCat("checked by the key that lies in the backup, ", backup.key().Fingerprint(),
                   ": this finds damage. That it is your own backup, --public-key tells"));
  return backup;
}

// Of a backup that is read whole, so often over.
archive::CountRecords CountUpTo(Progress& progress, std::uint64_t records) {
  return [&progress, records](std::uint64_t done) { progress.At(done, records); };
}

absl::Status VerifyBackup(Invocation& in) {
  ASSIGN_OR_RETURN(const archive::Backup backup, OpenBackup(in));
  {
    Progress progress("records");
    RETURN_IF_ERROR(backup.Verify(CountUpTo(progress, RecordsOf(backup.manifest()))));
  }
  Say(Described(backup.manifest()));
  return PrintManifest(in, backup.manifest());
}

absl::StatusOr<std::optional<absl::Time>> Until(const Invocation& in) {
  if (!in.Has("--until")) return std::nullopt;
  absl::Time until;
  std::string error;
  if (absl::ParseTime(absl::RFC3339_full, in.Get("--until"), &until, &error)) return until;
  return UsageError("--until must be an instant with its zone, such as 2026-03-02T12:00:00Z.");
}

absl::Status PrintPlan(Invocation& in, const archive::RestorePlan& plan) {
  Rows rows{{"context", "partition", "records", "left_out", "last_recorded", "digest"},
            {},
            {false, true, true, true}};
  for (const archive::PartitionPlan& partition : plan.partitions) {
    const v1::Partition& restored = partition.restored;
    rows.rows.push_back({restored.context(), absl::StrCat(restored.partition()),
                         absl::StrCat(restored.records()), absl::StrCat(partition.left_out),
                         InstantText(partition.last_recorded),
                         restored.digest().substr(0, kShownDigits)});
    SayHead(restored, in.session().options().tenant);
  }
  return in.output().Print(rows);
}

// Checks the whole backup.
absl::StatusOr<archive::RestorePlan> Plan(Invocation& in, const archive::Backup& backup) {
  ASSIGN_OR_RETURN(const std::optional<absl::Time> until, Until(in));
  Progress progress("checked");
  return archive::PlanRestore(backup, until, CountUpTo(progress, RecordsOf(backup.manifest())));
}

absl::Status SayDryRun(Invocation& in, const archive::RestorePlan& plan) {
  Say("dry run: the backup is whole, nothing was written");
  return PrintPlan(in, plan);
}

absl::StatusOr<app::Deployment> DeploymentOf(const Invocation& in) {
  app::Deployment deployment;
  deployment.bootstrap = in.Get("--bootstrap");
  deployment.secrets = in.Get("--secrets");
  if (!in.Has("--replication")) return deployment;
  if (absl::SimpleAtoi(in.Get("--replication"), &deployment.replication) &&
      deployment.replication >= 1 && deployment.replication <= 9) {
    return deployment;
  }
  return UsageError("--replication wants a number from 1 to 9, such as 3");
}

absl::Status RestoreIntoBroker(Invocation& in) {
  ASSIGN_OR_RETURN(const app::Deployment deployment, DeploymentOf(in));
  ASSIGN_OR_RETURN(const archive::Backup backup, OpenBackup(in));
  ASSIGN_OR_RETURN(const archive::RestorePlan plan, Plan(in, backup));
  if (in.Has("--dry-run")) return SayDryRun(in, plan);
  {
    Progress progress("restored");
    const absl::Status restored = app::RestoreDeployment(
        backup, plan, deployment, CountUpTo(progress, RecordsOf(backup.manifest())));
    if (!restored.ok()) return restored;
  }
  Say(absl::StrCat("restored into the topics at ", deployment.bootstrap,
                   ", and read again: every head is the backup's. Start the services on them"));
  return PrintPlan(in, plan);
}

absl::Status RestoreIntoFolder(Invocation& in, const std::string& data) {
  ASSIGN_OR_RETURN(const archive::Backup backup, OpenBackup(in));
  RETURN_IF_ERROR(app::CheckEmptyData(data));
  ASSIGN_OR_RETURN(const archive::RestorePlan plan, Plan(in, backup));
  if (in.Has("--dry-run")) return SayDryRun(in, plan);
  {
    Progress progress("restored");
    RETURN_IF_ERROR(
        app::RestoreData(backup, plan, data, CountUpTo(progress, RecordsOf(backup.manifest()))));
  }
  Say(absl::StrCat("restored into ", data,
                   ", and read again: every head is the backup's. Start "
                   "the platform on it with --data"));
  return PrintPlan(in, plan);
}

absl::Status RestoreBackup(Invocation& in) {
  const std::string& data = in.session().options().data;
  if (data.empty() != in.Has("--bootstrap")) {
    return UsageError(
        "Name what to restore into: --data DIR, absent or empty, or --bootstrap HOST:PORT, whose "
        "topics are missing or empty.");
  }
  RETURN_IF_ERROR(Until(in).status());
  return data.empty() ? RestoreIntoBroker(in) : RestoreIntoFolder(in, data);
}

absl::Status PrintMigrated(Invocation& in, const std::vector<app::MigratedContext>& contexts) {
  Rows rows{{"context", "tenant", "seq", "head"}, {}, {false, false, true, false}};
  for (const app::MigratedContext& context : contexts) {
    for (const auto& [tenant, head] : context.migrated.heads) {
      const std::string hash = ToHex(AsBytes(head.hash)).substr(0, kShownDigits);
      rows.rows.push_back({context.context, tenant, absl::StrCat(head.seq), hash});
      if (tenant == in.session().options().tenant)
        Say(absl::StrCat("head of ", context.context, ": ", head.seq, " ", hash));
    }
  }
  return in.output().Print(rows);
}

absl::Status Migrate(Invocation& in) {
  const std::string data = DataOf(in);
  std::uint32_t partitions = kPartitions;
  if (in.Has("--partitions") && !(absl::SimpleAtoi(in.Get("--partitions"), &partitions) &&
                                  partitions >= 1 && partitions <= kMaxPartitions)) {
    return UsageError(absl::StrCat("--partitions wants a number from 1 to ", kMaxPartitions,
                                   ", such as ", kPartitions));
  }
  ASSIGN_OR_RETURN(const app::Deployment deployment, DeploymentOf(in));
  const bool dry = in.Has("--dry-run");
  std::vector<app::MigratedContext> contexts;
  {
    Progress progress("copied");
    ASSIGN_OR_RETURN(
        contexts,
        app::MigrateData(data, deployment, partitions,
                         dry ? archive::MigrationMode::kDryRun : archive::MigrationMode::kCopy,
                         [&progress](std::uint64_t done) { progress.Count(done); }));
  }
  std::uint64_t commits = 0;
  std::uint64_t before = 0;
  for (const app::MigratedContext& context : contexts) {
    commits += context.migrated.commits;
    before += context.migrated.there_before;
  }
  Say(absl::StrCat(
      dry ? "dry run, nothing written: " : "", commits, " commits ", dry ? "would be" : "are",
      " at ", deployment.bootstrap, ", ", before, " of them were before",
      dry ? "" : "; every head is the folder's. Never start the platform on it again"));
  return PrintMigrated(in, contexts);
}

}  // namespace

Commands BackupCommands() {
  const Option replication = {"--replication", "N",
                              "Copies of each record in topics that are made; 3 unless said"};
  const Option secrets = {
      "--secrets", "DIR",
      "Where the services find what they share: gets the key of the commands' MACs"};
  const Option public_key = {"--public-key", "FILE",
                             "The key that must have signed it (FILE.pub of holdfast backup key)"};
  return {
      {"backup key",
       "Make the key pair that signs backups",
       {{"FILE", "Where the private key goes; the public one goes beside it as FILE.pub"}},
       {},
       "holdfast backup key backup.key",
       MakeKey},
      {"backup create",
       "Back up the data folder of a stopped platform, or add what is new since the last time",
       {{"FOLDER", "Of the backup: empty, or one of the same journal and key"}},
       {{"--key", "FILE", "The private key of holdfast backup key", true}},
       "holdfast backup create /mnt/backup --key backup.key --data .data",
       CreateBackup},
      {"backup verify",
       "Read a backup again, offline: signatures, checksums, chains, heads",
       {{"FOLDER", "Of the backup"}},
       {public_key},
       "holdfast backup verify /mnt/backup --public-key backup.key.pub",
       VerifyBackup},
      {"backup restore",
       "Restore a backup, or what the archiver wrote, whole or as of a moment: into the empty data "
       "folder --data, or into the empty topics of --bootstrap",
       {{"FOLDER", "Of the backup"}},
       {public_key,
        {"--bootstrap", "HOST:PORT", "The brokers of a deployment, several by commas"},
        replication,
        secrets,
        {"--until", "TIME", "Leave out what was recorded after it, such as 2026-03-02T12:00:00Z"},
        {"--dry-run", "", "Check everything, say what would be restored, write nothing"}},
       "holdfast backup restore /mnt/backup --data restored --until 2026-03-02T12:00:00Z --dry-run",
       RestoreBackup},
      {"migrate",
       "Copy the journal of the stopped platform on --data to the empty topics of a deployment; "
       "asked again it goes on",
       {},
       {{"--bootstrap", "HOST:PORT", "The brokers, several by commas", true},
        {"--secrets", secrets.value, secrets.help, true},
        {"--partitions", "N", "Of each journal; 24 unless said"},
        replication,
        {"--dry-run", "", "Read and compare everything, say what would be copied, write nothing"}},
       "holdfast migrate --data .data --bootstrap 127.0.0.1:19092 --secrets secrets",
       Migrate},
  };
}

}  // namespace holdfast::cli
