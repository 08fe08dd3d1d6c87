#include "ingest/errors_file.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "ingest/columns.h"
#include "ingest/csv_writer.h"

namespace holdfast::ingest {
namespace {

std::string Joined(std::span<const RowFault> faults, std::string RowFault::*part) {
  std::string out;
  for (const RowFault& fault : faults) {
    if ((fault.*part).empty()) continue;
    if (!out.empty()) out += "; ";
    out += fault.*part;
  }
  return out;
}

}  // namespace

ErrorsFile::ErrorsFile(std::span<const std::string_view> header) {
  for (const std::string_view name : header) {
    kept_.push_back(std::ranges::find(kErrorColumns, name) == kErrorColumns.end());
  }
  CsvWriter writer(out_);
  AddOriginal(writer, header);
  for (const std::string_view name : kErrorColumns) writer.Verbatim(name);
  writer.EndRow();
}

void ErrorsFile::AddOriginal(CsvWriter& writer, std::span<const std::string_view> row) const {
  const bool already = std::ranges::find(kept_, false) != kept_.end();  // guarded before
  for (std::size_t i = 0; i < kept_.size(); ++i) {
    if (!kept_[i]) continue;
    const std::string_view field = i < row.size() ? row[i] : std::string_view();
    if (already) {
      writer.Verbatim(field);
    } else {
      writer.Text(field);
    }
  }
}

void ErrorsFile::Add(std::span<const std::string_view> row, std::span<const RowFault> faults) {
  HOLDFAST_CHECK(!faults.empty());
  CsvWriter writer(out_);
  AddOriginal(writer, row);
  for (const auto part : {&RowFault::code, &RowFault::field, &RowFault::rule, &RowFault::hint}) {
    writer.Text(Joined(faults, part));
  }
  writer.EndRow();
}

std::string ErrorsFile::Take() {
  return std::exchange(out_, {});
}

}  // namespace holdfast::ingest
