// The rows of one tenant: one store, a family per view and generation, how far each view has come,
// and which rows are parked.
//
//   commit --Apply--> hot rows in memory --Flush--> one commit: whole rows + what is parked + the
//   marks (family, seq, time)
//
// Only seq + 1 is ever applied to a view, so a commit that comes twice changes nothing. Derived
// data: written without fsync; what a crash loses is folded again.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "eventsourcing/event_meta.h"
#include "readmodel/parked_rows.h"
#include "readmodel/row_store.h"
#include "readmodel/view_type.h"

namespace google::protobuf {
class Message;
}

namespace holdfast::readmodel {

struct ReadModelOptions;
class RowFold;

// How far a view has come, and where its rows stand.
struct ViewMark {
  std::uint64_t seq = 0;
  absl::Time recorded_at = absl::UnixEpoch();  // of the commit `seq`
  std::string family;                          // "site_board@1#1": the generation that is served
};

// Of a view in a snapshot or a store; the epoch mark (seq 0, no family) where it has none.
template <class Source>
absl::StatusOr<ViewMark> ReadMark(const Source& source, std::string_view view);

// Used by one thread; `store()` and `MarkAt` may be used by others.
class TenantViews {
 public:
  // Opens or creates the folder. kDataLoss where the folder belongs to another tenant (a swapped
  // folder). `options` outlives the views.
  static absl::StatusOr<std::unique_ptr<TenantViews>> Open(const std::string& folder,
                                                           const std::string& tenant,
                                                           const ReadModelOptions& options);
  ~TenantViews();

  const RowStore& store() const { return *store_; }
  const ViewMark& mark(std::string_view view) const;
  const ParkedRows& parked(std::string_view view) const;
  // How far the view had come at a moment of the store.
  absl::StatusOr<ViewMark> MarkAt(const RowSnapshot& snapshot, std::string_view view) const;
  // The least seq that any view of the context has applied.
  std::uint64_t Applied(std::string_view context) const;

  // Begins the commit: `Apply` then folds its events into every view of the context that stands at
  // seq - 1.
  void BeginCommit(std::string_view context, std::uint64_t seq, absl::Time recorded_at);
  // A row that the event does not fit is parked: that is no error. After an error (the store cannot
  // be read) nothing is written any more, so that no half of a commit is: every Flush answers it.
  absl::Status Apply(const google::protobuf::Message& event, const EventMeta& meta);
  void EndCommit();

  bool dirty() const { return !dirty_rows_.empty() || !parked_dirty_.empty() || marks_dirty_; }
  std::size_t dirty_bytes() const { return dirty_rows_.size() * 256; }
  // Rows and marks in one atomic write. On an error nothing is forgotten: call it again.
  absl::Status Flush();

  // Makes `mark.family` the generation that serves the view, standing at `mark.seq`, with what was
  // parked while it was folded. The old one stays until DropFamily. Written at once. The caller
  // then folds what came after.
  absl::Status Switch(std::string_view view, const ViewMark& mark, ParkedRows parked);
  // Takes the parked rows `keys` as `fold` has them, which stands where the view does: the row,
  // none, or parked anew. Written at once.
  absl::Status Settle(std::string_view view, const std::set<std::string>& keys,
                      const RowFold& fold);
  RowStore& store_to_rebuild() { return *store_; }

 private:
  struct HotRow;
  TenantViews(std::unique_ptr<RowStore> store, const ReadModelOptions& options);
  std::size_t IndexOf(std::string_view view) const;
  absl::Status LoadMarks();
  absl::Status ApplyToRow(std::size_t view, const std::string& key,
                          const google::protobuf::Message& event, const EventMeta& meta);
  absl::StatusOr<HotRow*> Load(std::size_t view, const std::string& key);
  void MarkDirty(HotRow& hot);
  void PutRows();
  void PutAllParked();
  void PutMarks();

  std::unique_ptr<RowStore> store_;
  const ReadModelOptions& options_;
  const std::vector<ViewType>& views_;
  std::vector<ViewMark> marks_;                                   // by index of views_
  std::vector<ParkedRows> parked_;                                // the same
  std::map<std::string, std::size_t, std::less<>> index_;         // name -> index
  std::unordered_map<std::string, std::unique_ptr<HotRow>> hot_;  // view index, 0x1F, row key
  std::vector<HotRow*> dirty_rows_;
  std::set<std::pair<std::size_t, std::string>> parked_dirty_;  // view index, row key
  absl::Status broken_;
  std::vector<std::size_t> folding_;  // views that this commit is applied to
  std::uint64_t folding_seq_ = 0;
  absl::Time folding_recorded_at_;
  bool marks_dirty_ = false;
};

}  // namespace holdfast::readmodel
