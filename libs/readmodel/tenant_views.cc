#include "readmodel/tenant_views.h"

#include <algorithm>
#include <optional>
#include <utility>

#include <google/protobuf/message.h>

#include "absl/strings/str_cat.h"
#include "base/check.h"
#include "base/hash.h"
#include "base/status_macros.h"
#include "readmodel/row_fold.h"

namespace holdfast::readmodel {
namespace {

constexpr std::string_view kMetaFamily = "meta";
constexpr std::string_view kTenantKey = "tenant";
// Rows kept decoded between flushes; beyond it those that are clean are let go.
constexpr std::size_t kHotRows = 16'384;

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

}  // namespace

template <class Source>
absl::StatusOr<ViewMark> ReadMark(const Source& source, std::string_view view) {
  ASSIGN_OR_RETURN(const std::optional<std::string> bytes, source.Get(kMetaFamily, MarkKey(view)));
  return DecodeMark(bytes, view);
}
template absl::StatusOr<ViewMark> ReadMark(const storage::Store&, std::string_view);
template absl::StatusOr<ViewMark> ReadMark(const storage::Snapshot&, std::string_view);

struct TenantViews::HotRow {
  std::size_t view = 0;
  std::string key;
  std::unique_ptr<google::protobuf::Message> row;
  bool dirty = false;
  bool gone = false;
};

TenantViews::TenantViews(std::unique_ptr<storage::Store> store, const std::vector<ViewType>& views)
    : store_(std::move(store)), views_(views), marks_(views.size()) {
  for (std::size_t i = 0; i < views_.size(); ++i) index_.emplace(views_[i].name, i);
}
TenantViews::~TenantViews() = default;

absl::StatusOr<std::unique_ptr<TenantViews>> TenantViews::Open(const std::string& folder,
                                                               const std::string& tenant,
                                                               const std::vector<ViewType>& views) {
  storage::StoreOptions options;
  options.folder = folder;
  options.families = {std::string(kMetaFamily)};
  options.small = true;
  ASSIGN_OR_RETURN(std::unique_ptr<storage::Store> store, storage::Store::Open(options));
  ASSIGN_OR_RETURN(const std::optional<std::string> owner, store->Get(kMetaFamily, kTenantKey));
  if (!owner) {
    storage::Batch batch;
    batch.Put(kMetaFamily, kTenantKey, tenant);
    RETURN_IF_ERROR(store->Write(batch, storage::Sync::kNo));
  } else if (*owner != tenant) {
    return absl::DataLossError(
        absl::StrCat("folder ", folder, " holds the views of another tenant; it is not opened"));
  }
  std::unique_ptr<TenantViews> opened(new TenantViews(std::move(store), views));
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
      RETURN_IF_ERROR(store_->CreateFamily(marks_[i].family));
      marks_[i].seq = 0;
    }
  }
  return absl::OkStatus();
}

const ViewMark& TenantViews::mark(std::string_view view) const {
  const auto found = index_.find(view);
  HOLDFAST_CHECK(found != index_.end());
  return marks_[found->second];
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
    if (views_[i].context == context && marks_[i].seq + 1 == seq) folding_.push_back(i);
  }
}

absl::StatusOr<TenantViews::HotRow*> TenantViews::Load(std::size_t view, const std::string& key) {
  std::string hot_key = absl::StrCat(view, "\x1F", key);
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
      ASSIGN_OR_RETURN(HotRow* const hot, Load(view, key));
      EventMeta here = meta;
      here.row_key = hot->key;
      type.apply(*hot->row, event, here);
      hot->gone = type.gone != nullptr && type.gone(*hot->row);
      if (hot->gone) hot->row->Clear();
      if (!hot->dirty) dirty_rows_.push_back(hot);
      hot->dirty = true;
    }
  }
  return absl::OkStatus();
}

void TenantViews::EndCommit() {
  for (const std::size_t view : folding_) {
    marks_[view].seq = folding_seq_;
    marks_[view].recorded_at = folding_recorded_at_;
    marks_dirty_ = true;
  }
  folding_.clear();
}

void TenantViews::PutMarks(storage::Batch& batch) const {
  for (std::size_t i = 0; i < views_.size(); ++i) {
    batch.Put(kMetaFamily, MarkKey(views_[i].name), EncodeMark(marks_[i]));
  }
}

absl::Status TenantViews::Flush() {
  if (!dirty()) return absl::OkStatus();
  storage::Batch batch;
  for (const HotRow* hot : dirty_rows_) {
    if (hot->gone) {
      batch.Delete(marks_[hot->view].family, hot->key);
    } else {
      batch.Put(marks_[hot->view].family, hot->key, RowBytes(*hot->row));
    }
  }
  PutMarks(batch);
  RETURN_IF_ERROR(store_->Write(batch, storage::Sync::kNo));
  for (HotRow* hot : dirty_rows_) hot->dirty = false;
  dirty_rows_.clear();
  marks_dirty_ = false;
  if (hot_.size() > kHotRows) hot_.clear();
  return absl::OkStatus();
}

absl::Status TenantViews::Switch(std::string_view view, const ViewMark& mark) {
  RETURN_IF_ERROR(Flush());
  const auto found = index_.find(view);
  HOLDFAST_CHECK(found != index_.end());
  const std::string prefix = absl::StrCat(found->second, "\x1F");
  for (auto it = hot_.begin(); it != hot_.end();) {
    it = it->first.starts_with(prefix) ? hot_.erase(it) : std::next(it);
  }
  const ViewMark before = std::exchange(marks_[found->second], mark);
  marks_dirty_ = true;
  const absl::Status written = Flush();
  if (!written.ok()) marks_[found->second] = before;
  return written;
}

}  // namespace holdfast::readmodel
