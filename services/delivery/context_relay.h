// The relay of one context: folds partitions of its journal, and publishes what it accepted.
//
//   journal -> acceptance fold -> public events -> holdfast.<tenant>.<context>.v1
//                                                          | confirmed by every in-sync copy
//                                                          v
//                                  holdfast.relayed:  <context>/<tenant> -> seq
//
// A commit is published when its number follows the last one that is known to be published,
// original or copy: every partition that has a tenant's commit has all before it. So a tenant that
// moved is not published again, and a restart repeats what was confirmed since the last position
// was, with equal ids, and leaves nothing out. Where a tenant comes to a partition, another relay
// published before: how far, is read again.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "holdfast/config/v1/delivery.pb.h"

#include "absl/base/thread_annotations.h"
#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "base/clock.h"
#include "delivery/public_events.h"
#include "eventsourcing/accepted_feed.h"
#include "journal/journal.h"
#include "journal/topic_client.h"

namespace holdfast::delivery {

struct RelayOptions {
  std::string context;
  std::vector<std::uint32_t> partitions;
  std::set<std::string, std::less<>> tenants;  // of others nothing is published
  config::v1::Relay::Format format = config::v1::Relay::JSON;
  std::string positions_topic;
  std::string cursors;  // a folder that is there
  journal::Journal* journal = nullptr;
  const Clock* clock = nullptr;
  // What the topic of positions holds now.
  std::function<absl::StatusOr<std::map<std::string, std::string>>()> read_positions;
  std::function<absl::StatusOr<std::unique_ptr<journal::TopicSender>>()> open_sender;
  // Asked while it waits for a broker: kCancelled ends the step.
  std::function<absl::Status()> go_on = [] { return absl::OkStatus(); };
};

// Used by one thread, but for Lag.
class ContextRelay {
 public:
  explicit ContextRelay(RelayOptions options);
  // Keeps where the fold stands.
  ~ContextRelay();

  // Publishes some of what there is; false where every partition was at its end. After an error the
  // next call begins behind what was confirmed.
  absl::StatusOr<bool> Step();

  // Calls `more` (on a thread of the journal, possibly spuriously) when Step may find more.
  void NotifyWhenMore(const std::function<void()>& more);

  // Age of the oldest commit that is not published; 0 at the end. Thread-safe.
  absl::Duration Lag() const;

 private:
  struct Partition {
    journal::PartitionId id;
    std::unique_ptr<eventsourcing::AcceptedFeed> feed;
    std::string confirmed;  // where to go on after an error
    absl::Time kept_at = absl::InfinitePast();
  };
  // What one step of a partition publishes.
  struct Batch {
    std::vector<std::pair<std::string, journal::TopicRecord>> records;  // by topic
    std::map<std::string, std::uint64_t> reached;                       // by tenant
    absl::Time oldest = absl::InfiniteFuture();
    bool gap = false;
    bool asked_others = false;  // how far they have published
    absl::Status failed;
  };

  absl::Status Open();
  void Close();
  absl::StatusOr<bool> StepOf(std::size_t index);
  absl::Status ReadPositions();
  bool IsNews(const journal::Folded& folded, Batch& batch);
  bool Add(const journal::v1::Commit& commit, Batch& batch);
  absl::Status Publish(const Batch& batch);
  absl::Status AwaitConfirmed();
  absl::Status FoldAnew(Partition& partition);
  void Keep(Partition& partition);
  std::string CursorOf(const Partition& partition) const;
  std::uint64_t PositionOf(const std::string& tenant, const Batch& batch) const;
  void SetBehind(std::size_t index, absl::Time since);

  const RelayOptions options_;
  PublicEvents events_;
  std::vector<Partition> partitions_;
  std::map<std::string, std::uint64_t> positions_;  // confirmed, by tenant
  // Tenants with an event that this program cannot publish, since when. Others go on; the next
  // start tries again.
  std::map<std::string, absl::Time, std::less<>> frozen_;
  std::unique_ptr<journal::TopicSender> sender_;  // null: closed

  mutable absl::Mutex mutex_;
  // Of each partition: when the oldest commit that is not published was recorded; else the future.
  std::vector<absl::Time> behind_since_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace holdfast::delivery
