// Rows of a store as blocks of an event: texts and places said once, columns that never change
// collapsed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "holdfast/metrics/v1/words.pb.h"

#include "metrics/intake/area_resolver.h"
#include "metrics/intake/row_store.h"
#include "metrics/views/set_tally.h"

namespace holdfast::metrics {

// An area of a place, with its code as a text of the store.
struct PlacedIn {
  std::uint32_t code = 0;  // 0: unlocated
  v1::AreaMethod::Code method = v1::AreaMethod::CODE_UNSPECIFIED;
};

// In which areas the rows that count were placed when they came: what a row is taken out of, though
// it would be placed elsewhere today. Not thread-safe.
class HeldAreas {
 public:
  // The places of a block, `sets` in the order of their areas; over what was kept of them before.
  void Keep(RowStore& store, const v1::RowBlock& block, const AreaSets& sets, bool area_given);
  // Method 0: no row of the place was placed in the set. `set`: "ward/2013".
  PlacedIn Of(std::uint32_t place, const std::string& set) const;

 private:
  std::map<std::string, std::vector<PlacedIn>> sets_;  // by place
};

// Knows the areas of the places of one store in some sets of areas. Not thread-safe.
class PlaceAreas {
 public:
  using Area = PlacedIn;
  // `sets` are indexes into resolver.sets(). Where `held` knows a place, that stands; else the
  // resolver is asked. All are borrowed.
  PlaceAreas(RowStore& store, AreaResolver& resolver, std::vector<std::size_t> sets,
             const HeldAreas* held = nullptr);

  std::size_t sets() const { return sets_.size(); }
  const type::v1::AreaSet& set(std::size_t i) const { return resolver_.sets()[sets_[i]]; }
  // The area of a place in set `i`.
  Area Of(std::uint32_t place, std::size_t i);

 private:
  RowStore& store_;
  AreaResolver& resolver_;
  std::vector<std::size_t> sets_;
  const HeldAreas* held_;
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
