#include "statistics/csv_records.h"

#include <algorithm>
#include <fstream>
#include <iterator>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"

namespace holdfast::statistics {
namespace {

constexpr std::size_t kMostBytes = std::size_t{64} << 20;

// Up to the next comma or line end.
std::string PlainField(std::string_view text, std::size_t& at) {
  const std::size_t end = std::min(text.find_first_of(",\n", at), text.size());
  std::string field(text.substr(at, end - at));
  at = end;
  if (!field.empty() && field.back() == '\r') field.pop_back();
  return field;
}

// Between quotes, where a doubled quote is one quote. `at` is behind the opening one.
absl::StatusOr<std::string> QuotedField(std::string_view text, std::size_t& at, std::size_t& line) {
  const std::size_t opened = line;
  std::string field;
  for (;;) {
    const std::size_t quote = text.find('"', at);
    if (quote == std::string_view::npos)
      return absl::InvalidArgumentError(absl::StrCat("line ", opened, ": a quote is never closed"));
    field += text.substr(at, quote - at);
    at = quote + 1;
    if (at >= text.size() || text[at] != '"') break;
    field += '"';
    ++at;
  }
  line += static_cast<std::size_t>(std::count(field.begin(), field.end(), '\n'));
  if (at < text.size() && text[at] == '\r') ++at;
  if (at < text.size() && text[at] != ',' && text[at] != '\n')
    return absl::InvalidArgumentError(absl::StrCat(
        "line ", line, ": after a closing quote comes a comma or the end of the line"));
  return field;
}

// One field from `at` on; leaves `at` at the comma or line end behind it.
absl::StatusOr<std::string> Field(std::string_view text, std::size_t& at, std::size_t& line) {
  if (at >= text.size() || text[at] != '"') return PlainField(text, at);
  return QuotedField(text, ++at, line);
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
