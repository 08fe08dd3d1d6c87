#include "statistics/csv_records.h"

#include <fstream>
#include <iterator>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"

namespace holdfast::statistics {
namespace {

constexpr std::size_t kMostBytes = std::size_t{64} << 20;

// One field from `at` on; leaves `at` at the comma or line end behind it.
absl::StatusOr<std::string> Field(std::string_view text, std::size_t& at, std::size_t& line) {
  std::string field;
  if (at >= text.size() || text[at] != '"') {
    const std::size_t end = std::min(text.find_first_of(",\n", at), text.size());
    field = text.substr(at, end - at);
    at = end;
    if (!field.empty() && field.back() == '\r') field.pop_back();
    return field;
  }
  const std::size_t opened = line;
  for (++at; at < text.size(); ++at) {
    if (text[at] == '\n') ++line;
    if (text[at] != '"') {
      field += text[at];
    } else if (at + 1 < text.size() && text[at + 1] == '"') {
      field += text[++at];
    } else {
      ++at;
      if (at < text.size() && text[at] == '\r') ++at;
      if (at < text.size() && text[at] != ',' && text[at] != '\n')
        return absl::InvalidArgumentError(absl::StrCat(
            "line ", line, ": after a closing quote comes a comma or the end of the line"));
      return field;
    }
  }
  return absl::InvalidArgumentError(absl::StrCat("line ", opened, ": a quote is never closed"));
}

}  // namespace

absl::StatusOr<CsvRecords> ParseCsv(std::string_view text) {
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  CsvRecords records;
  std::size_t line = 1;
  for (std::size_t at = 0; at < text.size(); ++at, ++line) {
    std::vector<std::string> record;
    for (;; ++at) {
      ASSIGN_OR_RETURN(std::string field, Field(text, at, line));
      record.push_back(std::move(field));
      if (at >= text.size() || text[at] == '\n') break;
    }
    if (record.size() > 1 || !record.front().empty()) records.push_back(std::move(record));
  }
  return records;
}

absl::StatusOr<CsvRecords> ReadCsvFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return absl::NotFoundError(absl::StrCat(path, ": cannot be opened"));
  std::string text;
  char block[1 << 16];
  while (file.read(block, sizeof block) || file.gcount() > 0) {
    text.append(block, static_cast<std::size_t>(file.gcount()));
    if (text.size() > kMostBytes)
      return absl::InvalidArgumentError(absl::StrCat(path, ": larger than 64 MiB"));
  }
  if (file.bad()) return absl::NotFoundError(absl::StrCat(path, ": cannot be read"));
  absl::StatusOr<CsvRecords> records = ParseCsv(text);
  if (!records.ok()) return WithContext(records.status(), path);
  return records;
}

}  // namespace holdfast::statistics
