#include "ingest/csv_writer.h"

#include <array>
#include <charconv>

namespace holdfast::ingest {
namespace {

bool NeedsQuotes(std::string_view text) {
  if (text.empty()) return false;
  if (text.front() == ' ' || text.back() == ' ') return true;
  return text.find_first_of(",\"\r\n") != std::string_view::npos;
}

}  // namespace

bool StartsAsFormula(std::string_view text) {
  return !text.empty() && std::string_view("=+-@\t\r").find(text[0]) != std::string_view::npos;
}

bool IsPlainNumber(std::string_view text) {
  if (!text.empty() && (text[0] == '-' || text[0] == '+')) text.remove_prefix(1);
  std::size_t digits = 0;
  std::size_t points = 0;
  for (const char c : text) {
    if (c == '.') {
      ++points;
    } else if (c >= '0' && c <= '9') {
      ++digits;
    } else {
      return false;
    }
  }
  return digits > 0 && points <= 1;
}

void CsvWriter::Separate() {
  if (!first_) out_ += ',';
  first_ = false;
}

CsvWriter& CsvWriter::Text(std::string_view text) {
  if (!StartsAsFormula(text) || IsPlainNumber(text)) return Verbatim(text);
  std::string guarded = "'";
  guarded += text;
  return Verbatim(guarded);
}

CsvWriter& CsvWriter::Number(std::int64_t number) {
  std::array<char, 24> digits{};
  const auto written = std::to_chars(digits.data(), digits.data() + digits.size(), number);
  return Verbatim({digits.data(), static_cast<std::size_t>(written.ptr - digits.data())});
}

CsvWriter& CsvWriter::Verbatim(std::string_view text) {
  Separate();
  if (!NeedsQuotes(text)) {
    out_ += text;
    return *this;
  }
  out_ += '"';
  for (const char c : text) {
    if (c == '"') out_ += '"';
    out_ += c;
  }
  out_ += '"';
  return *this;
}

void CsvWriter::EndRow() {
  out_ += "\r\n";
  first_ = true;
}

void WriteRow(std::string& out, std::span<const std::string_view> fields) {
  CsvWriter writer(out);
  for (const std::string_view field : fields) writer.Text(field);
  writer.EndRow();
}

}  // namespace holdfast::ingest
