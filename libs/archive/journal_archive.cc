#include "archive/journal_archive.h"

#include <algorithm>
#include <system_error>
#include <utility>

#include "holdfast/archive/v1/archive.pb.h"

#include "archive/manifest.h"
#include "base/clock.h"
#include "base/status_macros.h"
#include "base/timestamps.h"

namespace holdfast::archive {
namespace {

// Reactions follow their causes by so many contexts at most; more only wait for the next call.
constexpr int kRoundsToClose = 4;

}  // namespace

JournalArchive::JournalArchive(journal::Journal& journal, const security::Ed25519PrivateKey& key,
                               Clock& clock, JournalArchiveOptions options)
    : journal_(journal), key_(key), clock_(clock), options_(std::move(options)) {}

absl::StatusOr<std::unique_ptr<JournalArchive>> JournalArchive::Open(
    journal::Journal& journal, const security::Ed25519PrivateKey& key, Clock& clock,
    JournalArchiveOptions options) {
  RETURN_IF_ERROR(Claim(options.folder, key));
  absl::StatusOr<v1::Manifest> manifest = ReadManifest(options.folder, key.public_key());
  if (!manifest.ok() && !absl::IsNotFound(manifest.status())) return manifest.status();
  std::unique_ptr<JournalArchive> archive(
      new JournalArchive(journal, key, clock, std::move(options)));
  if (!manifest.ok()) return archive;
  for (const v1::Partition& partition : manifest->partitions())
    RETURN_IF_ERROR(archive->Follow(partition.context()));
  for (Followed& followed : archive->followed_) {
    for (const v1::Partition& partition : manifest->partitions()) {
      if (IdOf(partition) == followed.id) followed.in_manifest = partition.next_offset();
    }
  }
  return archive;
}

absl::Status JournalArchive::Follow(const std::string& context) {
  {
    const absl::MutexLock lock(&mutex_);
    if (progress_.contains(context)) return absl::OkStatus();
  }
  ASSIGN_OR_RETURN(const std::uint32_t partitions, journal_.Partitions(context));
  for (std::uint32_t p = 0; p < partitions; ++p) followed_.push_back({{context, p}, nullptr, 0});
  const absl::MutexLock lock(&mutex_);
  progress_[context].complete_at = clock_.SinceBoot();
  return absl::OkStatus();
}

absl::Status JournalArchive::CatchUp() {
  const absl::Duration begun = clock_.SinceBoot();
  absl::Status status = CopyAll();
  if (status.ok() && HasNewSegment()) status = Publish();
  Note(begun, status.ok());
  return status;
}

absl::Status JournalArchive::Finish() {
  const absl::Duration begun = clock_.SinceBoot();
  absl::Status status = CopyAll();
  const bool waits = std::ranges::any_of(followed_, [](const Followed& followed) {
    return followed.archiver != nullptr && followed.archiver->has_open_segment();
  });
  if (status.ok() && (waits || HasNewSegment())) status = Publish();
  Note(begun, status.ok());
  return status;
}

// One partition that cannot be read keeps no other from being archived.
absl::Status JournalArchive::CopyAll() {
  absl::Status first;
  for (Followed& followed : followed_) {
    const absl::Status copied = Copy(followed);
    if (copied.ok()) continue;
    if (followed.archiver != nullptr && !followed.archiver->usable()) followed.archiver.reset();
    first.Update(WithContext(copied, "archive " + NameOf(followed.id)));
  }
  return first;
}

absl::Status JournalArchive::Copy(Followed& followed) {
  if (followed.archiver == nullptr) {
    ArchiverOptions options;
    options.folder = JournalOf(options_.folder);
    options.max_segment_bytes = options_.max_segment_bytes;
    options.max_segment_age = options_.max_segment_age;
    ASSIGN_OR_RETURN(followed.archiver,
                     Archiver::Open(journal_, followed.id, key_, clock_, options));
  }
  return followed.archiver->CatchUp();
}

bool JournalArchive::HasNewSegment() const {
  return std::ranges::any_of(followed_, [](const Followed& followed) {
    return followed.archiver->archived_to() != followed.in_manifest;
  });
}

bool JournalArchive::IsClosed() const {
  Chains cut;
  OpenTenants open;
  for (const Followed& followed : followed_) {
    for (const auto& [tenant, head] : followed.archiver->archived().fold().heads()) {
      cut.Reach(followed.id.context, tenant, head.seq);
      open.Add(followed.id.context, tenant, head.receiving);
    }
  }
  if (open.InTwoPartitions()) return false;
  return std::ranges::none_of(followed_, [&cut](const Followed& followed) {
    return followed.archiver->archived().causes().MissingIn(cut).has_value();
  });
}

absl::Status JournalArchive::Publish() {
  for (int round = 0; !IsClosed(); ++round) {
    if (round == kRoundsToClose) return absl::OkStatus();
    RETURN_IF_ERROR(CopyAll());
  }
  for (Followed& followed : followed_) {
    absl::Status sealed = followed.archiver->Seal();
    if (sealed.ok()) continue;
    followed.archiver.reset();
    return WithContext(sealed, "archive " + NameOf(followed.id));
  }
  return WriteOut();
}

absl::Status JournalArchive::WriteOut() {
  v1::Manifest manifest;
  manifest.set_format(kManifestFormat);
  manifest.set_key(key_.public_key().Fingerprint());
  *manifest.mutable_created_at() = ToTimestamp(clock_.Now());
  for (const Followed& followed : followed_) {
    const ArchivedPartition& archived = followed.archiver->archived();
    v1::Partition& partition = *manifest.add_partitions();
    partition.set_context(followed.id.context);
    partition.set_partition(followed.id.partition);
    partition.set_records(archived.records());
    partition.set_accepted(archived.accepted());
    Record(archived.fold(), partition);
  }
  RETURN_IF_ERROR(KeepFiles(manifest));
  RETURN_IF_ERROR(WriteManifest(options_.folder, key_, manifest));
  for (Followed& followed : followed_) followed.in_manifest = followed.archiver->archived_to();
  return absl::OkStatus();
}

absl::Status JournalArchive::KeepFiles(v1::Manifest& manifest) {
  if (options_.files == nullptr) return absl::OkStatus();
  ASSIGN_OR_RETURN(const FilesByPath files, options_.files());
  for (const auto& [path, from] : files) {
    std::error_code error;
    const auto changed_at = std::filesystem::last_write_time(from, error);
    const std::uintmax_t bytes = error ? 0 : std::filesystem::file_size(from, error);
    Kept& kept = kept_[from];
    if (error || kept.changed_at != changed_at || kept.bytes != bytes || kept.file.path() != path) {
      ASSIGN_OR_RETURN(kept.file, KeepFile(options_.folder, from, path));
      kept.changed_at = changed_at;
      kept.bytes = bytes;
    }
    *manifest.add_files() = kept.file;
  }
  return absl::OkStatus();
}

void JournalArchive::Note(absl::Duration begun, bool all_copied) {
  const absl::MutexLock lock(&mutex_);
  for (auto& [context, progress] : progress_) {
    bool complete = all_copied;
    progress.waits_since = absl::InfiniteFuture();
    for (const Followed& followed : followed_) {
      if (followed.id.context != context || followed.archiver == nullptr) continue;
      const Archiver& archiver = *followed.archiver;
      complete = complete && !archiver.has_open_segment() &&
                 archiver.archived_to() == followed.in_manifest;
      progress.waits_since = std::min(progress.waits_since, archiver.waits_since());
    }
    if (complete) progress.complete_at = begun;
  }
}

absl::Duration JournalArchive::Lag(const std::string& context) const {
  const absl::MutexLock lock(&mutex_);
  const auto found = progress_.find(context);
  if (found == progress_.end()) return absl::ZeroDuration();
  return std::max({absl::ZeroDuration(), clock_.SinceBoot() - found->second.complete_at,
                   clock_.Now() - found->second.waits_since});
}

std::vector<std::string> JournalArchive::contexts() const {
  const absl::MutexLock lock(&mutex_);
  std::vector<std::string> names;
  for (const auto& [context, progress] : progress_) names.push_back(context);
  return names;
}

}  // namespace holdfast::archive
