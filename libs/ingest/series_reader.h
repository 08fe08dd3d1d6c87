// Profile agency-series@1: monthly counts of a partner, one number for each area and month.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"
#include "ingest/byte_source.h"
#include "ingest/columns.h"
#include "ingest/reference_file.h"
#include "ingest/row_fault.h"

namespace holdfast::ingest {

struct SeriesRow {
  std::string area;  // a code
  absl::CivilMonth month;
  std::int64_t count = 0;  // 0 is a count; a month that is absent is no data
  std::uint64_t line = 0;
};

struct Series {
  std::vector<SeriesRow> rows;  // in the file's order
  std::vector<RowFault> faults;
  std::uint64_t rejected = 0;                                   // rows; each has at least one fault
  std::map<absl::CivilMonth, std::uint64_t> rejected_by_month;  // of those that tell their month
  std::string errors_file;                                      // empty where nothing was rejected
};

// Told the areas that the rows name, says which of them are known.
using KnowAreas = absl::FunctionRef<absl::StatusOr<AreaCodes>(const std::vector<std::string>&)>;

inline constexpr std::size_t kMaxSeriesRows = 1'000'000;
inline constexpr std::int64_t kMaxSeriesCount = 1'000'000'000;

std::span<const Column> SeriesColumns();

// The whole file. Rows of an area and month that stands more than once are all rejected
// (DUPLICATE_KEY): nobody knows which one is meant. InvalidArgument for a fault of structure.
absl::StatusOr<Series> ReadSeries(ByteSource& source, std::string_view file);
// Rows of an area that is not known are rejected too (UNKNOWN_AREA).
absl::StatusOr<Series> ReadSeries(ByteSource& source, std::string_view file, KnowAreas know);

// For MultisetDigest; begins with version byte 2. On disk for ever, by way of digests.
void AppendCanonicalRow(std::string& out, const SeriesRow& row);

}  // namespace holdfast::ingest
