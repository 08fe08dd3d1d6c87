#include "readmodel/tenant_views.h"

#include <algorithm>
#include <optional>
#include <utility>

#include <google/protobuf/message.h>

#include "absl/strings/str_cat.h"
#include "base/check.h"
#include "base/hash.h"
#include "base/status_macros.h"
#include "observability/log.h"
#include "readmodel/read_model.h"
#include "readmodel/row_fold.h"

namespace holdfast::readmodel {
namespace {

constexpr std::string_view kTenantKey = "tenant";
constexpr char kMacFollows = '\n';  // no slug holds it

std::string HotKey(std::size_t view, const std::string& key) {
  return absl::StrCat(view, "\x1F", key);
}

std::string MarkKey(std::string_view view) {
  std::string key = "mark/";
  key.append(view);
  return key;
}

// On disk, derived: u64be seq, u64be microseconds since 1970, family.
std::string EncodeMark(const ViewMark& mark) {
  std::string bytes;
  AppendBigEndian64(bytes, mark.seq);
  AppendBigEndian64(bytes, static_cast<std::uint64_t>(absl::ToUnixMicros(mark.recorded_at)));
  bytes += mark.family;
  return bytes;
}

absl::StatusOr<ViewMark> DecodeMark(const std::optional<std::string>& bytes,
                                    std::string_view view) {
  ViewMark mark;
  if (!bytes) return mark;
  if (bytes->size() < 16) {
    return absl::DataLossError(
        absl::StrCat("the mark of view ", std::string(view),
                     " is damaged; rebuild it: holdfast projection rebuild"));
  }
  mark.seq = ReadBigEndian64(*bytes);
  mark.recorded_at = absl::FromUnixMicros(
      static_cast<std::int64_t>(ReadBigEndian64(std::string_view(*bytes).substr(8))));
  mark.family = bytes->substr(16);
  return mark;
}

// Rows of which nobody knows whose they are: they are folded again.
absl::Status Empty(RowStore& store) {
  for (const std::string& family : store.Families()) {
    if (family != kMetaFamily) RETURN_IF_ERROR(store.DropFamily(family));
  }
  return absl::OkStatus();
}

}  // namespace

template <class Source>
absl::StatusOr<ViewMark> ReadMark(const Source& source, std::string_view view) {
  ASSIGN_OR_RETURN(const std::optional<std::string> bytes, source.Get(kMetaFamily, MarkKey(view)));
  return DecodeMark(bytes, view);
}
template absl::StatusOr<ViewMark> ReadMark(const RowStore&, std::string_view);
template absl::StatusOr<ViewMark> ReadMark(const RowSnapshot&, std::string_view);

struct TenantViews::HotRow {
  std::size_t view = 0;
  std::string key;
  std::unique_ptr<google::protobuf::Message> row;
  bool dirty = false;
  bool gone = false;
};

TenantViews::TenantViews(std::unique_ptr<RowStore> store, const ReadModelOptions& options)
    : store_(std::move(store)),
      options_(options),
      views_(options.views),
      marks_(options.views.size()),
      parked_(options.views.size()) {
  for (std::size_t i = 0; i < views_.size(); ++i) index_.emplace(views_[i].name, i);
}
TenantViews::~TenantViews() = default;

absl::StatusOr<std::unique_ptr<TenantViews>> TenantViews::Open(const std::string& folder,
                                                               const std::string& tenant,
                                                               const ReadModelOptions& options) {
  ASSIGN_OR_RETURN(std::unique_ptr<RowStore> store, options.open_rows(folder, kMetaFamily));
  ASSIGN_OR_RETURN(const std::optional<std::string> owner, store->Get(kMetaFamily, kTenantKey));
  const std::string own =
      options.folder_mac ? tenant + kMacFollows + options.folder_mac(tenant) : tenant;
  if (owner && *owner != own && options.protocol.own_rows_only) {
    if (*owner != tenant) {
      return absl::DataLossError(absl::StrCat(
          "folder ", folder,
          " holds the views of another tenant, or of another deployment; it is not opened. Move "
          "it away: it is folded anew"));
    }
    RETURN_IF_ERROR(Empty(*store));
  }
  if (!owner || *owner != own) {
    store->Put(kMetaFamily, kTenantKey, own);
    RETURN_IF_ERROR(store->Commit());
  }
  std::unique_ptr<TenantViews> opened(new TenantViews(std::move(store), options));
  RETURN_IF_ERROR(opened->LoadMarks());
  return opened;
}

absl::Status TenantViews::LoadMarks() {
  const std::vector<std::string> families = store_->Families();
  for (std::size_t i = 0; i < views_.size(); ++i) {
    ASSIGN_OR_RETURN(marks_[i], ReadMark(*store_, views_[i].name));
    if (marks_[i].family.empty()) {
      marks_[i].family = views_[i].name + "#1";
      marks_dirty_ = true;
    }
    if (std::find(families.begin(), families.end(), marks_[i].family) == families.end()) {
      RETURN_IF_ERROR(DropParked(*store_, marks_[i].family));
      RETURN_IF_ERROR(store_->CreateFamily(marks_[i].family));
      marks_[i].seq = 0;
    }
    ASSIGN_OR_RETURN(parked_[i], ReadParked(*store_->TakeSnapshot(), marks_[i].family));
  }
  return absl::OkStatus();
}

std::size_t TenantViews::IndexOf(std::string_view view) const {
  const auto found = index_.find(view);
  HOLDFAST_CHECK(found != index_.end());
  return found->second;
}

const ViewMark& TenantViews::mark(std::string_view view) const {
  return marks_[IndexOf(view)];
}

const ParkedRows& TenantViews::parked(std::string_view view) const {
  return parked_[IndexOf(view)];
}

absl::StatusOr<ViewMark> TenantViews::MarkAt(const RowSnapshot& snapshot,
                                             std::string_view view) const {
  if (!options_.protocol.position_of_rows) return mark(view);
  return ReadMark(snapshot, view);
}

std::uint64_t TenantViews::Applied(std::string_view context) const {
  std::optional<std::uint64_t> least;
  for (std::size_t i = 0; i < views_.size(); ++i) {
    if (views_[i].context == context)
      least = std::min(least.value_or(marks_[i].seq), marks_[i].seq);
  }
  return least.value_or(0);
}

void TenantViews::BeginCommit(std::string_view context, std::uint64_t seq, absl::Time recorded_at) {
  folding_.clear();
  folding_seq_ = seq;
  folding_recorded_at_ = recorded_at;
  for (std::size_t i = 0; i < views_.size(); ++i) {
    const bool next = marks_[i].seq + 1 == seq || !options_.protocol.each_commit_once;
    if (views_[i].context == context && next) folding_.push_back(i);
  }
}

absl::StatusOr<TenantViews::HotRow*> TenantViews::Load(std::size_t view, const std::string& key) {
  std::string hot_key = HotKey(view, key);
  const auto found = hot_.find(hot_key);
  if (found != hot_.end()) return found->second.get();
  auto hot = std::make_unique<HotRow>();
  hot->view = view;
  hot->key = key;
  hot->row.reset(views_[view].row_prototype->New());
  ASSIGN_OR_RETURN(const std::optional<std::string> bytes, store_->Get(marks_[view].family, key));
  if (bytes && !hot->row->ParseFromString(*bytes)) {
    return absl::DataLossError(
        absl::StrCat("a row of view ", views_[view].name,
                     " is damaged; rebuild it: holdfast projection rebuild"));
  }
  return hot_.emplace(std::move(hot_key), std::move(hot)).first->second.get();
}

absl::Status TenantViews::Apply(const google::protobuf::Message& event, const EventMeta& meta) {
  for (const std::size_t view : folding_) {
    const ViewType& type = views_[view];
    if (std::find(type.events.begin(), type.events.end(), event.GetDescriptor()) ==
        type.events.end()) {
      continue;
    }
    for (const std::string& key : type.key(event, meta)) {
      broken_.Update(ApplyToRow(view, key, event, meta));
    }
  }
  return broken_;
}

absl::Status TenantViews::ApplyToRow(std::size_t view, const std::string& key,
                                     const google::protobuf::Message& event,
                                     const EventMeta& meta) {
  ParkedRows& parked = parked_[view];
  if (const auto waiting = parked.find(key); waiting != parked.end()) {
    CountWaiting(waiting->second);
    parked_dirty_.emplace(view, key);
    return absl::OkStatus();
  }
  ASSIGN_OR_RETURN(HotRow* const hot, Load(view, key));
  const ViewType& type = views_[view];
  const Fit fit = ApplyTo(type, *hot->row, event, meta, hot->key);
  if (!fit) {
    parked.emplace(key, ParkedAt(event, meta, fit.error()));
    parked_dirty_.emplace(view, key);
    log::Error("row_parked", log::Tenant(meta.tenant), log::Context(type.context),
               log::View(type.name), log::Seq(meta.seq), log::Reason(fit.error().reason));
  }
  hot->gone = !fit || (type.gone != nullptr && type.gone(*hot->row));
  if (hot->gone) hot->row->Clear();
  MarkDirty(*hot);
  return absl::OkStatus();
}

void TenantViews::MarkDirty(HotRow& hot) {
  if (!hot.dirty) dirty_rows_.push_back(&hot);
  hot.dirty = true;
}

void TenantViews::EndCommit() {
  for (const std::size_t view : folding_) {
    marks_[view].seq = folding_seq_;
    marks_[view].recorded_at = folding_recorded_at_;
    marks_dirty_ = true;
  }
  folding_.clear();
}

void TenantViews::PutMarks() {
  for (std::size_t i = 0; i < views_.size(); ++i) {
    store_->Put(kMetaFamily, MarkKey(views_[i].name), EncodeMark(marks_[i]));
  }
}

void TenantViews::PutRows() {
  for (const HotRow* hot : dirty_rows_) {
    if (hot->gone) {
      store_->Delete(marks_[hot->view].family, hot->key);
    } else {
      store_->Put(marks_[hot->view].family, hot->key, RowBytes(*hot->row));
    }
  }
}

void TenantViews::PutAllParked() {
  for (const auto& [view, key] : parked_dirty_) {
    const auto row = parked_[view].find(key);
    if (row == parked_[view].end()) {
      DeleteParked(*store_, marks_[view].family, key);
    } else {
      PutParked(*store_, marks_[view].family, key, row->second);
    }
  }
}

absl::Status TenantViews::Flush() {
  RETURN_IF_ERROR(broken_);
  if (!dirty()) return absl::OkStatus();
  PutMarks();
  if (!options_.protocol.mark_with_rows) RETURN_IF_ERROR(store_->Commit());
  PutRows();
  PutAllParked();
  RETURN_IF_ERROR(store_->Commit());
  for (HotRow* hot : dirty_rows_) hot->dirty = false;
  dirty_rows_.clear();
  parked_dirty_.clear();
  marks_dirty_ = false;
  if (hot_.size() > options_.hot_rows) hot_.clear();
  return absl::OkStatus();
}

absl::Status TenantViews::Switch(std::string_view view, const ViewMark& mark, ParkedRows parked) {
  RETURN_IF_ERROR(Flush());
  const std::size_t at = IndexOf(view);
  const std::string prefix = HotKey(at, "");
  for (auto it = hot_.begin(); it != hot_.end();) {
    it = it->first.starts_with(prefix) ? hot_.erase(it) : std::next(it);
  }
  const ViewMark mark_before = std::exchange(marks_[at], mark);
  ParkedRows parked_before = std::exchange(parked_[at], std::move(parked));
  for (const auto& [key, row] : parked_[at]) parked_dirty_.emplace(at, key);
  marks_dirty_ = true;
  absl::Status written = Flush();
  if (!written.ok()) {
    marks_[at] = mark_before;
    parked_[at] = std::move(parked_before);
    parked_dirty_.clear();
  }
  return written;
}

absl::Status TenantViews::Settle(std::string_view view, const std::set<std::string>& keys,
                                 const RowFold& fold) {
  RETURN_IF_ERROR(Flush());
  const std::size_t at = IndexOf(view);
  std::vector<HotRow*> rows;  // loaded before anything changes: the store may refuse
  for (const std::string& key : keys) {
    ASSIGN_OR_RETURN(HotRow* const hot, Load(at, key));
    rows.push_back(hot);
  }
  for (HotRow* const hot : rows) {
    parked_[at].erase(hot->key);
    if (const auto still = fold.parked().find(hot->key); still != fold.parked().end()) {
      parked_[at].insert(*still);
    }
    parked_dirty_.emplace(at, hot->key);
    const auto row = fold.rows().find(hot->key);
    hot->gone = row == fold.rows().end();
    hot->row->Clear();
    if (!hot->gone) hot->row->CopyFrom(*row->second);
    MarkDirty(*hot);
  }
  return Flush();
}

}  // namespace holdfast::readmodel
