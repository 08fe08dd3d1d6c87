// CSV as RFC 4180 has it, row by row, in constant memory and without an allocation per row.
//
// Lines end in CRLF or LF; fields may be quoted, and then hold delimiters, doubled quotes and
// newlines. A byte order mark is skipped. All else is a fault of structure that blocks the file:
// bytes that are not UTF-8, NUL, CR alone, a quote in an unquoted field, text behind a closing
// quote, a quote never closed, a row, field or number of fields beyond the limits.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "ingest/byte_source.h"

namespace holdfast::ingest {

struct CsvOptions {
  char delimiter = ',';
  std::size_t max_row_bytes = std::size_t{64} << 10U;
  std::size_t max_field_bytes = std::size_t{16} << 10U;
  std::size_t max_fields = 256;
  std::size_t buffer_bytes = std::size_t{256} << 10U;  // raised to twice max_row_bytes
};

class CsvReader {
 public:
  // `source` must outlive the reader; `file` is the name that faults carry.
  CsvReader(ByteSource& source, std::string file, CsvOptions options = {});

  // True: a row stands in fields(). False: the end. Empty lines are skipped. An error blocks the
  // file (InvalidArgument, naming file and line), or comes from the source.
  absl::StatusOr<bool> Next();

  // The row's fields, unescaped. They lie in the reader's buffer until the next Next().
  std::span<const std::string_view> fields() const { return fields_; }
  // The line on which the row begins, from 1.
  std::uint64_t line() const { return row_line_; }
  // False: surely no control character in this row; true: look (rows that have one are rare).
  bool may_hold_control() const { return control_ || quoted_; }
  const std::string& file() const { return file_; }

 private:
  enum class Parsed { kRow, kEmptyLine, kNeedsMore, kFault };

  Parsed ParseRow();
  Parsed ParseFields(char*& at);
  Parsed ParseQuoted(char*& at);
  Parsed ParsePlain(char*& at);
  Parsed EndField(char*& at, bool& row_ended);
  Parsed Fault(std::string_view sentence);
  void Unescape();
  absl::Status Refill();
  absl::Status CheckNewBytes();
  absl::Status FaultAt(std::size_t offset, std::string_view sentence) const;

  ByteSource& source_;
  std::string file_;
  CsvOptions options_;
  std::vector<char> buffer_;
  std::size_t at_ = 0;       // first byte not yet given out
  std::size_t checked_ = 0;  // bytes up to here are text
  std::size_t end_ = 0;      // bytes up to here were read
  bool source_ended_ = false;
  bool begun_ = false;
  bool control_ = false;
  std::uint64_t line_ = 1;  // of at_
  // The row being read.
  std::uint64_t row_line_ = 0;
  std::uint64_t newlines_ = 0;
  bool quoted_ = false;
  char* row_end_ = nullptr;
  std::vector<std::string_view> fields_;
  std::vector<std::size_t> escaped_;  // fields that hold doubled quotes
  std::string_view fault_;
};

}  // namespace holdfast::ingest
