#include "ingest/street_reader.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/civil_time.h"
#include "base/status_macros.h"
#include "ingest/decimal.h"
#include "ingest/text_scan.h"

namespace holdfast::ingest {
namespace {

enum StreetColumn : std::size_t {
  kCrimeId,
  kMonth,
  kReportedBy,
  kFallsWithin,
  kLongitude,
  kLatitude,
  kLocation,
  kLsoaCode,
  kLsoaName,
  kCrimeType,
  kLastOutcome,
  kContext,
};

constexpr std::array<Column, 12> kColumns = {{
    {"Crime ID"},
    {"Month"},
    {"Reported by"},
    {"Falls within"},
    {"Longitude"},
    {"Latitude"},
    {"Location"},
    {"LSOA code"},
    {"LSOA name"},
    {"Crime type"},
    {"Last outcome category"},
    {"Context"},
}};

// Great Britain, Northern Ireland and the islands around them, in millionths of a degree.
struct Bounds {
  std::int64_t lowest;
  std::int64_t highest;
  constexpr bool Hold(std::int64_t value) const { return value >= lowest && value <= highest; }
};
constexpr Bounds kLongitudes = {-9'000'000, 2'100'000};
constexpr Bounds kLatitudes = {49'700'000, 61'000'000};

bool IsFromBefore2013(std::span<const std::string_view> header) {
  return std::ranges::any_of(
      header, [](std::string_view name) { return name == "Easting" || name == "Northing"; });
}

}  // namespace

std::span<const Column> StreetColumns() {
  return kColumns;
}

StreetReader::StreetReader(ByteSource& source, StreetFile file)
    : file_(std::move(file)), csv_(source, file_.path) {
  if (file_.month) month_text_ = FormatMonth(*file_.month);
}

absl::StatusOr<std::unique_ptr<StreetReader>> StreetReader::Open(ByteSource& source,
                                                                 StreetFile file) {
  std::unique_ptr<StreetReader> reader(new StreetReader(source, std::move(file)));
  RETURN_IF_ERROR(reader->ReadHeader());
  return reader;
}

absl::Status StreetReader::ReadHeader() {
  ASSIGN_OR_RETURN(const bool any, csv_.Next());
  if (!any) return StructureFault(file_.path, 1, "the file is empty");
  const std::span<const std::string_view> header = csv_.fields();
  if (IsFromBefore2013(header)) {
    return StructureFault(
        file_.path, csv_.line(),
        "columns Easting, Northing: this layout ended in 2013; the nearest columns are Longitude "
        "and Latitude. Fetch the month again from the archive, which has all months in the "
        "present layout");
  }
  ASSIGN_OR_RETURN(
      columns_, ColumnMap::Match(file_.path, csv_.line(), header, kColumns, HeaderMatch::kExact));
  header_.assign(header.begin(), header.end());
  return absl::OkStatus();
}

absl::StatusOr<StreetReader::Item> StreetReader::Next() {
  ASSIGN_OR_RETURN(const bool any, csv_.Next());
  if (!any) return Item::kEnd;
  faults_.clear();
  if (csv_.fields().size() != columns_.width()) {
    faults_.push_back({file_.path, csv_.line(), "", "ROW_WIDTH",
                       absl::StrCat("The row has ", csv_.fields().size(), " fields, the header ",
                                    columns_.width(), "."),
                       "Quote a text that holds a comma."});
    return Item::kRejected;
  }
  ReadRow();
  if (!faults_.empty()) return Item::kRejected;
  RETURN_IF_ERROR(CheckForce());
  return Item::kRow;
}

void StreetReader::ReadRow() {
  const std::span<const std::string_view> fields = csv_.fields();
  row_.crime_id = ReadText(kCrimeId, kMaxCrimeIdBytes);
  row_.reported_by = ReadText(kReportedBy, kMaxStreetTextBytes);
  row_.falls_within = ReadText(kFallsWithin, kMaxStreetTextBytes);
  row_.location = ReadText(kLocation, kMaxStreetTextBytes);
  row_.lsoa_code = ReadText(kLsoaCode, kMaxStreetTextBytes);
  row_.lsoa_name = ReadText(kLsoaName, kMaxStreetTextBytes);
  row_.last_outcome = ReadText(kLastOutcome, kMaxStreetTextBytes);
  row_.context = ReadText(kContext, kMaxStreetTextBytes);
  if (row_.reported_by.empty()) {
    Reject(kReportedBy, "REQUIRED", "The force that reported the row is missing.");
  }
  ReadMonth(columns_.Field(fields, kMonth));
  ReadPoint(columns_.Field(fields, kLongitude), columns_.Field(fields, kLatitude));
  const std::string_view type = columns_.Field(fields, kCrimeType);
  const std::optional<CrimeCategory> category = CategoryOfText(type);
  if (!category) {
    const std::string_view near = NearestCategoryText(type);
    Reject(kCrimeType, "CRIME_TYPE_UNKNOWN", "This is no crime type of police.uk.",
           near.empty() ? std::string() : std::string("Did you mean ").append(near).append("?"));
  }
  row_.category = category.value_or(CrimeCategory::kUnspecified);
  row_.outcome_known = row_.last_outcome.empty() || IsKnownOutcome(row_.last_outcome);
}

std::string_view StreetReader::ReadText(std::size_t column, std::size_t max_bytes) {
  const std::string_view text = columns_.Field(csv_.fields(), column);
  if (text.size() > max_bytes) {
    Reject(column, "TEXT_TOO_LONG", absl::StrCat("The text is longer than ", max_bytes, " bytes."));
  } else if (csv_.may_hold_control() && HasControlCharacter(text)) {
    Reject(column, "CONTROL_CHARACTER", "The text holds a control character.");
  }
  return text;
}

void StreetReader::ReadMonth(std::string_view text) {
  if (file_.month && text == month_text_) {
    row_.month = *file_.month;
    return;
  }
  const std::optional<absl::CivilMonth> month = ParseMonth(text);
  if (!month) {
    Reject(kMonth, "MONTH_MALFORMED", "The month is not of the form 2016-01.");
  } else if (file_.month) {
    Reject(kMonth, "MONTH_OTHER", "The row is of another month than its file.",
           absl::StrCat("This file is of ", month_text_, "."));
  } else {
    row_.month = *month;
  }
}

void StreetReader::ReadPoint(std::string_view longitude, std::string_view latitude) {
  row_.has_point = false;
  row_.lon_e6 = 0;
  row_.lat_e6 = 0;
  if (longitude.empty() && latitude.empty()) return;
  if (longitude.empty() || latitude.empty()) {
    Reject(longitude.empty() ? kLongitude : kLatitude, "POINT_INCOMPLETE",
           "Longitude and latitude go together.", "Give both, or leave both empty.");
    return;
  }
  const std::optional<std::int64_t> lon = ParseMillionths(longitude);
  const std::optional<std::int64_t> lat = ParseMillionths(latitude);
  if (!lon || !lat) {
    Reject(lon ? kLatitude : kLongitude, "NOT_A_NUMBER", "This is not a number of degrees.",
           "Write it like -0.127758.");
    return;
  }
  TakePoint(*lon, *lat);
}

void StreetReader::TakePoint(std::int64_t lon_e6, std::int64_t lat_e6) {
  const bool lon_inside = kLongitudes.Hold(lon_e6);
  row_.has_point = lon_inside && kLatitudes.Hold(lat_e6);
  if (!row_.has_point) {
    const bool exchanged = kLongitudes.Hold(lat_e6) && kLatitudes.Hold(lon_e6);
    Reject(lon_inside ? kLatitude : kLongitude, "OUT_OF_BOUNDS",
           "The point is outside Great Britain.",
           exchanged ? "Longitude and latitude seem to be exchanged." : "");
    return;
  }
  row_.lon_e6 = static_cast<std::int32_t>(lon_e6);
  row_.lat_e6 = static_cast<std::int32_t>(lat_e6);
}

// A file is of one month and one force; where its name does not say which, its first row does.
absl::Status StreetReader::CheckForce() {
  if (row_.reported_by == reported_by_) return absl::OkStatus();
  if (!reported_by_.empty()) {
    return ColumnFault(file_.path, csv_.line(), kColumns[kReportedBy].name,
                       "the row is of another force than those before it");
  }
  const std::string slug = ForceSlug(row_.reported_by);
  if (slug.empty()) {
    return ColumnFault(file_.path, csv_.line(), kColumns[kReportedBy].name,
                       "the force has no name in letters");
  }
  if (file_.force.empty()) file_.force = slug;
  // Forces are renamed, and grow: "Hampshire", then "Hampshire and Isle of Wight".
  if (!slug.starts_with(file_.force) && !file_.force.starts_with(slug)) {
    return ColumnFault(file_.path, csv_.line(), kColumns[kReportedBy].name,
                       "the row is of another force than the file's name says");
  }
  if (!file_.month) {
    file_.month = row_.month;
    month_text_ = FormatMonth(row_.month);
  }
  reported_by_ = row_.reported_by;
  return absl::OkStatus();
}

void StreetReader::Reject(std::size_t column, std::string_view code, std::string_view rule,
                          std::string_view hint) {
  faults_.push_back({file_.path, csv_.line(), std::string(kColumns[column].name), std::string(code),
                     std::string(rule), std::string(hint)});
}

}  // namespace holdfast::ingest
