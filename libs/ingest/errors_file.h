// The rejected rows as a file to mend and upload again: the original row, then what is wrong.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "ingest/row_fault.h"

namespace holdfast::ingest {

class ErrorsFile {
 public:
  // `header` is the original one; columns of an earlier errors file are dropped from it and from
  // the rows.
  explicit ErrorsFile(std::span<const std::string_view> header);

  // One row with all its faults (at least one), several in one cell joined by "; ".
  void Add(std::span<const std::string_view> row, std::span<const RowFault> faults);

  // What was written since the last call, the header first. Text is guarded against formulas; the
  // readers of this room take the guard off again.
  std::string Take();

 private:
  void AddOriginal(class CsvWriter& writer, std::span<const std::string_view> row) const;

  std::vector<bool> kept_;  // by position in the original row
  std::string out_;
};

}  // namespace holdfast::ingest
