#include "app/archive_follower.h"

#include <utility>

#include "absl/synchronization/notification.h"
#include "archive/key_file.h"
#include "base/clock.h"
#include "base/status_macros.h"
#include "observability/log.h"

namespace holdfast::app {
namespace {

constexpr absl::Duration kLook = absl::Seconds(1);
constexpr absl::Duration kLookAfterError = absl::Seconds(5);
constexpr absl::Duration kLookForContexts = absl::Seconds(30);

}  // namespace

ArchiveFollower::ArchiveFollower(Parts parts,
                                 std::unique_ptr<const security::Ed25519PrivateKey> key)
    : parts_(std::move(parts)), key_(std::move(key)) {}

absl::StatusOr<std::unique_ptr<ArchiveFollower>> ArchiveFollower::Start(Parts parts) {
  ASSIGN_OR_RETURN(auto key, archive::ReadPrivateKey(parts.config.key()));
  std::unique_ptr<ArchiveFollower> follower(new ArchiveFollower(std::move(parts), std::move(key)));
  RETURN_IF_ERROR(follower->Open());
  return follower;
}

ArchiveFollower::~ArchiveFollower() {
  Finish();
}

absl::Status ArchiveFollower::Open() {
  archive::JournalArchiveOptions options;
  options.folder = parts_.config.folder();
  options.max_segment_bytes = parts_.config.max_segment_bytes();
  options.max_segment_age = absl::Milliseconds(parts_.config.max_segment_age_ms());
  options.files = parts_.files;
  ASSIGN_OR_RETURN(archive_, archive::JournalArchive::Open(*parts_.journal, *key_, SystemClock(),
                                                           std::move(options)));
  thread_.Post([this] { Look(); });
  return absl::OkStatus();
}

void ArchiveFollower::Look() {
  if (stopping_) return;
  absl::Status status = FollowContexts();
  status.Update(archive_->CatchUp());
  Note(status);
  thread_.PostAfter(status.ok() ? kLook : kLookAfterError, [this] { Look(); });
}

absl::Status ArchiveFollower::FollowContexts() {
  const absl::Duration now = SystemClock().SinceBoot();
  if (now < next_contexts_) return absl::OkStatus();
  ASSIGN_OR_RETURN(const std::vector<std::string> contexts, parts_.contexts());
  for (const std::string& context : contexts) RETURN_IF_ERROR(archive_->Follow(context));
  for (const std::string& context : archive_->contexts()) {
    if (lags_.contains(context)) continue;
    lags_[context] = metrics::Process().Read(
        metrics::kArchiveLagSeconds, {context},
        [this, context] { return absl::ToDoubleSeconds(archive_->Lag(context)); });
  }
  next_contexts_ = now + kLookForContexts;
  return absl::OkStatus();
}

void ArchiveFollower::Note(const absl::Status& status) {
  const absl::MutexLock lock(&mutex_);
  if (looked_ && last_.ok() && !status.ok()) log::Error("archive_stopped");
  if (looked_ && !last_.ok() && status.ok()) log::Info("archive_goes_on");
  last_ = status;
  looked_ = true;
}

absl::Status ArchiveFollower::Last() const {
  const absl::MutexLock lock(&mutex_);
  return looked_ ? last_ : absl::UnavailableError("the archive is being read");
}

absl::Status ArchiveFollower::AwaitFirst() const {
  const absl::MutexLock lock(&mutex_);
  mutex_.Await(absl::Condition(&looked_));
  return last_;
}

void ArchiveFollower::Finish() {
  if (std::exchange(finished_, true)) return;
  absl::Notification done;
  thread_.Post([this, &done] {
    stopping_ = true;
    if (archive_ != nullptr) Note(archive_->Finish());
    done.Notify();
  });
  done.WaitForNotification();
}

}  // namespace holdfast::app
