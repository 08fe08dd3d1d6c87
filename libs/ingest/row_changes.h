// What a new delivery of a force-month changed, though its rows have no key.
//
// First equal rows are matched, each with one; then rows with the same crime id, type and place;
// then with the same crime id. What is left was recorded or cancelled. Without an id only equal
// rows match: they are counted. The answer depends on the two multisets alone, not on their order.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/hash.h"
#include "ingest/row_digest.h"
#include "ingest/street_reader.h"

namespace holdfast::ingest {

// What matching needs of a row. Texts belong to the caller.
struct RowKey {
  Hash content{};             // RowDigester's: equal for equal rows only
  std::string_view crime_id;  // empty: none
  CrimeCategory category = CrimeCategory::kUnspecified;
  // Of point, location and LSOA code; 64 bits of their digest, compared only among rows of one id.
  std::uint64_t place = 0;
};

RowKey KeyOf(const StreetRow& row, RowDigester& digester);

// Indexes into the two deliveries.
struct RowPair {
  std::uint32_t before = 0;
  std::uint32_t after = 0;
  friend bool operator==(const RowPair&, const RowPair&) = default;
};

// Each row of either delivery is in exactly one place.
struct RowChanges {
  std::vector<std::uint32_t> recorded;   // in `after`
  std::vector<std::uint32_t> cancelled;  // in `before`
  std::vector<RowPair> reclassified;     // another type, perhaps another place or outcome too
  std::vector<RowPair> relocated;        // the same type, another place, perhaps another outcome
  std::vector<RowPair> outcome_changed;  // the same type and place
  std::uint64_t unchanged = 0;

  bool none() const {
    return recorded.empty() && cancelled.empty() && reclassified.empty() && relocated.empty() &&
           outcome_changed.empty();
  }
};

// At most 2^32 - 1 rows each; time n log n, memory some 8 bytes a row.
RowChanges CompareDeliveries(std::span<const RowKey> before, std::span<const RowKey> after);

}  // namespace holdfast::ingest
