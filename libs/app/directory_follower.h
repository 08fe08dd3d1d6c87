// The directory as every door of this process sees it: the accepted commits of its journal, all
// partitions, folded as they come.
//
//   journal of `directory` --AcceptedFeed, one a partition--> security::FoldedDirectory --> doors
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/thread_executor.h"
#include "eventsourcing/accepted_feed.h"
#include "eventsourcing/command.h"

namespace holdfast::eventsourcing {
class FoldDigests;
}

namespace holdfast::journal {
class Journal;
}

namespace holdfast::security {
class FoldedDirectory;
}

namespace holdfast::app {

inline constexpr char kDirectory[] = "directory";  // the context

// Thread-safe.
class DirectoryFollower {
 public:
  struct Parts {
    journal::Journal* journal = nullptr;  // has the context
    std::uint32_t partitions = 0;
    security::FoldedDirectory* directory = nullptr;
    eventsourcing::FoldDigests* digests = nullptr;  // null: nobody compares
  };

  // Folds every partition to its end, then follows. All borrowed. Errors are sentences.
  static absl::StatusOr<std::unique_ptr<DirectoryFollower>> Open(Parts parts);
  ~DirectoryFollower();

  // kDataLoss where a record cannot be read: from there on nothing is known.
  absl::Status Ready() const;

 private:
  using Feed = std::unique_ptr<eventsourcing::AcceptedFeed>;

  explicit DirectoryFollower(security::FoldedDirectory& directory) : directory_(directory) {}
  absl::StatusOr<std::size_t> Advance(eventsourcing::AcceptedFeed& feed);
  void Follow(std::size_t partition);

  security::FoldedDirectory& directory_;
  std::atomic<bool> ends_{false};
  std::atomic<bool> lost_{false};
  std::vector<Feed> feeds_;  // used, and at the end destroyed, on the thread of:
  ThreadExecutor executor_{kDirectory};
};

// The directory's own commands: answered once the doors of this process honour what they did, so
// that whoever has the receipt of a revocation can rely on it.
class HonouredSink final : public eventsourcing::CommandSink {
 public:
  // Both borrowed.
  HonouredSink(eventsourcing::CommandSink& sink, security::FoldedDirectory& directory)
      : sink_(sink), directory_(directory) {}

  void Submit(eventsourcing::CommandRequest request,
              absl::AnyInvocable<void(eventsourcing::CommandAnswer)> done) override;
  absl::Status DecidesHere(const std::string& tenant) const override {
    return sink_.DecidesHere(tenant);
  }

 private:
  eventsourcing::CommandSink& sink_;
  security::FoldedDirectory& directory_;
};

}  // namespace holdfast::app
