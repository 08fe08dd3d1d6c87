#include "ingest/columns.h"

#include <algorithm>
#include <optional>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "ingest/csv_writer.h"
#include "ingest/nearest_name.h"
#include "ingest/row_fault.h"

namespace holdfast::ingest {
namespace {

char Loose(char c) {
  if (c == '_' || c == '-') return ' ';
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool Same(std::string_view a, std::string_view b, HeaderMatch match) {
  if (match == HeaderMatch::kExact) return a == b;
  return std::ranges::equal(a, b, {}, Loose, Loose);
}

std::optional<std::size_t> Find(std::string_view name, std::span<const Column> wanted,
                                HeaderMatch match) {
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    if (Same(name, wanted[i].name, match)) return i;
    for (const std::string_view synonym : wanted[i].synonyms) {
      if (!synonym.empty() && Same(name, synonym, match)) return i;
    }
  }
  return std::nullopt;
}

std::string DescribeUnknown(std::string_view name, std::span<const Column> wanted) {
  std::vector<std::string_view> known;
  for (const Column& column : wanted) known.push_back(column.name);
  const std::string_view nearest = NearestName(name, known);
  std::string out = absl::StrCat("unknown column \"", Shown(name), "\"");
  if (!nearest.empty()) out.append(" (did you mean \"").append(nearest).append("\"?)");
  return out;
}

// A file with other delimiters reads as one column.
std::string_view OtherDelimiter(std::span<const std::string_view> header) {
  if (header.size() != 1) return {};
  for (const std::string_view delimiter : {";", "\t", "|"}) {
    if (header[0].find(delimiter) != std::string_view::npos) return delimiter;
  }
  return {};
}

}  // namespace

absl::StatusOr<ColumnMap> ColumnMap::Match(std::string_view file, std::uint64_t line,
                                           std::span<const std::string_view> header,
                                           std::span<const Column> wanted, HeaderMatch match) {
  if (const std::string_view delimiter = OtherDelimiter(header); !delimiter.empty()) {
    return StructureFault(file, line,
                          "the columns are separated by something else than a comma; save the "
                          "file as CSV with commas");
  }
  ColumnMap map;
  map.width_ = header.size();
  map.at_.assign(wanted.size(), -1);
  std::vector<std::string> faults;
  for (std::size_t at = 0; at < header.size(); ++at) {
    if (std::ranges::find(kErrorColumns, header[at]) != kErrorColumns.end()) {
      map.is_errors_file_ = true;
      continue;
    }
    const std::optional<std::size_t> found = Find(header[at], wanted, match);
    if (!found) {
      faults.push_back(DescribeUnknown(header[at], wanted));
    } else if (map.at_[*found] >= 0) {
      faults.push_back(absl::StrCat("column \"", Shown(header[at]), "\" stands there twice"));
    } else {
      map.at_[*found] = static_cast<std::int32_t>(at);
    }
  }
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    if (wanted[i].required && map.at_[i] < 0) {
      faults.push_back(absl::StrCat("column \"", Shown(wanted[i].name), "\" is missing"));
    }
  }
  if (!faults.empty()) return StructureFault(file, line, absl::StrJoin(faults, "; "));
  return map;
}

std::string_view ColumnMap::Unguarded(std::string_view value) {
  if (value.size() > 1 && value[0] == '\'' && StartsAsFormula(value.substr(1))) {
    value.remove_prefix(1);
  }
  return value;
}

}  // namespace holdfast::ingest
