// Counts by area and category in one area set: the matrix of MonthTallyRow.SetTally, and how rows
// are added to it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "holdfast/metrics/v1/rows.pb.h"
#include "holdfast/metrics/v1/words.pb.h"

namespace holdfast::metrics {

// The set that every row is in, with one area "".
inline constexpr std::string_view kEverywhere = "all";

// "ward/2013".
std::string SetKey(const type::v1::AreaSet& set);

using SetTallies = google::protobuf::RepeatedPtrField<v1::MonthTallyRow::SetTally>;
using AreaSets = google::protobuf::RepeatedPtrField<type::v1::AreaSet>;

// Adds `sign` times the crimes of a well-formed block, in each of `sets` (the order of
// `Place.area`).
void AddBlock(SetTallies& tallies, const v1::RowBlock& block, const AreaSets& sets, int sign);
// The same under `kEverywhere`.
void AddEverywhere(SetTallies& tallies, const v1::RowBlock& block, int sign);

// The index of a text in a list in byte order, or -1.
int IndexOf(const google::protobuf::RepeatedPtrField<std::string>& sorted, std::string_view text);

}  // namespace holdfast::metrics
