#include "app/directory_follower.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "eventsourcing/fold_digests.h"
#include "journal/journal.h"
#include "observability/log.h"
#include "security/folded_directory.h"

namespace holdfast::app {
namespace {

constexpr std::size_t kAtOnce = 256;
constexpr absl::Duration kLookAgain = absl::Seconds(1);

}  // namespace

absl::StatusOr<std::unique_ptr<DirectoryFollower>> DirectoryFollower::Open(Parts parts) {
  std::unique_ptr<DirectoryFollower> follower(new DirectoryFollower(*parts.directory));
  for (std::uint32_t number = 0; number < parts.partitions; ++number) {
    const journal::PartitionId partition{kDirectory, number};
    const eventsourcing::DigestReader digests(parts.digests, partition,
                                              eventsourcing::FoldReader::kShows);
    ASSIGN_OR_RETURN(Feed feed,
                     eventsourcing::AcceptedFeed::Open(*parts.journal, partition, "", {}, digests));
    for (std::size_t folded = 1; folded > 0;) {
      absl::StatusOr<std::size_t> more = follower->Advance(*feed);
      if (!more.ok())
        return WithContext(more.status(), absl::StrCat("directory: partition ", number));
      folded = *more;
    }
    follower->feeds_.push_back(std::move(feed));
  }
  for (std::size_t i = 0; i < follower->feeds_.size(); ++i) {
    follower->executor_.Post([raw = follower.get(), i] { raw->Follow(i); });
  }
  return follower;
}

DirectoryFollower::~DirectoryFollower() {
  ends_.store(true);
  // On the thread that uses them, which the executor then joins; a feed that is gone calls nobody.
  executor_.Post([this] { feeds_.clear(); });
}

absl::Status DirectoryFollower::Ready() const {
  if (!lost_.load()) return absl::OkStatus();
  return absl::DataLossError("the directory's journal cannot be read: see the log for the offset");
}

absl::StatusOr<std::size_t> DirectoryFollower::Advance(eventsourcing::AcceptedFeed& feed) {
  return feed.Advance(kAtOnce, [this](const journal::v1::Commit& commit) {
    directory_.Apply(commit);
    return true;
  });
}

void DirectoryFollower::Follow(std::size_t partition) {
  if (ends_.load()) return;
  const absl::StatusOr<std::size_t> folded = Advance(*feeds_[partition]);
  const auto again = [this, partition] { Follow(partition); };
  if (absl::IsDataLoss(folded.status())) {
    lost_.store(true);
    directory_.GiveUpWaiting();
    log::Error("directory_lost", log::Partition(static_cast<std::uint32_t>(partition)));
    return;
  }
  if (!folded.ok()) return executor_.PostAfter(kLookAgain, again);
  if (*folded > 0) return executor_.Post(again);
  feeds_[partition]->NotifyWhenMore([this, again] { executor_.Post(again); });
}

void HonouredSink::Submit(eventsourcing::CommandRequest request,
                          absl::AnyInvocable<void(eventsourcing::CommandAnswer)> done) {
  sink_.Submit(std::move(request), [this, tenant = request.tenant, done = std::move(done)](
                                       eventsourcing::CommandAnswer answer) mutable {
    if (!answer.ok()) return done(std::move(answer));
    const std::uint64_t seq = answer->position().seq();
    directory_.WhenFolded(tenant, seq,
                          [done = std::move(done), answer = std::move(answer)]() mutable {
                            done(std::move(answer));
                          });
  });
}

}  // namespace holdfast::app
