// CSV for people and their spreadsheets: UTF-8, CRLF, and no text that a spreadsheet would run.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace holdfast::ingest {

// A spreadsheet takes such a text for a formula: it starts with = + - @, tab or CR.
bool StartsAsFormula(std::string_view text);
// Digits with at most one sign and one point: what no guard may touch.
bool IsPlainNumber(std::string_view text);

// Appends to a string of the caller, who may drain it between rows.
class CsvWriter {
 public:
  explicit CsvWriter(std::string& out) : out_(out) {}

  // A text that starts as a formula and is no plain number gets a leading apostrophe (OWASP, CSV
  // Injection). Quoted where it must be.
  CsvWriter& Text(std::string_view text);
  CsvWriter& Number(std::int64_t number);
  // As it is, quoted where it must be: for words of ours and for numbers already formatted.
  CsvWriter& Verbatim(std::string_view text);
  void EndRow();

 private:
  void Separate();

  std::string& out_;
  bool first_ = true;
};

// A whole row of Text.
void WriteRow(std::string& out, std::span<const std::string_view> fields);

}  // namespace holdfast::ingest
