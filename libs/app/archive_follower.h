// An archive that follows a journal on a thread of its own, and tells how far behind it is.
//
//   journal --> archive::JournalArchive --> <archiver.folder>, a backup that can be verified and
//   restored
//
// What cannot be read or written is tried again; what can be archived is, whatever else cannot.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "holdfast/config/v1/config.pb.h"

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "archive/journal_archive.h"
#include "base/thread_executor.h"
#include "journal/journal.h"
#include "observability/metrics.h"
#include "security/ed25519_key.h"

namespace holdfast::app {

// Thread-safe.
class ArchiveFollower {
 public:
  struct Parts {
    journal::Journal* journal = nullptr;  // outlives this
    config::v1::Archiver config;
    // What is to be archived now; asked now and then, on the follower's thread.
    std::function<absl::StatusOr<std::vector<std::string>>()> contexts;
    archive::ListFiles files;
  };

  // Reads the key, claims the folder, begins. kFailedPrecondition and kDataLoss as
  // archive::JournalArchive's, and where the key can be read by others.
  static absl::StatusOr<std::unique_ptr<ArchiveFollower>> Start(Parts parts);
  ~ArchiveFollower();  // finishes, where Finish was not called

  // How the last look went; kUnavailable before the first.
  absl::Status Last() const;
  // Waits for the first look: how it went.
  absl::Status AwaitFirst() const;
  // What stands goes into the manifest; nothing is followed afterwards. Once.
  void Finish();

 private:
  ArchiveFollower(Parts parts, std::unique_ptr<const security::Ed25519PrivateKey> key);
  absl::Status Open();
  // On the follower's thread, as what it calls.
  void Look();
  absl::Status FollowContexts();
  void Note(const absl::Status& status);

  const Parts parts_;
  const std::unique_ptr<const security::Ed25519PrivateKey> key_;
  std::unique_ptr<archive::JournalArchive> archive_;
  std::map<std::string, std::unique_ptr<metrics::Registry::Callback>> lags_;  // by context
  absl::Duration next_contexts_;
  bool stopping_ = false;
  bool finished_ = false;

  mutable absl::Mutex mutex_;
  absl::Status last_ ABSL_GUARDED_BY(mutex_);
  bool looked_ ABSL_GUARDED_BY(mutex_) = false;

  ThreadExecutor thread_{"archive"};
};

}  // namespace holdfast::app
