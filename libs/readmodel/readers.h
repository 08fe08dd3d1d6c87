// The two readers of a tenant: of the present by a snapshot, of the past by folding its history.
#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "holdfast/journal/v1/journal.pb.h"

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "readmodel/reader.h"
#include "readmodel/row_fold.h"
#include "readmodel/view_type.h"

namespace holdfast::eventsourcing {
class AcceptedFeed;
class TenantTrail;
}  // namespace holdfast::eventsourcing

namespace holdfast::journal {
class Journal;
struct PartitionId;
}  // namespace holdfast::journal

namespace holdfast::readmodel {

class TenantViews;
struct ReadModelOptions;

// How far a context of a tenant has been applied.
struct Applied {
  std::uint64_t seq = 0;
  absl::Time recorded_at = absl::UnixEpoch();
};

// What all readers share: the views by name.
using ViewIndex = std::map<std::string, const ViewType*, std::less<>>;

// kNotFound.
absl::Status UnknownView(std::string_view view);

// The present. `rows` is null for a tenant without any event; `lags` by context.
std::unique_ptr<Reader> MakeSnapshotReader(std::string tenant, const ViewIndex& views,
                                           std::shared_ptr<TenantViews> rows,
                                           std::map<std::string, double> lags);

// Up to where history is folded.
struct Until {
  std::uint64_t seq = std::numeric_limits<std::uint64_t>::max();
  absl::Time time = absl::InfiniteFuture();
  // Known to stand in the journal: a replay that finds its end before this, and before `time`, was
  // read from a place that lags behind.
  std::uint64_t known_seq = 0;
};

// All views of one context of one tenant as they stood at a past position. Immutable once folded.
struct ContextHistory {
  std::map<std::string, RowFold, std::less<>> views;
  Applied applied;
  // The journal goes on beyond it. Where it ends before, what is appended may yet belong to it.
  bool closed = false;
};

// Folds a tenant's history of one context from its first commit, through every partition in which
// it has been.
class Replay {
 public:
  static absl::StatusOr<std::unique_ptr<Replay>> Open(journal::Journal& journal,
                                                      const std::string& context,
                                                      const std::string& tenant);
  ~Replay();

  // Calls `each` for the tenant's commits up to `until`, in order. May be called again with a later
  // `until`.
  absl::Status Run(Until until, absl::FunctionRef<absl::Status(const journal::v1::Commit&)> each);

  // Whether the last run went up to its `until`; the journal may end before.
  bool reached() const { return reached_; }

 private:
  explicit Replay(std::unique_ptr<eventsourcing::TenantTrail> trail);

  std::unique_ptr<eventsourcing::TenantTrail> trail_;
  std::uint64_t next_seq_ = 1;
  bool reached_ = false;
};

// The feed of a partition that the read model folds on, from where it was saved ("" from the
// start).
absl::StatusOr<std::unique_ptr<eventsourcing::AcceptedFeed>> OpenFeed(
    const ReadModelOptions& options, const journal::PartitionId& partition, std::string_view saved);

absl::StatusOr<std::shared_ptr<const ContextHistory>> FoldHistory(
    journal::Journal& journal, const std::vector<ViewType>& views, const std::string& tenant,
    const std::string& context, Until until);

// The past: `fold` is asked for a context when the first of its rows is.
using HistoryOf = std::function<absl::StatusOr<std::shared_ptr<const ContextHistory>>(
    const std::string& context)>;
std::unique_ptr<Reader> MakeHistoryReader(std::string tenant, const ViewIndex& views,
                                          HistoryOf fold);

}  // namespace holdfast::readmodel
