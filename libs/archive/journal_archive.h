// A backup that follows a running journal: every partition of its contexts as segments, and a
// manifest, so that the folder is verified and restored as any backup (backup.h).
//
//   journal --Archiver, one a partition--> <folder>/journal/…   --all sealed--> manifest.jsonl
//
// The manifest is a cut that tears no reaction from its cause: partitions are read again until the
// commit that each commit answers to is there, too.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "holdfast/archive/v1/archive.pb.h"

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "archive/archiver.h"
#include "archive/causes.h"
#include "journal/journal.h"
#include "security/ed25519_key.h"

namespace holdfast {
class Clock;
}

namespace holdfast::archive {

// Where files stand that belong to the journal, by where a restore puts them below a data folder.
using FilesByPath = std::map<std::string, std::string>;
using ListFiles = std::function<absl::StatusOr<FilesByPath>()>;

struct JournalArchiveOptions {
  std::string folder;
  std::uint64_t max_segment_bytes = std::uint64_t{64} << 20U;
  // How long a record waits for the manifest at most: what is lost with the journal.
  absl::Duration max_segment_age = absl::Seconds(60);
  ListFiles files;  // asked at each manifest, which holds them; null: none
};

// Used by one thread, but for Lag. Journal, key and clock outlive it.
class JournalArchive {
 public:
  // kFailedPrecondition where the folder holds something else, or another key signed it; kDataLoss
  // where its manifest is damaged. Follows the contexts that the folder holds already.
  static absl::StatusOr<std::unique_ptr<JournalArchive>> Open(
      journal::Journal& journal, const security::Ed25519PrivateKey& key, Clock& clock,
      JournalArchiveOptions options);

  // From now on this context, too; once it is followed, nothing. kNotFound where there is none.
  absl::Status Follow(const std::string& context);

  // Copies what stands. Where a segment was sealed by its size or age, all are, and the manifest
  // follows. To be called when there is more, and at least every `max_segment_age`. After an error
  // the partitions that can be read are archived, the manifest stays, and the next call tries
  // again.
  absl::Status CatchUp();
  // The same, and seals all, whatever their size and age.
  absl::Status Finish();

  // For how long what the context records has not been in the manifest, at most. Any thread.
  absl::Duration Lag(const std::string& context) const;

  std::vector<std::string> contexts() const;

 private:
  struct Followed {
    journal::PartitionId id;
    std::unique_ptr<Archiver> archiver;  // null: to be opened
    journal::Offset in_manifest = 0;     // every record below it is
  };
  // Of a context.
  struct Progress {
    absl::Duration complete_at;  // at that moment all that stood was in the manifest
    absl::Time waits_since = absl::InfiniteFuture();
  };

  // A file that the archive has, as it was then.
  struct Kept {
    std::filesystem::file_time_type changed_at;
    std::uintmax_t bytes = 0;
    v1::File file;
  };

  JournalArchive(journal::Journal& journal, const security::Ed25519PrivateKey& key, Clock& clock,
                 JournalArchiveOptions options);
  absl::Status CopyAll();
  absl::Status Copy(Followed& followed);
  bool HasNewSegment() const;
  bool IsClosed() const;
  absl::Status Publish();
  absl::Status WriteOut();
  absl::Status KeepFiles(v1::Manifest& manifest);
  void Note(absl::Duration begun, bool all_copied);

  journal::Journal& journal_;
  const security::Ed25519PrivateKey& key_;
  Clock& clock_;
  const JournalArchiveOptions options_;
  std::vector<Followed> followed_;
  std::map<std::string, Kept> kept_;  // by where it stands: read again only where it changed

  mutable absl::Mutex mutex_;
  std::map<std::string, Progress> progress_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace holdfast::archive
