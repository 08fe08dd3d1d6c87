// Small CSV files of numbers and JSON, as oracles and their data are kept (RFC 4180). Not the
// reader of imports.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace holdfast::statistics {

using CsvRecords = std::vector<std::vector<std::string>>;

// All records, the header first. A byte-order mark is dropped; a quote left open or misplaced is
// kInvalidArgument and names its line.
absl::StatusOr<CsvRecords> ParseCsv(std::string_view text);

// kNotFound where it cannot be opened, kInvalidArgument above 64 MiB.
absl::StatusOr<CsvRecords> ReadCsvFile(const std::string& path);

}  // namespace holdfast::statistics
