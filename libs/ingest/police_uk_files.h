// The files of a police.uk archive: YYYY-MM/YYYY-MM-<force>-<kind>.csv.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"
#include "ingest/file_set.h"

namespace holdfast::ingest {

enum class PoliceUkKind { kStreet, kOutcomes, kStopAndSearch };

struct PoliceUkName {
  absl::CivilMonth month;
  std::string force;  // a slug: "metropolitan", "btp"
  PoliceUkKind kind = PoliceUkKind::kStreet;
};

// By the last part of the path; empty where that is no name of the archive.
std::optional<PoliceUkName> ParsePoliceUkName(std::string_view path);

// "Devon & Cornwall Police" is "devon-and-cornwall", "Metropolitan Police Service" "metropolitan".
std::string ForceSlug(std::string_view force);

struct StreetFile {
  std::size_t entry = 0;  // of the FileSet
  std::string path;
  // Absent for a lone file of another name: then its rows tell.
  std::optional<absl::CivilMonth> month;
  std::string force;
};

struct NotImported {
  std::string path;
  std::string reason;  // a sentence
};

// Every entry of the set is in one of the two.
struct PoliceUkFiles {
  std::vector<StreetFile> street;  // by month, then force
  std::vector<NotImported> not_imported;
};

// InvalidArgument where there is no street file at all, or one force and month twice.
absl::StatusOr<PoliceUkFiles> FindStreetFiles(const FileSet& files);

}  // namespace holdfast::ingest
