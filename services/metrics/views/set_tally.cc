#include "metrics/views/set_tally.h"

#include <algorithm>
#include <cstddef>
#include <vector>

#include "metrics/domain/row_block.h"

namespace holdfast::metrics {
namespace {

using Texts = google::protobuf::RepeatedPtrField<std::string>;
using Tally = v1::MonthTallyRow::SetTally;

Tally& TallyOf(SetTallies& tallies, std::string_view key) {
  const auto at =
      std::lower_bound(tallies.begin(), tallies.end(), key,
                       [](const Tally& tally, std::string_view k) { return tally.set() < k; });
  if (at != tallies.end() && at->set() == key) return *at;
  const auto index = static_cast<int>(at - tallies.begin());
  tallies.Add()->set_set(std::string(key));
  for (int i = tallies.size() - 1; i > index; --i) tallies.SwapElements(i, i - 1);
  return *tallies.Mutable(index);
}

std::vector<std::string> Union(const Texts& sorted, std::vector<std::string_view> more) {
  std::sort(more.begin(), more.end());
  more.erase(std::unique(more.begin(), more.end()), more.end());
  std::vector<std::string> all(sorted.begin(), sorted.end());
  for (const std::string_view text : more) {
    const auto at = std::lower_bound(all.begin(), all.end(), text);
    if (at == all.end() || *at != text) all.insert(at, std::string(text));
  }
  return all;
}

// Makes room for areas and categories that are new to the matrix.
void Widen(Tally& tally, const std::vector<std::string>& areas,
           const std::vector<std::string>& categories) {
  const auto area_count = static_cast<int>(areas.size());
  const auto category_count = static_cast<int>(categories.size());
  if (area_count == tally.areas_size() && category_count == tally.categories_size()) return;
  std::vector<std::int64_t> counts(areas.size() * categories.size(), 0);
  for (int a = 0, old_a = 0; old_a < tally.areas_size(); ++a) {
    if (areas[static_cast<std::size_t>(a)] != tally.areas(old_a)) continue;
    for (int c = 0, old_c = 0; old_c < tally.categories_size(); ++c) {
      if (categories[static_cast<std::size_t>(c)] != tally.categories(old_c)) continue;
      counts[static_cast<std::size_t>(a * category_count + c)] =
          tally.counts(old_a * tally.categories_size() + old_c);
      ++old_c;
    }
    ++old_a;
  }
  *tally.mutable_areas() = {areas.begin(), areas.end()};
  *tally.mutable_categories() = {categories.begin(), categories.end()};
  *tally.mutable_counts() = {counts.begin(), counts.end()};
}

std::vector<std::string_view> CategoriesOf(const v1::RowBlock& block) {
  std::vector<std::uint32_t> indices(block.category().begin(), block.category().end());
  if (indices.empty()) indices.push_back(0);
  std::sort(indices.begin(), indices.end());
  indices.erase(std::unique(indices.begin(), indices.end()), indices.end());
  std::vector<std::string_view> categories;
  for (const std::uint32_t index : indices) categories.push_back(TextOf(block, index));
  return categories;
}

// Adds each row at (area of its place, its category); `area_of` gives the code of a place.
template <class AreaOfPlace>
void AddRows(Tally& tally, const v1::RowBlock& block, int sign, AreaOfPlace area_of) {
  if (block.rows() == 0) return;
  std::vector<std::string_view> areas;
  areas.reserve(static_cast<std::size_t>(block.places_size()));
  for (const auto& place : block.places()) areas.push_back(area_of(place));
  Widen(tally, Union(tally.areas(), areas), Union(tally.categories(), CategoriesOf(block)));

  std::vector<int> row_of_place;
  row_of_place.reserve(areas.size());
  for (const std::string_view area : areas) row_of_place.push_back(IndexOf(tally.areas(), area));
  std::vector<int> column_of_text(static_cast<std::size_t>(block.texts_size()) + 1, -1);
  auto& counts = *tally.mutable_counts();
  for (std::uint32_t r = 0; r < block.rows(); ++r) {
    const auto row = static_cast<int>(r);
    const std::size_t text = ColumnAt(block.category(), row);
    if (column_of_text[text] < 0) {
      column_of_text[text] = IndexOf(tally.categories(), TextOf(block, text));
    }
    const std::size_t place = ColumnAt(block.place(), row);
    const int cell = row_of_place[place] * tally.categories_size() + column_of_text[text];
    counts.Set(cell, counts.Get(cell) + sign * static_cast<std::int64_t>(CrimesOf(block, row)));
  }
}

}  // namespace

std::string SetKey(const type::v1::AreaSet& set) {
  return set.kind() + "/" + set.vintage();
}

int IndexOf(const Texts& sorted, std::string_view text) {
  const auto at = std::lower_bound(sorted.begin(), sorted.end(), text);
  return at != sorted.end() && *at == text ? static_cast<int>(at - sorted.begin()) : -1;
}

void AddBlock(SetTallies& tallies, const v1::RowBlock& block, const AreaSets& sets, int sign) {
  for (int s = 0; s < sets.size(); ++s) {
    AddRows(TallyOf(tallies, SetKey(sets.Get(s))), block, sign,
            [&](const v1::RowBlock::Place& place) { return TextOf(block, place.area(s)); });
  }
}

void AddEverywhere(SetTallies& tallies, const v1::RowBlock& block, int sign) {
  if (block.rows() == 0) return;
  AddRows(TallyOf(tallies, kEverywhere), block, sign,
          [](const v1::RowBlock::Place&) { return std::string_view(); });
}

}  // namespace holdfast::metrics
