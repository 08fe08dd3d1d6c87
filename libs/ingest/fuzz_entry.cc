#include "ingest/fuzz_entry.h"

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "base/check.h"
#include "ingest/csv_reader.h"
#include "ingest/csv_writer.h"
#include "ingest/file_set.h"
#include "ingest/reference_file.h"
#include "ingest/series_reader.h"
#include "ingest/street_reader.h"

namespace holdfast::ingest {
namespace {

// Gives out at most `piece` bytes at a time.
class Dribble final : public ByteSource {
 public:
  Dribble(std::string_view bytes, std::size_t piece) : inner_(bytes), piece_(piece) {}
  absl::StatusOr<std::size_t> Read(std::span<char> into) override {
    return inner_.Read(into.first(std::min(piece_, into.size())));
  }

 private:
  MemorySource inner_;
  std::size_t piece_;
};

struct Table {
  std::vector<std::vector<std::string>> rows;
  std::string fault;  // empty: read to its end
};

Table ReadAll(std::string_view bytes, std::size_t piece) {
  constexpr CsvOptions kSmall = {.max_row_bytes = 512, .max_field_bytes = 128, .buffer_bytes = 64};
  Dribble source(bytes, piece);
  CsvReader reader(source, "fuzz.csv", kSmall);
  Table table;
  std::uint64_t line = 0;
  while (true) {
    const absl::StatusOr<bool> more = reader.Next();
    if (!more.ok()) {
      table.fault = std::string(more.status().message());
      HOLDFAST_CHECK(!table.fault.empty());
      return table;
    }
    if (!*more) return table;
    HOLDFAST_CHECK(reader.line() > line);
    line = reader.line();
    HOLDFAST_CHECK(!reader.fields().empty());
    table.rows.emplace_back(reader.fields().begin(), reader.fields().end());
  }
}

}  // namespace

void FuzzCsv(std::string_view bytes) {
  const Table whole = ReadAll(bytes, 4'096);
  const Table dribbled = ReadAll(bytes, 3);
  // Which rows come before a fault depends on how much was looked at, whether there is one does
  // not.
  HOLDFAST_CHECK(whole.fault.empty() == dribbled.fault.empty());
  if (!whole.fault.empty()) return;
  HOLDFAST_CHECK(whole.rows == dribbled.rows);
  std::string written;
  for (const auto& row : whole.rows) {
    CsvWriter writer(written);
    for (const std::string& field : row) writer.Verbatim(field);
    // A row of one empty field would be an empty line.
    if (row.size() == 1 && row[0].empty()) written += "\"\"";
    writer.EndRow();
  }
  if (written.starts_with("\xEF\xBB\xBF")) return;  // would be taken for a byte order mark
  const Table again = ReadAll(written, 4'096);
  // Quoting can make a row longer than the limit.
  HOLDFAST_CHECK(!again.fault.empty() || again.rows == whole.rows);
}

void FuzzProfiles(std::string_view bytes) {
  MemorySource street(bytes);
  if (auto reader = StreetReader::Open(street, {}); reader.ok()) {
    while (true) {
      const auto item = (*reader)->Next();
      if (!item.ok() || *item == StreetReader::Item::kEnd) break;
      const bool rejected = *item == StreetReader::Item::kRejected;
      HOLDFAST_CHECK(rejected == !(*reader)->faults().empty());
      HOLDFAST_CHECK(rejected || (*reader)->row().category != CrimeCategory::kUnspecified);
    }
  }
  MemorySource series(bytes);
  if (const auto read = ReadSeries(series, "fuzz.csv"); read.ok()) {
    HOLDFAST_CHECK(read->rejected <= read->faults.size());
    HOLDFAST_CHECK(read->errors_file.empty() == (read->rejected == 0));
  }
  for (const ReferenceKind kind :
       {ReferenceKind::kPopulations, ReferenceKind::kDwellings, ReferenceKind::kLookups,
        ReferenceKind::kDeprivation, ReferenceKind::kOffenceCodes, ReferenceKind::kWeights}) {
    MemorySource reference(bytes);
    const auto read = ReadReferenceFile(kind, reference, "fuzz.csv");
    HOLDFAST_CHECK(!read.ok() || !read->rows.empty());
  }
}

void FuzzZip(std::string_view bytes) {
  constexpr FileSetLimits kSmall = {
      .max_entries = 16, .max_bytes = 1 << 20U, .max_ratio = 100, .ratio_counts_from = 4'096};
  const auto files = FileSet::FromBytes("fuzz.zip", bytes, kSmall);
  if (!files.ok()) return;
  HOLDFAST_CHECK((*files)->entries().size() <= kSmall.max_entries);
  std::uint64_t total = 0;
  std::array<char, 4'096> buffer{};
  for (std::size_t i = 0; i < (*files)->entries().size(); ++i) {
    HOLDFAST_CHECK(("/" + (*files)->entries()[i].path + "/").find("/../") == std::string::npos);
    auto source = (*files)->OpenEntry(i);
    if (!source.ok()) continue;
    while (true) {
      const auto length = (*source)->Read(buffer);
      if (!length.ok() || *length == 0) break;
      total += *length;
      HOLDFAST_CHECK(total <= kSmall.max_bytes);
    }
  }
}

}  // namespace holdfast::ingest
