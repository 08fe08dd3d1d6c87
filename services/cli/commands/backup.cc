// backup key | create | verify | restore
#include "archive/backup.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "holdfast/archive/v1/archive.pb.h"

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "app/data_backup.h"
#include "archive/key_file.h"
#include "archive/restore.h"
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

absl::Status RestoreBackup(Invocation& in) {
  const std::string data = in.session().options().data;
  if (data.empty())
    return UsageError("Name the new data folder: --data DIR. It must be absent or empty.");
  ASSIGN_OR_RETURN(const std::optional<absl::Time> until, Until(in));
  ASSIGN_OR_RETURN(const archive::Backup backup, OpenBackup(in));
  RETURN_IF_ERROR(app::CheckEmptyData(data));
  const std::uint64_t records = RecordsOf(backup.manifest());
  archive::RestorePlan plan;
  {
    Progress progress("checked");
    ASSIGN_OR_RETURN(plan, archive::PlanRestore(backup, until, CountUpTo(progress, records)));
  }
  if (in.Has("--dry-run")) {
    Say("dry run: the backup is whole, nothing was written");
    return PrintPlan(in, plan);
  }
  {
    Progress progress("restored");
    RETURN_IF_ERROR(app::RestoreData(backup, plan, data, CountUpTo(progress, records)));
  }
  Say(absl::StrCat("restored into ", data,
                   ", and read again: every head is the backup's. Start "
                   "the platform on it with --data"));
  return PrintPlan(in, plan);
}

}  // namespace

Commands BackupCommands() {
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
       "Restore a backup into the empty data folder --data, whole or as of a moment",
       {{"FOLDER", "Of the backup"}},
       {public_key,
        {"--until", "TIME", "Leave out what was recorded after it, such as 2026-03-02T12:00:00Z"},
        {"--dry-run", "", "Check everything, say what would be restored, write nothing"}},
       "holdfast backup restore /mnt/backup --data restored --until 2026-03-02T12:00:00Z --dry-run",
       RestoreBackup},
  };
}

}  // namespace holdfast::cli
