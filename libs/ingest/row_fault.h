// What is wrong with a file, or with one row of it.
//
// A fault of structure blocks the file: it is an absl::Status (InvalidArgument) that names file and
// line. A fault of a row rejects that row alone: it is a RowFault.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/status.h"

namespace holdfast::ingest {

struct RowFault {
  std::string file;
  std::uint64_t line = 0;  // of the row's first character, from 1
  std::string field;       // the column's name, empty where the whole row is meant
  std::string code;        // stable, upper case: MONTH_OTHER
  std::string rule;        // a sentence; echoes no input
  std::string hint;        // what to do, may be empty
  friend bool operator==(const RowFault&, const RowFault&) = default;
};

// "<file>, line 7: <sentence>"
absl::Status StructureFault(std::string_view file, std::uint64_t line, std::string_view sentence);
// "<file>, line 7, column area: <sentence>"
absl::Status ColumnFault(std::string_view file, std::uint64_t line, std::string_view column,
                         std::string_view sentence);

// A name out of a file as it may stand in a sentence: at most 64 bytes, control characters as '?'.
std::string Shown(std::string_view name);

}  // namespace holdfast::ingest
