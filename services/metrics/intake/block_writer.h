// Rows of a store as blocks of an event: texts and places said once, columns that never change
// collapsed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "holdfast/metrics/v1/words.pb.h"

#include "metrics/intake/area_resolver.h"
#include "metrics/intake/row_store.h"

namespace holdfast::metrics {

// Knows the areas of the places of one store in some sets of areas. Not thread-safe.
class PlaceAreas {
 public:
  // `sets` are indexes into resolver.sets(). Store and resolver are borrowed.
  PlaceAreas(RowStore& store, AreaResolver& resolver, std::vector<std::size_t> sets);

  struct Area {
    std::uint32_t code = 0;  // text; 0: unlocated
    v1::AreaMethod::Code method = v1::AreaMethod::CODE_UNSPECIFIED;
  };
  std::size_t sets() const { return sets_.size(); }
  const type::v1::AreaSet& set(std::size_t i) const { return resolver_.sets()[sets_[i]]; }
  // The area of a place in set `i`.
  Area Of(std::uint32_t place, std::size_t i);

 private:
  RowStore& store_;
  AreaResolver& resolver_;
  std::vector<std::size_t> sets_;
  std::vector<Area> areas_;  // [places x sets]; method 0: not yet resolved
};

class BlockWriter {
 public:
  BlockWriter(const RowStore& store, PlaceAreas& areas) : store_(store), areas_(areas) {}

  // Rows are added to `block`, which must be empty, until the next Begin.
  void Begin(v1::RowBlock& block);
  void Add(const RowStore::Row& row);
  void End();

 private:
  std::uint32_t LocalText(std::uint32_t text);
  std::uint32_t LocalPlace(std::uint32_t place);

  const RowStore& store_;
  PlaceAreas& areas_;
  v1::RowBlock* block_ = nullptr;
  // Index + 1 in the block, valid where the stamp is that of this block.
  struct Local {
    std::uint32_t stamp = 0;
    std::uint32_t index = 0;
  };
  std::uint32_t stamp_ = 0;
  std::vector<Local> texts_;
  std::vector<Local> places_;
};

}  // namespace holdfast::metrics
