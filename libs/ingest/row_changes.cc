#include "ingest/row_changes.h"

#include <algorithm>
#include <compare>
#include <cstddef>
#include <limits>
#include <tuple>

#include "base/check.h"

namespace holdfast::ingest {
namespace {

using Indexes = std::vector<std::uint32_t>;

// One delivery: its rows, and those of them that are not matched yet.
struct Side {
  std::span<const RowKey> rows;
  Indexes left;
};

Side AllOf(std::span<const RowKey> rows) {
  HOLDFAST_CHECK(rows.size() < std::numeric_limits<std::uint32_t>::max());
  Side side{rows, {}};
  side.left.resize(rows.size());
  for (std::size_t i = 0; i < rows.size(); ++i) side.left[i] = static_cast<std::uint32_t>(i);
  return side;
}

// Pairs rows of equal projections, one with one, and leaves the rest. Rows of one projection are
// taken in the order of their content, so the pairs do not depend on the order of the files.
template <typename Projection, typename Matched>
void Match(Side& before, Side& after, Projection project, Matched matched) {
  for (Side* side : {&before, &after}) {
    std::ranges::sort(side->left, [&](std::uint32_t a, std::uint32_t b) {
      const RowKey& x = side->rows[a];
      const RowKey& y = side->rows[b];
      if (const auto order = project(x) <=> project(y); std::is_neq(order))
        return std::is_lt(order);
      return std::tie(x.content, a) < std::tie(y.content, b);
    });
  }
  Indexes before_rest;
  Indexes after_rest;
  auto b = before.left.begin();
  auto a = after.left.begin();
  while (b != before.left.end() && a != after.left.end()) {
    const auto order = project(before.rows[*b]) <=> project(after.rows[*a]);
    if (std::is_lt(order)) {
      before_rest.push_back(*b++);
    } else if (std::is_gt(order)) {
      after_rest.push_back(*a++);
    } else {
      matched(RowPair{*b++, *a++});
    }
  }
  before_rest.insert(before_rest.end(), b, before.left.end());
  after_rest.insert(after_rest.end(), a, after.left.end());
  before.left = std::move(before_rest);
  after.left = std::move(after_rest);
}

// Rows without an id take no part in what follows.
Indexes TakeThoseWithoutId(Side& side) {
  const auto begin =
      std::stable_partition(side.left.begin(), side.left.end(),
                            [&side](std::uint32_t i) { return !side.rows[i].crime_id.empty(); });
  Indexes out(begin, side.left.end());
  side.left.erase(begin, side.left.end());
  return out;
}

Indexes Sorted(Indexes a, const Indexes& b) {
  a.insert(a.end(), b.begin(), b.end());
  std::ranges::sort(a);
  return a;
}

}  // namespace

RowKey KeyOf(const StreetRow& row, RowDigester& digester) {
  StreetRow place;
  place.has_point = row.has_point;
  place.lon_e6 = row.lon_e6;
  place.lat_e6 = row.lat_e6;
  place.location = row.location;
  place.lsoa_code = row.lsoa_code;
  return {digester(row), row.crime_id, row.category,
          row.crime_id.empty() ? 0 : ReadBigEndian64(AsBytes(digester(place)))};
}

RowChanges CompareDeliveries(std::span<const RowKey> before_rows,
                             std::span<const RowKey> after_rows) {
  Side before = AllOf(before_rows);
  Side after = AllOf(after_rows);
  RowChanges changes;
  Match(
      before, after, [](const RowKey& row) { return std::tie(row.content); },
      [&](RowPair) { ++changes.unchanged; });
  const Indexes gone = TakeThoseWithoutId(before);
  const Indexes come = TakeThoseWithoutId(after);
  Match(
      before, after,
      [](const RowKey& row) { return std::tie(row.crime_id, row.category, row.place); },
      [&](RowPair pair) { changes.outcome_changed.push_back(pair); });
  Match(
      before, after, [](const RowKey& row) { return std::tie(row.crime_id); },
      [&](RowPair pair) {
        const bool same_type = before_rows[pair.before].category == after_rows[pair.after].category;
        (same_type ? changes.relocated : changes.reclassified).push_back(pair);
      });
  changes.cancelled = Sorted(std::move(before.left), gone);
  changes.recorded = Sorted(std::move(after.left), come);
  return changes;
}

}  // namespace holdfast::ingest
