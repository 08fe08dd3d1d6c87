#include "metrics/intake/block_writer.h"

#include <algorithm>
#include <string>
#include <utility>

#include "base/check.h"
#include "base/hex.h"
#include "metrics/domain/row_block.h"

namespace holdfast::metrics {
namespace {

bool IsHash(std::string_view id) {
  return id.size() == 64 && std::ranges::all_of(id, [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
         });
}

void AppendNibbles(std::string& bytes, std::string_view hex) {
  const auto value = [](char c) { return c <= '9' ? c - '0' : c - 'a' + 10; };
  for (std::size_t i = 0; i < hex.size(); i += 2) {
    bytes.push_back(static_cast<char>(value(hex[i]) * 16 + value(hex[i + 1])));
  }
}

// A column of one value is kept as one entry; of nothing, as none.
template <class Column>
void Collapse(Column& column, std::uint64_t nothing) {
  if (column.empty()) return;
  const auto first = column.Get(0);
  if (!std::ranges::all_of(column, [&](auto entry) { return entry == first; })) return;
  column.Truncate(first == nothing ? 0 : 1);
}

}  // namespace

void HeldAreas::Keep(RowStore& store, const v1::RowBlock& block, const AreaSets& sets,
                     bool area_given) {
  for (int s = 0; s < sets.size(); ++s) {
    std::vector<PlacedIn>& areas = sets_[SetKey(sets.Get(s))];
    for (const auto& kept : block.places()) {
      const std::uint32_t place = store.InternPlace(block, kept, area_given);
      if (place >= areas.size()) areas.resize(store.places());
      areas[place] = {store.Intern(TextOf(block, kept.area(s))), kept.method(s)};
    }
  }
}

PlacedIn HeldAreas::Of(std::uint32_t place, const std::string& set) const {
  const auto areas = sets_.find(set);
  return areas == sets_.end() || place >= areas->second.size() ? PlacedIn() : areas->second[place];
}

PlaceAreas::PlaceAreas(RowStore& store, AreaResolver& resolver, std::vector<std::size_t> sets,
                       const HeldAreas* held)
    : store_(store), resolver_(resolver), sets_(std::move(sets)), held_(held) {}

PlaceAreas::Area PlaceAreas::Of(std::uint32_t place, std::size_t i) {
  const std::size_t at = place * sets_.size() + i;
  if (at >= areas_.size()) areas_.resize(store_.places() * sets_.size());
  Area& area = areas_[at];
  if (area.method != v1::AreaMethod::CODE_UNSPECIFIED) return area;
  if (held_ != nullptr) area = held_->Of(place, SetKey(set(i)));
  if (area.method != v1::AreaMethod::CODE_UNSPECIFIED) return area;
  const RowStore::Place& where = store_.place(place);
  if (where.given_area != 0) {
    area = {where.given_area, v1::AreaMethod::GIVEN};
  } else {
    const ResolvedArea found = resolver_.Resolve(sets_[i], where.has_point, where.lon_e6,
                                                 where.lat_e6, store_.text(where.lsoa_code));
    area = {store_.Intern(found.code), found.method};
  }
  return area;
}

void BlockWriter::Begin(v1::RowBlock& block) {
  block_ = &block;
  ++stamp_;
}

std::uint32_t BlockWriter::LocalText(std::uint32_t text) {
  if (text == 0) return 0;
  if (text >= texts_.size()) texts_.resize(store_.texts() + 64);
  Local& local = texts_[text];
  if (local.stamp != stamp_) {
    const std::string_view value = store_.text(text);
    block_->add_texts(value.data(), value.size());
    local = {stamp_, static_cast<std::uint32_t>(block_->texts_size())};
  }
  return local.index;
}

std::uint32_t BlockWriter::LocalPlace(std::uint32_t place) {
  if (place >= places_.size()) places_.resize(store_.places() + 64);
  if (places_[place].stamp == stamp_) return places_[place].index;
  const RowStore::Place& where = store_.place(place);
  v1::RowBlock::Place& kept = *block_->add_places();
  if (where.has_point) {
    kept.set_longitude_e6(where.lon_e6);
    kept.set_latitude_e6(where.lat_e6);
  }
  kept.set_location(LocalText(where.location));
  kept.set_lsoa_code(LocalText(where.lsoa_code));
  kept.set_lsoa_name(LocalText(where.lsoa_name));
  for (std::size_t i = 0; i < areas_.sets(); ++i) {
    const PlaceAreas::Area area = areas_.Of(place, i);
    kept.add_area(LocalText(area.code));
    kept.add_method(area.method);
  }
  places_[place] = {stamp_, static_cast<std::uint32_t>(block_->places_size()) - 1};
  return places_[place].index;
}

void BlockWriter::Add(const RowStore::Row& row) {
  HOLDFAST_CHECK(block_ != nullptr);
  block_->set_rows(block_->rows() + 1);
  block_->add_place(LocalPlace(row.place));
  block_->add_category(LocalText(row.category));
  block_->add_outcome(LocalText(row.outcome));
  block_->add_reported_by(LocalText(row.reported_by));
  block_->add_falls_within(LocalText(row.falls_within));
  block_->add_note(LocalText(row.note));
  block_->add_count(row.count);
  if (row.crime_id.empty()) {
    block_->add_id(0);
  } else if (IsHash(row.crime_id)) {
    block_->add_id(1);
    AppendNibbles(*block_->mutable_ids(), row.crime_id);
  } else {
    block_->add_texts(row.crime_id.data(), row.crime_id.size());
    block_->add_id(static_cast<std::uint32_t>(block_->texts_size()) + 1);
  }
}

void BlockWriter::End() {
  if (block_->rows() > 0 && block_->place().size() > 1) {
    // `place` keeps at least one entry: every row has a place.
    const auto first = block_->place(0);
    if (std::ranges::all_of(block_->place(), [&](auto p) { return p == first; })) {
      block_->mutable_place()->Truncate(1);
    }
  }
  Collapse(*block_->mutable_category(), 0);
  Collapse(*block_->mutable_outcome(), 0);
  Collapse(*block_->mutable_reported_by(), 0);
  Collapse(*block_->mutable_falls_within(), 0);
  Collapse(*block_->mutable_note(), 0);
  Collapse(*block_->mutable_count(), 1);
  Collapse(*block_->mutable_id(), 0);
  block_ = nullptr;
}

}  // namespace holdfast::metrics
