#include "cli/output.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include <google/protobuf/message.h>
#include <google/protobuf/util/json_util.h>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "ingest/csv_writer.h"

namespace holdfast::cli {
namespace {

// Columns of a terminal that a text takes: code points, which is right for the scripts that we
// print.
std::size_t Width(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
  }));
}

bool IsNumeric(const Rows& rows, std::size_t column) {
  return column < rows.numeric.size() && rows.numeric[column];
}

void AppendLine(std::string& out, const Rows& rows, const std::vector<std::string>& cells,
                const std::vector<std::size_t>& widths) {
  std::string line;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    const std::string padding(widths[i] - Width(cells[i]), ' ');
    if (i > 0) line += "  ";
    line += IsNumeric(rows, i) ? padding + cells[i] : cells[i] + padding;
  }
  while (!line.empty() && line.back() == ' ') line.pop_back();
  out += line + "\n";
}

std::string JsonText(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      out.push_back('\\');
      out.push_back(c);
    } else if (static_cast<unsigned char>(c) < 0x20) {
      char escaped[8];
      std::snprintf(escaped, sizeof escaped, "\\u%04x", static_cast<unsigned>(c));
      out += escaped;
    } else {
      out.push_back(c);
    }
  }
  return out + "\"";
}

std::string JsonObject(const Rows& rows, const std::vector<std::string>& cells) {
  std::string out = "{";
  for (std::size_t i = 0; i < cells.size(); ++i) {
    if (i > 0) out += ",";
    double number = 0;
    const bool bare = IsNumeric(rows, i) && absl::SimpleAtod(cells[i], &number);
    absl::StrAppend(&out, JsonText(rows.columns[i]), ":", bare ? cells[i] : JsonText(cells[i]));
  }
  return out + "}";
}

}  // namespace

bool ParseFormat(std::string_view text, Format& format) {
  if (text == "table" || text == "wide")
    format = Format::kTable;
  else if (text == "json")
    format = Format::kJson;
  else if (text == "jsonl")
    format = Format::kJsonLines;
  else if (text == "csv")
    format = Format::kCsv;
  else if (text == "html")
    format = Format::kHtml;
  else
    return false;
  return true;
}

std::string TableOf(const Rows& rows) {
  std::vector<std::size_t> widths;
  for (std::size_t i = 0; i < rows.columns.size(); ++i) {
    std::size_t width = Width(rows.columns[i]);
    for (const auto& row : rows.rows) width = std::max(width, Width(row[i]));
    widths.push_back(width);
  }
  std::string out;
  AppendLine(out, rows, rows.columns, widths);
  for (const auto& row : rows.rows) AppendLine(out, rows, row, widths);
  return out;
}

std::string CsvOf(const Rows& rows) {
  std::string out;
  ingest::CsvWriter writer(out);
  const auto append = [&writer](const std::vector<std::string>& cells) {
    for (const std::string& cell : cells) writer.Text(cell);
    writer.EndRow();
  };
  append(rows.columns);
  for (const auto& row : rows.rows) append(row);
  return out;
}

std::string JsonLinesOf(const Rows& rows) {
  std::string out;
  for (const auto& row : rows.rows) out += JsonObject(rows, row) + "\n";
  return out;
}

absl::Status JsonOf(const google::protobuf::Message& message, std::string& json) {
  google::protobuf::util::JsonPrintOptions options;
  options.add_whitespace = true;
  options.preserve_proto_field_names = true;
  if (!google::protobuf::util::MessageToJsonString(message, &json, options).ok()) {
    return absl::InternalError("the answer cannot be written as JSON");
  }
  return absl::OkStatus();
}

absl::Status Output::Raw(std::string_view text) {
  if (std::fwrite(text.data(), 1, text.size(), to_) != text.size() || std::fflush(to_) != 0) {
    return absl::UnavailableError("the output could not be written whole");
  }
  return absl::OkStatus();
}

absl::Status Output::Print(const google::protobuf::Message& message, const Rows& rows) {
  if (format_ != Format::kJson) return Print(rows);
  std::string json;
  if (absl::Status status = JsonOf(message, json); !status.ok()) return status;
  return Raw(json);
}

absl::Status Output::Print(const Rows& rows) {
  switch (format_) {
    case Format::kCsv:
      return Raw(CsvOf(rows));
    case Format::kJsonLines:
      return Raw(JsonLinesOf(rows));
    case Format::kJson: {
      std::string out = "[";
      for (const auto& row : rows.rows) {
        absl::StrAppend(&out, out.size() > 1 ? ",\n " : "", JsonObject(rows, row));
      }
      return Raw(out + "]\n");
    }
    case Format::kTable:
    case Format::kHtml:
      return Raw(TableOf(rows));
  }
  return absl::OkStatus();
}

}  // namespace holdfast::cli
