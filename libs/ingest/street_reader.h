// Profile police-uk-street@1: one street file of the police.uk archive, row by row.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"
#include "geography/area.h"
#include "ingest/byte_source.h"
#include "ingest/columns.h"
#include "ingest/crime_category.h"
#include "ingest/csv_reader.h"
#include "ingest/police_uk_files.h"
#include "ingest/row_fault.h"

namespace holdfast::ingest {

// One crime or one incident of anti-social behaviour, as the file has it. Texts are verbatim and
// belong to whoever made the row; a reader's live until its next Next().
struct StreetRow {
  std::string_view crime_id;  // no key: empty, or repeated
  absl::CivilMonth month;
  std::string_view reported_by;
  std::string_view falls_within;
  bool has_point = false;   // without one the row is good, and unlocated
  std::int32_t lon_e6 = 0;  // millionths of a degree, a snap point
  std::int32_t lat_e6 = 0;
  std::string_view location;
  std::string_view lsoa_code;
  std::string_view lsoa_name;
  CrimeCategory category = CrimeCategory::kUnspecified;
  std::string_view last_outcome;
  bool outcome_known = true;  // false: kept, with a warning
  std::string_view context;

  geography::Position point() const { return geography::FromMicrodegrees(lon_e6, lat_e6); }
};

// The twelve columns of the archive, in its order.
std::span<const Column> StreetColumns();

inline constexpr std::size_t kMaxStreetTextBytes = 400;
inline constexpr std::size_t kMaxCrimeIdBytes = 64;

class StreetReader {
 public:
  enum class Item { kRow, kRejected, kEnd };

  // Reads the header. `source` must outlive the reader. InvalidArgument, and nothing of the file
  // counts, where a column is unknown or missing; a header from before 2013 is named as such.
  static absl::StatusOr<std::unique_ptr<StreetReader>> Open(ByteSource& source, StreetFile file);

  // kRow: row() is good. kRejected: faults() says why, fields() is the row as it was. An error
  // (InvalidArgument) blocks the file: a fault of structure, or rows of another force.
  absl::StatusOr<Item> Next();

  const StreetRow& row() const { return row_; }
  std::span<const RowFault> faults() const { return faults_; }
  std::span<const std::string_view> fields() const { return csv_.fields(); }
  std::span<const std::string> header() const { return header_; }
  std::uint64_t line() const { return csv_.line(); }

  // Of the file's name, or else of its first good row; empty before that.
  std::optional<absl::CivilMonth> month() const { return file_.month; }
  const std::string& force() const { return file_.force; }
  // The force's name in the column "Reported by"; empty before the first good row.
  const std::string& reported_by() const { return reported_by_; }

 private:
  StreetReader(ByteSource& source, StreetFile file);
  absl::Status ReadHeader();
  void ReadRow();
  void ReadMonth(std::string_view text);
  void ReadPoint(std::string_view longitude, std::string_view latitude);
  void TakePoint(std::int64_t lon_e6, std::int64_t lat_e6);
  std::string_view ReadText(std::size_t column, std::size_t max_bytes);
  absl::Status CheckForce();
  void Reject(std::size_t column, std::string_view code, std::string_view rule,
              std::string_view hint = {});

  StreetFile file_;
  CsvReader csv_;
  ColumnMap columns_;
  std::vector<std::string> header_;
  std::string reported_by_;
  std::string month_text_;  // of file_.month, compared byte for byte
  StreetRow row_;
  std::vector<RowFault> faults_;
};

}  // namespace holdfast::ingest
