// Crimes to import: a real archive where there is one beside the project, else the demonstration's;
// and as many invented ones as wanted.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace holdfast::bench {

struct CrimeFile {
  std::string name;  // "2016-01/2016-01-westmoor-street.csv", or of a zip
  std::string content;
};

struct Crimes {
  std::string what;  // for the row's note
  std::vector<CrimeFile> files;
  std::string wards_geojson;
  std::string vintage;
  std::string code_property;
  std::string name_property;
};

// ../shared/data holds a zip of police.uk and the wards that it lies in; else Westmoor.
absl::StatusOr<Crimes> CrimesToImport();

// `rows` crimes of Westmoor in months from January 2015, about 40,000 a month. Nobody was harmed.
Crimes InventedCrimes(std::uint64_t rows);

}  // namespace holdfast::bench
