// Reference files: what the figures are set against. Read whole, or refused whole.
//
//   populations    area, residents            lookups        lsoa, area
//   dwellings      area, dwellings            offence-codes  ho_code, category, title
//   deprivation    area, decile (1 to 10)     weights        category or ho_code, weight [, basis]
//
// Names of columns may be written with another case, spaces or dashes; synonyms: reference_file.cc.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "ingest/byte_source.h"
#include "ingest/columns.h"

namespace holdfast::ingest {

enum class ReferenceKind {
  kPopulations,
  kDwellings,
  kLookups,
  kDeprivation,
  kOffenceCodes,
  kWeights,
};

// "populations"; as on the command line.
std::string_view NameOf(ReferenceKind kind);
std::optional<ReferenceKind> ReferenceKindOf(std::string_view name);

// What keys of the rows are.
enum class ReferenceKey { kArea, kSmallArea, kOffenceCode, kCategory };

struct ReferenceRow {
  std::string key;
  std::int64_t amount_e6 = 0;  // residents, dwellings, decile or weight, in millionths
  std::string to;              // lookups: the area; offence codes: the category
  std::string text;            // offence codes: the title; weights: the basis
  std::uint64_t line = 0;
};

struct ReferenceFile {
  ReferenceKind kind = ReferenceKind::kPopulations;
  ReferenceKey key = ReferenceKey::kArea;
  std::vector<ReferenceRow> rows;  // in the file's order, each key once
};

using AreaCodes = std::set<std::string, std::less<>>;

inline constexpr std::size_t kMaxReferenceRows = 500'000;
inline constexpr std::int64_t kMaxAmount = 1'000'000'000;

// InvalidArgument naming line and column: a column unknown or missing, a key twice, a number that
// is none, negative, or too large, a fraction where things are counted, a decile outside 1 to 10, a
// category that police.uk has not, an area that `known_areas` (where given) has not, no row at all.
absl::StatusOr<ReferenceFile> ReadReferenceFile(ReferenceKind kind, ByteSource& source,
                                                std::string_view file,
                                                const AreaCodes* known_areas = nullptr);

}  // namespace holdfast::ingest
