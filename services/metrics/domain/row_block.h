// Reading a RowBlock: its columns by row, without a copy.
#pragma once

#include <cstdint>
#include <string_view>

#include "holdfast/metrics/v1/events.pb.h"
#include "holdfast/metrics/v1/words.pb.h"

namespace holdfast::metrics {

// True where every column fits the rows and every index points at a text, a place, an id that is
// there. `area_sets`: how many sets each place must be resolved in. Whatever reads a block may rely
// on it.
bool IsWellFormed(const v1::RowBlock& block, int area_sets);
// All blocks of a piece.
bool IsWellFormed(const v1::RowsStaged& staged);

// The entry of row `i` of a column: its own, the one for all, or 0.
template <class Column>
std::uint64_t ColumnAt(const Column& column, int i) {
  if (column.empty()) return 0;
  return column.size() == 1 ? column.Get(0) : column.Get(i);
}

// Text n of the block; 0 is the empty one.
inline std::string_view TextOf(const v1::RowBlock& block, std::uint64_t index) {
  if (index == 0) return {};
  return block.texts(static_cast<int>(index) - 1);
}

inline const v1::RowBlock::Place& PlaceOf(const v1::RowBlock& block, int row) {
  return block.places(static_cast<int>(ColumnAt(block.place(), row)));
}

inline std::string_view CategoryOf(const v1::RowBlock& block, int row) {
  return TextOf(block, ColumnAt(block.category(), row));
}

// The area's code in set `set`, empty for unlocated.
inline std::string_view AreaOf(const v1::RowBlock& block, int row, int set) {
  return TextOf(block, PlaceOf(block, row).area(set));
}

// How many crimes the row stands for.
inline std::uint64_t CrimesOf(const v1::RowBlock& block, int row) {
  return block.count().empty() ? 1 : ColumnAt(block.count(), row);
}

}  // namespace holdfast::metrics
