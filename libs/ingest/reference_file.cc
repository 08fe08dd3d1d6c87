#include "ingest/reference_file.h"

#include <array>
#include <cstddef>
#include <functional>
#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "ingest/crime_category.h"
#include "ingest/csv_reader.h"
#include "ingest/decimal.h"
#include "ingest/nearest_name.h"
#include "ingest/row_fault.h"
#include "ingest/text_scan.h"

namespace holdfast::ingest {
namespace {

constexpr std::size_t kMaxKeyBytes = 64;
constexpr std::size_t kMaxTextBytes = 400;

// What a column means for the row.
enum class Meaning {
  kKey,
  kCategoryKey,
  kCountAmount,
  kDecile,
  kWeight,
  kToArea,
  kCategory,
  kText
};

struct Field {
  Column column;
  Meaning meaning;
};

constexpr Column kAreaColumn = {"area", {"area code", "ward", "ward code", "code"}};
constexpr Column kOffenceColumn = {"ho_code", {"offence code", "home office code", "offence"}};

std::vector<Field> FieldsOf(ReferenceKind kind) {
  switch (kind) {
    case ReferenceKind::kPopulations:
      return {{kAreaColumn, Meaning::kKey},
              {{"residents", {"population", "people", "count"}}, Meaning::kCountAmount}};
    case ReferenceKind::kDwellings:
      return {{kAreaColumn, Meaning::kKey},
              {{"dwellings", {"households", "homes", "count"}}, Meaning::kCountAmount}};
    case ReferenceKind::kLookups:
      return {{{"lsoa", {"lsoa code", "small area"}}, Meaning::kKey},
              {kAreaColumn, Meaning::kToArea}};
    case ReferenceKind::kDeprivation:
      return {{kAreaColumn, Meaning::kKey},
              {{"decile", {"imd decile", "deprivation decile"}}, Meaning::kDecile}};
    case ReferenceKind::kOffenceCodes:
      return {{kOffenceColumn, Meaning::kKey},
              {{"category", {"crime type"}}, Meaning::kCategory},
              {{"title", {"description", "offence title"}}, Meaning::kText}};
    case ReferenceKind::kWeights:
      break;
  }
  Column category = {"category", {"crime type"}};
  Column offence = kOffenceColumn;
  category.required = false;  // one of the two; see ReadHeader
  offence.required = false;
  return {{category, Meaning::kCategoryKey},
          {offence, Meaning::kKey},
          {{"weight", {"severity", "score"}}, Meaning::kWeight},
          {{"basis", {"reason", "source", "title"}, false}, Meaning::kText}};
}

ReferenceKey KeyKind(ReferenceKind kind, bool by_category) {
  if (kind == ReferenceKind::kLookups) return ReferenceKey::kSmallArea;
  if (kind == ReferenceKind::kOffenceCodes) return ReferenceKey::kOffenceCode;
  if (kind == ReferenceKind::kWeights) {
    return by_category ? ReferenceKey::kCategory : ReferenceKey::kOffenceCode;
  }
  return ReferenceKey::kArea;
}

std::string CategoryFault(std::string_view text) {
  const std::string_view near =
      NearestName(text, std::span<const std::string_view>(kCategorySlugs).subspan(1));
  std::string out = "this is no category of police.uk";
  if (!near.empty()) out.append("; did you mean ").append(near).append("?");
  return out;
}

// Reads one field into the row; the sentence of what is wrong with it, empty where nothing is.
class RowReader {
 public:
  explicit RowReader(const AreaCodes* known_areas) : known_areas_(known_areas) {}

  std::string Read(Meaning meaning, std::string_view text, bool keys_are_areas, ReferenceRow& row) {
    switch (meaning) {
      case Meaning::kKey:
        row.key = text;
        return keys_are_areas ? AreaFault(text) : CodeFault(text);
      case Meaning::kCategoryKey:
        row.key = text;
        return CategoryOfSlug(text) ? "" : CategoryFault(text);
      case Meaning::kToArea:
        row.to = text;
        return AreaFault(text);
      case Meaning::kCategory:
        row.to = text;
        return CategoryOfSlug(text) ? "" : CategoryFault(text);
      case Meaning::kText:
        row.text = text;
        if (text.size() > kMaxTextBytes) return "the text is too long";
        return HasControlCharacter(text) ? "the text holds a control character" : "";
      case Meaning::kCountAmount:
      case Meaning::kDecile:
      case Meaning::kWeight:
        break;
    }
    return ReadAmount(meaning, text, row);
  }

 private:
  static std::string CodeFault(std::string_view text) {
    if (text.empty()) return "the code is missing";
    if (text.size() > kMaxKeyBytes) return "the code is too long";
    return HasControlCharacter(text) ? "the code holds a control character" : "";
  }

  std::string AreaFault(std::string_view text) const {
    if (std::string fault = CodeFault(text); !fault.empty()) return fault;
    if (known_areas_ == nullptr || known_areas_->contains(text)) return "";
    return "this area is not known; import its boundaries first, or mend the code";
  }

  static std::string ReadAmount(Meaning meaning, std::string_view text, ReferenceRow& row) {
    constexpr std::int64_t kMillion = 1'000'000;
    const std::optional<std::int64_t> amount = ParseMillionths(text);
    if (!amount) return "this is not a number";
    if (*amount < 0) return "the number is negative";
    if (meaning == Meaning::kWeight && *amount == 0) return "a weight is above zero";
    if (*amount > kMaxAmount * kMillion) return "the number is too large";
    if (meaning != Meaning::kWeight && *amount % kMillion != 0) return "the number is not whole";
    if (meaning == Meaning::kDecile && (*amount < kMillion || *amount > 10 * kMillion)) {
      return "a decile is from 1 (most deprived) to 10";
    }
    row.amount_e6 = *amount;
    return "";
  }

  const AreaCodes* known_areas_;
};

class Reader {
 public:
  Reader(ReferenceKind kind, ByteSource& source, std::string_view file,
         const AreaCodes* known_areas)
      : csv_(source, std::string(file)), fields_(FieldsOf(kind)), rows_(known_areas) {
    out_.kind = kind;
  }

  absl::StatusOr<ReferenceFile> Read() {
    RETURN_IF_ERROR(ReadHeader());
    while (true) {
      ASSIGN_OR_RETURN(const bool more, csv_.Next());
      if (!more) break;
      RETURN_IF_ERROR(ReadRow());
    }
    if (out_.rows.empty()) return StructureFault(csv_.file(), 1, "the file has no row");
    return std::move(out_);
  }

 private:
  absl::Status ReadHeader() {
    ASSIGN_OR_RETURN(const bool any, csv_.Next());
    if (!any) return StructureFault(csv_.file(), 1, "the file is empty");
    std::vector<Column> columns;
    for (const Field& field : fields_) columns.push_back(field.column);
    ASSIGN_OR_RETURN(columns_, ColumnMap::Match(csv_.file(), csv_.line(), csv_.fields(), columns,
                                                HeaderMatch::kLoose));
    const bool weights = out_.kind == ReferenceKind::kWeights;
    if (weights && columns_.Has(0) == columns_.Has(1)) {
      return StructureFault(csv_.file(), csv_.line(),
                            "a file of weights has either the column \"category\" or the column "
                            "\"ho_code\"");
    }
    out_.key = KeyKind(out_.kind, weights && columns_.Has(0));
    return absl::OkStatus();
  }

  absl::Status ReadRow() {
    const std::span<const std::string_view> row = csv_.fields();
    if (row.size() != columns_.width()) {
      return StructureFault(
          csv_.file(), csv_.line(),
          absl::StrCat("the row has ", row.size(), " fields, the header ", columns_.width()));
    }
    if (out_.rows.size() == kMaxReferenceRows) {
      return StructureFault(csv_.file(), csv_.line(),
                            absl::StrCat("the file has more than ", kMaxReferenceRows, " rows"));
    }
    ReferenceRow& read = out_.rows.emplace_back();
    read.line = csv_.line();
    std::string_view key_column;
    for (std::size_t i = 0; i < fields_.size(); ++i) {
      if (!columns_.Has(i)) continue;
      const Field& field = fields_[i];
      const std::string fault =
          rows_.Read(field.meaning, columns_.Field(row, i), out_.key == ReferenceKey::kArea, read);
      if (!fault.empty()) return ColumnFault(csv_.file(), read.line, field.column.name, fault);
      if (field.meaning == Meaning::kKey || field.meaning == Meaning::kCategoryKey) {
        key_column = field.column.name;
      }
    }
    const auto [first, fresh] = first_lines_.emplace(read.key, read.line);
    if (fresh) return absl::OkStatus();
    return ColumnFault(csv_.file(), read.line, key_column,
                       absl::StrCat("this one stands already on line ", first->second));
  }

  CsvReader csv_;
  std::vector<Field> fields_;
  RowReader rows_;
  ColumnMap columns_;
  std::map<std::string, std::uint64_t, std::less<>> first_lines_;
  ReferenceFile out_;
};

constexpr std::array<std::pair<std::string_view, ReferenceKind>, 6> kKinds = {{
    {"populations", ReferenceKind::kPopulations},
    {"dwellings", ReferenceKind::kDwellings},
    {"lookups", ReferenceKind::kLookups},
    {"deprivation", ReferenceKind::kDeprivation},
    {"offence-codes", ReferenceKind::kOffenceCodes},
    {"weights", ReferenceKind::kWeights},
}};

}  // namespace

std::string_view NameOf(ReferenceKind kind) {
  return kKinds[static_cast<std::size_t>(kind)].first;
}

std::optional<ReferenceKind> ReferenceKindOf(std::string_view name) {
  for (const auto& [known, kind] : kKinds) {
    if (known == name) return kind;
  }
  return std::nullopt;
}

absl::StatusOr<ReferenceFile> ReadReferenceFile(ReferenceKind kind, ByteSource& source,
                                                std::string_view file,
                                                const AreaCodes* known_areas) {
  return Reader(kind, source, file, known_areas).Read();
}

}  // namespace holdfast::ingest
