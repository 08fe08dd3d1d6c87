#include "ingest/series_reader.h"

#include <array>
#include <iterator>
#include <map>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/civil_time.h"
#include "base/hash.h"
#include "base/month_number.h"
#include "base/status_macros.h"
#include "ingest/csv_reader.h"
#include "ingest/decimal.h"
#include "ingest/errors_file.h"
#include "ingest/text_scan.h"

namespace holdfast::ingest {
namespace {

enum SeriesColumn : std::size_t { kArea, kMonth, kCount };

constexpr std::array<Column, 3> kColumns = {{
    {"area", {"area code", "ward", "ward code", "code"}},
    {"month", {"period", "year month"}},
    {"count", {"value", "number", "n"}},
}};
constexpr std::size_t kMaxAreaBytes = 64;
constexpr char kSeriesRowVersion = 2;

// A row of the file with all that was found wrong with it.
struct Line {
  std::vector<std::string> fields;
  SeriesRow row;
  std::vector<RowFault> faults;
};

class SeriesFile {
 public:
  SeriesFile(ByteSource& source, std::string_view file) : csv_(source, std::string(file)) {}

  absl::StatusOr<Series> Read(const KnowAreas* know) {
    ASSIGN_OR_RETURN(const bool any, csv_.Next());
    if (!any) return StructureFault(csv_.file(), 1, "the file is empty");
    ASSIGN_OR_RETURN(columns_, ColumnMap::Match(csv_.file(), csv_.line(), csv_.fields(), kColumns,
                                                HeaderMatch::kLoose));
    header_.assign(csv_.fields().begin(), csv_.fields().end());
    while (true) {
      ASSIGN_OR_RETURN(const bool more, csv_.Next());
      if (!more) break;
      if (lines_.size() == kMaxSeriesRows) {
        return StructureFault(csv_.file(), csv_.line(),
                              absl::StrCat("the file has more than ", kMaxSeriesRows, " rows"));
      }
      lines_.push_back(ReadLine());
    }
    RejectDuplicates();
    if (know != nullptr) RETURN_IF_ERROR(RejectUnknown(*know));
    return Finish();
  }

 private:
  Line ReadLine() {
    const std::span<const std::string_view> fields = csv_.fields();
    Line line;
    line.fields.assign(fields.begin(), fields.end());
    line.row.line = csv_.line();
    if (fields.size() != columns_.width()) {
      Reject(line, "", "ROW_WIDTH",
             absl::StrCat("The row has ", fields.size(), " fields, the header ", columns_.width(),
                          "."));
      return line;
    }
    line.row.area = columns_.Field(fields, kArea);
    if (line.row.area.empty() || line.row.area.size() > kMaxAreaBytes ||
        HasControlCharacter(line.row.area)) {
      Reject(line, "area", "AREA_MALFORMED", "The area is not a code of 1 to 64 characters.");
    }
    const std::optional<absl::CivilMonth> month = ParseMonth(columns_.Field(fields, kMonth));
    if (!month) Reject(line, "month", "MONTH_MALFORMED", "The month is not of the form 2016-01.");
    line.row.month = month.value_or(absl::CivilMonth());
    const std::optional<std::int64_t> count = ParseCount(columns_.Field(fields, kCount));
    if (!count || *count > kMaxSeriesCount) {
      Reject(line, "count", "NOT_A_COUNT", "This is not a whole number from 0 to 1,000,000,000.");
    }
    line.row.count = count.value_or(0);
    return line;
  }

  void Reject(Line& line, std::string field, std::string code, std::string rule,
              std::string hint = "") {
    line.faults.push_back({csv_.file(), line.row.line, std::move(field), std::move(code),
                           std::move(rule), std::move(hint)});
  }

  void RejectDuplicates() {
    std::map<std::pair<std::string_view, absl::CivilMonth>, std::vector<Line*>> by_key;
    for (Line& line : lines_) {
      if (line.faults.empty()) by_key[{line.row.area, line.row.month}].push_back(&line);
    }
    for (const auto& [key, same] : by_key) {
      if (same.size() == 1) continue;
      for (Line* line : same) {
        Reject(*line, "area", "DUPLICATE_KEY", "This area and month stands more than once.",
               absl::StrCat("It stands first on line ", same.front()->row.line,
                            "; keep the one that is right."));
      }
    }
  }

  absl::Status RejectUnknown(KnowAreas know) {
    std::vector<std::string> codes;
    for (const Line& line : lines_) {
      if (line.faults.empty()) codes.push_back(line.row.area);
    }
    ASSIGN_OR_RETURN(const AreaCodes known, know(codes));
    for (Line& line : lines_) {
      if (!line.faults.empty() || known.contains(line.row.area)) continue;
      Reject(line, "area", "UNKNOWN_AREA", "This is no code of the areas that are loaded.",
             "Mend the code, or import its boundaries first.");
    }
    return absl::OkStatus();
  }

  Series Finish() {
    Series series;
    ErrorsFile errors(Views(header_));
    for (Line& line : lines_) {
      if (line.faults.empty()) {
        series.rows.push_back(std::move(line.row));
        continue;
      }
      ++series.rejected;
      if (line.row.month != absl::CivilMonth()) ++series.rejected_by_month[line.row.month];
      errors.Add(Views(line.fields), line.faults);
      std::move(line.faults.begin(), line.faults.end(), std::back_inserter(series.faults));
    }
    if (series.rejected > 0) series.errors_file = errors.Take();
    return series;
  }

  static std::vector<std::string_view> Views(const std::vector<std::string>& texts) {
    return {texts.begin(), texts.end()};
  }

  CsvReader csv_;
  ColumnMap columns_;
  std::vector<std::string> header_;
  std::vector<Line> lines_;
};

}  // namespace

std::span<const Column> SeriesColumns() {
  return kColumns;
}

absl::StatusOr<Series> ReadSeries(ByteSource& source, std::string_view file) {
  return SeriesFile(source, file).Read(nullptr);
}

absl::StatusOr<Series> ReadSeries(ByteSource& source, std::string_view file, KnowAreas know) {
  return SeriesFile(source, file).Read(&know);
}

void AppendCanonicalRow(std::string& out, const SeriesRow& row) {
  out.push_back(kSeriesRowVersion);
  AppendBigEndian32(out, static_cast<std::uint32_t>(MonthNumber(row.month)));
  AppendBigEndian64(out, static_cast<std::uint64_t>(row.count));
  out.append(row.area);
}

}  // namespace holdfast::ingest
