#include "readmodel/readers.h"

#include <optional>
#include <set>
#include <utility>

#include <google/protobuf/message.h>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "base/timestamps.h"
#include "eventsourcing/accepted_feed.h"
#include "eventsourcing/tenant_trail.h"
#include "journal/journal.h"
#include "readmodel/event_decoder.h"
#include "readmodel/parked_rows.h"
#include "readmodel/read_model.h"
#include "readmodel/tenant_views.h"

namespace holdfast::readmodel {
namespace {

constexpr std::size_t kRecordsPerTurn = 512;

// The parked rows within a scan, in order of their keys.
class ParkedOnTheWay {
 public:
  ParkedOnTheWay(const ParkedRows& rows, std::string_view prefix, std::string_view after)
      : rows_(rows),
        prefix_(prefix),
        next_(!after.empty() && after >= prefix ? rows.upper_bound(after)
                                                : rows.lower_bound(prefix)) {}

  // The next one before `key`, or before the end of the scan; null where there is none.
  const std::string* Next(std::optional<std::string_view> key) {
    if (next_ == rows_.end() || !next_->first.starts_with(prefix_)) return nullptr;
    if (key && next_->first > *key) return nullptr;
    return &(next_++)->first;
  }

 private:
  const ParkedRows& rows_;
  const std::string prefix_;
  ParkedRows::const_iterator next_;
};

// What both readers do alike: parked rows, and as_of.
class ParkingReader : public Reader {
 protected:
  absl::Status MeetParked(const ViewType& view, const std::string& key) const {
    if (!leaves_out_parked_rows()) return RowParked(view.name);
    left_out_[view.context].emplace(view.name, key);
    return absl::OkStatus();
  }
  // All that come before `key`, or before the end of the scan.
  absl::Status MeetParked(const ViewType& view, ParkedOnTheWay& parked,
                          std::optional<std::string_view> before) const {
    while (const std::string* key = parked.Next(before)) {
      RETURN_IF_ERROR(MeetParked(view, *key));
    }
    return absl::OkStatus();
  }

  void AddContext(type::v1::AsOf& out, const std::string& context, const Applied& applied,
                  double lag_s) const {
    auto* added = out.add_contexts();
    added->mutable_position()->set_context(context);
    added->mutable_position()->set_seq(applied.seq);
    *added->mutable_recorded_at() = ToTimestamp(applied.recorded_at);
    added->set_lag_s(lag_s);
    const auto left_out = left_out_.find(context);
    if (left_out == left_out_.end()) return;
    added->set_parked_rows(static_cast<std::uint32_t>(left_out->second.size()));
  }

 private:
  // By context: view and row key, each once however often it was met.
  mutable std::map<std::string, std::set<std::pair<std::string, std::string>>> left_out_;
};

// The present, by a snapshot of the tenant's folder.
class SnapshotReader final : public ParkingReader {
 public:
  SnapshotReader(std::string tenant, const ViewIndex& views, std::shared_ptr<TenantViews> rows,
                 std::map<std::string, double> lags)
      : tenant_(std::move(tenant)),
        views_(views),
        rows_(std::move(rows)),
        snapshot_(rows_ == nullptr ? nullptr : rows_->store().TakeSnapshot()),
        lags_(std::move(lags)) {}

  const std::string& tenant() const override { return tenant_; }

  type::v1::AsOf as_of() const override {
    type::v1::AsOf out;
    for (const auto& [context, applied] : read_) {
      const auto lag = lags_.find(context);
      AddContext(out, context, applied, lag == lags_.end() ? 0 : lag->second);
    }
    return out;
  }

 protected:
  absl::StatusOr<bool> GetRow(std::string_view view, std::string_view key,
                              google::protobuf::Message& row) const override {
    ASSIGN_OR_RETURN(const Served* const served, ServedOf(view));
    if (served == nullptr) return false;
    if (served->parked.contains(key)) return RowParked(view);
    ASSIGN_OR_RETURN(const std::optional<std::string> bytes,
                     snapshot_->Get(served->mark.family, key));
    if (!bytes) return false;
    if (!row.ParseFromString(*bytes)) return Damaged(view);
    return true;
  }

  absl::Status ScanRows(std::string_view view, std::string_view prefix, std::string_view after,
                        std::size_t limit, google::protobuf::Message& row,
                        absl::FunctionRef<bool(std::string_view)> each) const override {
    ASSIGN_OR_RETURN(const Served* const served, ServedOf(view));
    if (served == nullptr) return absl::OkStatus();
    ParkedOnTheWay parked(served->parked, prefix, after);
    std::size_t given = 0;
    bool stopped = false;
    absl::Status status;
    const std::optional<std::string_view> from =
        after.empty() ? std::nullopt : std::optional<std::string_view>(after);
    RETURN_IF_ERROR(snapshot_->Scan(
        served->mark.family, prefix, from, [&](std::string_view key, std::string_view value) {
          status = MeetParked(*served->type, parked, key);
          if (!status.ok()) return false;
          if (!row.ParseFromArray(value.data(), static_cast<int>(value.size()))) {
            status = Damaged(view);
            return false;
          }
          stopped = !each(key) || (limit != 0 && ++given >= limit);
          return !stopped;
        }));
    if (status.ok() && !stopped) status = MeetParked(*served->type, parked, std::nullopt);
    return status;
  }

 private:
  static absl::Status Damaged(std::string_view view) {
    return absl::DataLossError(
        absl::StrCat("a row of view ", std::string(view),
                     " is damaged; rebuild it: holdfast projection rebuild"));
  }

  // A view as it is served at this moment.
  struct Served {
    const ViewType* type = nullptr;
    ViewMark mark;
    ParkedRows parked;
  };

  // Null for a tenant, or a view, without any event.
  absl::StatusOr<const Served*> ServedOf(std::string_view view) const {
    const auto type = views_.find(view);
    if (type == views_.end()) return UnknownView(view);
    auto known = served_.find(view);
    if (known == served_.end()) {
      Served served;
      served.type = type->second;
      if (snapshot_ != nullptr) {
        ASSIGN_OR_RETURN(served.mark, rows_->MarkAt(*snapshot_, view));
        ASSIGN_OR_RETURN(served.parked, ReadParked(*snapshot_, served.mark.family));
      }
      const ViewMark& mark = served.mark;
      Applied& applied =
          read_.try_emplace(served.type->context, Applied{mark.seq, mark.recorded_at})
              .first->second;
      if (mark.seq < applied.seq) applied = {mark.seq, mark.recorded_at};
      known = served_.emplace(view, std::move(served)).first;
    }
    return known->second.mark.family.empty() ? nullptr : &known->second;
  }

  const std::string tenant_;
  const ViewIndex& views_;
  const std::shared_ptr<TenantViews> rows_;  // shared: a snapshot must not outlive its store
  const std::unique_ptr<RowSnapshot> snapshot_;
  const std::map<std::string, double> lags_;
  mutable std::map<std::string, Served, std::less<>> served_;
  mutable std::map<std::string, Applied> read_;  // by context: the least of the views read
};

// The past: rows folded from the journal when they are first asked for.
class HistoryReader final : public ParkingReader {
 public:
  HistoryReader(std::string tenant, const ViewIndex& views, HistoryOf fold)
      : tenant_(std::move(tenant)), views_(views), fold_(std::move(fold)) {}

  const std::string& tenant() const override { return tenant_; }

  type::v1::AsOf as_of() const override {
    type::v1::AsOf out;
    for (const auto& [context, history] : histories_) {
      AddContext(out, context, history->applied, 0);
    }
    return out;
  }

 protected:
  absl::StatusOr<bool> GetRow(std::string_view view, std::string_view key,
                              google::protobuf::Message& row) const override {
    ASSIGN_OR_RETURN(const RowFold* const fold, FoldOf(view));
    if (fold->parked().contains(key)) return RowParked(view);
    const auto found = fold->rows().find(std::string(key));
    if (found == fold->rows().end()) return false;
    row.CopyFrom(*found->second);
    return true;
  }

  absl::Status ScanRows(std::string_view view, std::string_view prefix, std::string_view after,
                        std::size_t limit, google::protobuf::Message& row,
                        absl::FunctionRef<bool(std::string_view)> each) const override {
    ASSIGN_OR_RETURN(const RowFold* const fold, FoldOf(view));
    const ViewType& type = *views_.find(view)->second;
    ParkedOnTheWay parked(fold->parked(), prefix, after);
    std::size_t given = 0;
    auto at = after > prefix ? fold->rows().upper_bound(std::string(after))
                             : fold->rows().lower_bound(std::string(prefix));
    for (; at != fold->rows().end() && at->first.starts_with(prefix); ++at) {
      if (at->first == after) continue;
      RETURN_IF_ERROR(MeetParked(type, parked, at->first));
      row.CopyFrom(*at->second);
      if (!each(at->first) || (limit != 0 && ++given >= limit)) return absl::OkStatus();
    }
    return MeetParked(type, parked, std::nullopt);
  }

 private:
  absl::StatusOr<const RowFold*> FoldOf(std::string_view view) const {
    const auto type = views_.find(view);
    if (type == views_.end()) return UnknownView(view);
    const std::string& context = type->second->context;
    auto history = histories_.find(context);
    if (history == histories_.end()) {
      ASSIGN_OR_RETURN(std::shared_ptr<const ContextHistory> folded, fold_(context));
      history = histories_.emplace(context, std::move(folded)).first;
    }
    return &history->second->views.find(view)->second;
  }

  const std::string tenant_;
  const ViewIndex& views_;
  const HistoryOf fold_;
  // Shared: the read model keeps the last few histories for the next reader of the same moment.
  mutable std::map<std::string, std::shared_ptr<const ContextHistory>> histories_;
};

}  // namespace

absl::Status UnknownView(std::string_view view) {
  return absl::NotFoundError(absl::StrCat("there is no view ", std::string(view)));
}

Replay::Replay(std::unique_ptr<eventsourcing::TenantTrail> trail) : trail_(std::move(trail)) {}
Replay::~Replay() = default;

absl::StatusOr<std::unique_ptr<Replay>> Replay::Open(journal::Journal& journal,
                                                     const std::string& context,
                                                     const std::string& tenant) {
  ASSIGN_OR_RETURN(std::unique_ptr<eventsourcing::TenantTrail> trail,
                   eventsourcing::TenantTrail::Open(journal, context, tenant));
  return std::unique_ptr<Replay>(new Replay(std::move(trail)));
}

absl::StatusOr<std::unique_ptr<eventsourcing::AcceptedFeed>> OpenFeed(
    const ReadModelOptions& options, const journal::PartitionId& partition,
    std::string_view saved) {
  return eventsourcing::AcceptedFeed::Open(
      *options.journal, partition, saved, options.protocol,
      {options.fold_digests, partition, eventsourcing::FoldReader::kShows});
}

absl::Status Replay::Run(Until until,
                         absl::FunctionRef<absl::Status(const journal::v1::Commit&)> each) {
  absl::Status status;
  bool done = next_seq_ > until.seq;
  while (!done) {
    ASSIGN_OR_RETURN(
        const std::size_t folded,
        trail_->Advance(kRecordsPerTurn, [&](const journal::v1::Commit& commit, std::string_view) {
          if (ToTime(commit.recorded_at()) > until.time) {
            done = true;
            return false;
          }
          status = each(commit);
          next_seq_ = commit.seq() + 1;
          done = !status.ok() || next_seq_ > until.seq;
          return !done;
        }));
    RETURN_IF_ERROR(status);
    if (folded == 0) break;
  }
  if (!done && next_seq_ <= until.known_seq) {
    return absl::UnavailableError(absl::StrCat("the journal was read to seq ", next_seq_ - 1,
                                               " only, of ", until.known_seq,
                                               " that stand; ask again in a moment"));
  }
  reached_ = done;
  return absl::OkStatus();
}

absl::StatusOr<std::shared_ptr<const ContextHistory>> FoldHistory(
    journal::Journal& journal, const std::vector<ViewType>& views, const std::string& tenant,
    const std::string& context, Until until) {
  auto history = std::make_shared<ContextHistory>();
  EventDecoder decoder;
  for (const ViewType& view : views) {
    if (view.context != context) continue;
    history->views.try_emplace(view.name, view);
    decoder.Want(view);
  }
  ASSIGN_OR_RETURN(const std::unique_ptr<Replay> replay, Replay::Open(journal, context, tenant));
  const auto apply = [&](const journal::v1::Commit& commit) -> absl::Status {
    history->applied = {commit.seq(), ToTime(commit.recorded_at())};
    return decoder.ForEach(commit,
                           [&](const google::protobuf::Message& event, const EventMeta& meta) {
                             for (auto& [name, fold] : history->views) {
                               if (fold.Reads(*event.GetDescriptor())) fold.Apply(event, meta);
                             }
                           });
  };
  RETURN_IF_ERROR(replay->Run(until, apply));
  history->closed = replay->reached();
  return std::shared_ptr<const ContextHistory>(std::move(history));
}

std::unique_ptr<Reader> MakeSnapshotReader(std::string tenant, const ViewIndex& views,
                                           std::shared_ptr<TenantViews> rows,
                                           std::map<std::string, double> lags) {
  return std::make_unique<SnapshotReader>(std::move(tenant), views, std::move(rows),
                                          std::move(lags));
}

std::unique_ptr<Reader> MakeHistoryReader(std::string tenant, const ViewIndex& views,
                                          HistoryOf fold) {
  return std::make_unique<HistoryReader>(std::move(tenant), views, std::move(fold));
}

}  // namespace holdfast::readmodel
