// The read side of a process: folds the journals of several contexts into the views of every
// tenant, and answers reads.
//
//   journal partitions --accepted commits--> Projector (one strand) --> TenantViews, one folder a
//   tenant OpenReader: a snapshot, at least as fresh as asked; or the past, folded from the journal
//
// Thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "holdfast/journal/v1/journal.pb.h"
#include "holdfast/type/v1/type.pb.h"

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "eventsourcing/protocol.h"
#include "readmodel/reader.h"
#include "readmodel/row_store.h"
#include "readmodel/view_type.h"

namespace holdfast {
class Clock;
class Executor;
}  // namespace holdfast

namespace holdfast::eventsourcing {
class FoldDigests;
class Upcasters;
}  // namespace holdfast::eventsourcing

namespace holdfast::journal {
class Journal;
}

namespace holdfast::readmodel {

struct ReadModelOptions {
  std::string folder;                          // <folder>/<tenant>/, and <folder>/fold/
  std::vector<ViewType> views;                 // of any contexts; names are unique
  journal::Journal* journal = nullptr;         // borrowed
  Clock* clock = nullptr;                      // borrowed
  Executor* executor = nullptr;                // borrowed: the projector's strand
  absl::Duration max_wait = absl::Seconds(2);  // for min_position
  OpenRowStore open_rows = OpenRowStoreOnDisk;
  // A MAC under a key of the tenant, by which its folder is known: of a folder that says another it
  // is not opened, one that has none yet is folded anew. Null: the name alone tells.
  std::function<std::string(const std::string& tenant)> folder_mac = nullptr;
  std::size_t records_per_turn = 512;  // of a partition, before others have theirs
  std::size_t rows_per_flush = 8'192;
  // Rows of a tenant that are kept decoded between flushes; beyond it they are let go.
  std::size_t hot_rows = 16'384;
  eventsourcing::Protocol protocol;
  // How events of old are read; null: as they were written. Outlives this.
  const eventsourcing::Upcasters* upcasters = nullptr;
  // Where the folds are compared with those of other processes; null: nowhere. Outlives this.
  eventsourcing::FoldDigests* fold_digests = nullptr;
};

// How a view stands in one tenant.
struct ViewStatus {
  std::string tenant;
  std::string context;
  std::string view;
  std::uint64_t seq = 0;
  absl::Time recorded_at;
  double lag_s =
      0;  // age of the last applied commit while there are others behind it; 0 at the end
  std::string family;
  std::uint64_t parked_rows = 0;
};

// A row that waits, since its view could not apply one of its events.
struct ParkedStatus {
  std::string tenant;
  std::string context;
  std::string view;
  std::string row_key;
  journal::v1::ParkedRow row;
};

// What a retry made of the parked rows of a view.
struct RetryResult {
  std::string tenant;
  std::string view;
  std::uint64_t seq = 0;      // the position at which they stand now
  std::uint64_t settled = 0;  // rows that are served again, or are gone by their events
  std::uint64_t parked = 0;   // rows that this build cannot apply either
};

// What a rebuild or a verification found.
struct RebuildResult {
  std::string tenant;
  std::string view;
  std::uint64_t seq = 0;       // the position at which the digests were compared
  std::uint64_t rows = 0;      // as the journal says, without those that are parked
  std::uint64_t parked = 0;    // rows that this build cannot apply
  std::string served_digest;   // hexadecimal SHA-256 over the rows as they were served, and parked
  std::string rebuilt_digest;  // … as the journal says
  bool equal() const { return served_digest == rebuilt_digest; }
};

// One accepted event behind a row.
struct Explanation {
  std::uint64_t seq = 0;
  std::uint32_t index = 0;
  std::string type;
  std::string event_id;  // 16 bytes
  std::string stream;
  absl::Time recorded_at;
};

class ReadModel {
 public:
  // Opens the fold store, and begins to fold where it stopped (from the start for a view that is
  // new or behind). kUnavailable, kDataLoss: a sentence that names folder and reason.
  static absl::StatusOr<std::unique_ptr<ReadModel>> Open(ReadModelOptions options);
  // Stops folding between two commits. Its readers are let go before it.
  virtual ~ReadModel() = default;

  using Opened = absl::AnyInvocable<void(absl::StatusOr<std::unique_ptr<Reader>>)>;

  // Answers at once (on the caller's thread) where the views are fresh enough, else once they are
  // (on the projector's strand), at the latest after max_wait or at `deadline`: then
  // kFailedPrecondition, reason VIEW_BEHIND, with the lag in its metadata. Errors: kInvalidArgument
  // for a position of an unknown context, or one in the future of `at_position`. A tenant without
  // any event reads as empty.
  virtual void OpenReader(const std::string& tenant, const type::v1::ReadOptions& read,
                          absl::Time deadline, Opened done) = 0;
  // The same, waiting. Not from the projector's strand.
  absl::StatusOr<std::unique_ptr<Reader>> OpenReaderNow(const std::string& tenant,
                                                        const type::v1::ReadOptions& read,
                                                        absl::Time deadline);

  // Calls `changed` (on the projector's strand) after the next flush that moved this tenant; once.
  virtual void NotifyOnChange(const std::string& tenant, absl::AnyInvocable<void()> changed) = 0;

  // True once every partition was read to its end.
  virtual bool CaughtUp() const = 0;
  // Calls `done` on the strand when every partition has been read to its present end.
  virtual void WhenCaughtUp(absl::AnyInvocable<void()> done) = 0;
  virtual absl::Status Health() const = 0;
  // OK while every partition is folded on; else why one has stopped for good. A tenant that is
  // frozen alone does not count.
  virtual absl::Status Ready() const = 0;
  virtual std::vector<ViewStatus> List() const = 0;

  // Folds the journal anew, writes a new generation beside the old, compares, switches. Queries are
  // served by the old generation until then. Both block: not from the strand. Empty names mean all.
  virtual absl::StatusOr<std::vector<RebuildResult>> Rebuild(const std::string& tenant,
                                                             const std::string& view) = 0;
  // The same without writing: does what is served equal what the journal says?
  virtual absl::StatusOr<std::vector<RebuildResult>> Verify(const std::string& tenant,
                                                            const std::string& view) = 0;

  // The rows that wait. Empty names mean all.
  virtual absl::StatusOr<std::vector<ParkedStatus>> Parked(const std::string& tenant,
                                                           const std::string& view) const = 0;
  // Folds the parked rows again from the journal, up to where their view stands, and serves those
  // that this build can apply. Asked twice, nothing more happens. Blocks: not from the strand.
  virtual absl::StatusOr<std::vector<RetryResult>> Retry(const std::string& tenant,
                                                         const std::string& view) = 0;

  // The accepted events behind a row: those that changed it, or only those that changed its
  // top-level field `field` where one is named; from the one that parked it on, all that touch it.
  // Oldest first, at most `limit`.
  virtual absl::StatusOr<std::vector<Explanation>> Explain(const std::string& tenant,
                                                           const std::string& view,
                                                           const std::string& row_key,
                                                           const std::string& field,
                                                           std::size_t limit) = 0;
};

}  // namespace holdfast::readmodel
