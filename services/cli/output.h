// What a command prints: rows as a table, CSV or JSON lines; or the API's own message as JSON. Data
// on stdout only.
#pragma once

#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"

namespace google::protobuf {
class Message;
}

namespace holdfast::cli {

enum class Format { kTable, kJson, kJsonLines, kCsv, kHtml };

// Empty optional-like: false where the text names none.
bool ParseFormat(std::string_view text, Format& format);

struct Rows {
  std::vector<std::string> columns;
  std::vector<std::vector<std::string>> rows;
  // By column, those that are numbers: right-aligned in a table, bare in JSON lines.
  std::vector<bool> numeric;
};

class Output {
 public:
  explicit Output(Format format, std::FILE* to = stdout) : format_(format), to_(to) {}

  Format format() const { return format_; }

  // `message` is printed for json, `rows` for the other formats.
  absl::Status Print(const google::protobuf::Message& message, const Rows& rows);
  // Where there is no message of the API behind it: json is then a list of objects.
  absl::Status Print(const Rows& rows);
  // As it is.
  absl::Status Raw(std::string_view text);

 private:
  Format format_;
  std::FILE* to_;
};

std::string TableOf(const Rows& rows);
// RFC 4180; a text that a spreadsheet would run as a formula gets an apostrophe.
std::string CsvOf(const Rows& rows);
std::string JsonLinesOf(const Rows& rows);
absl::Status JsonOf(const google::protobuf::Message& message, std::string& json);

}  // namespace holdfast::cli
