// The demonstration force Westmoor: made here, from a fixed seed, byte for byte the same every
// time. Nobody in it exists, and its places lie in the sea.
//
//   24 wards · 48 months from July 2022 · CLEAR at Larkhill from July 2025, so 36 months lie before
//   it
//
// What is planted, and a chart must find: at Larkhill every category but drugs falls to 0.75 of its
// rate from CLEAR on; recorded drug offences rise by 20 % while CLEAR lasts, because police look
// for them; counts are over-dispersed (variance 1.3 times the mean); Fernley, the second site, was
// chosen because it was high, and nothing was done to it; January 2026 is missing.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace holdfast::cli::demo {

struct Ward {
  std::string code;
  std::string name;
  std::int64_t residents = 0;
  std::int64_t dwellings = 0;
  int column = 0;  // of a grid of 6 x 4
  int row = 0;
};

struct NamedFile {
  std::string name;
  std::string content;
};

struct Westmoor {
  static constexpr double kLarkhillRatio = 0.75;
  static constexpr double kDrugsInClear = 1.20;
  static constexpr double kOverDispersion = 1.3;

  std::vector<Ward> wards;
  std::string wards_geojson;
  std::string populations_csv;        // area,residents
  std::string dwellings_csv;          // area,dwellings
  std::vector<NamedFile> street;      // one file for each month that has one
  std::vector<NamedFile> series;      // what the partners count: "<agency>-<dataset>.csv"
  std::vector<std::string> larkhill;  // codes of the first site
  std::vector<std::string> fernley;   // codes of the second
  std::string truth_json;             // what was planted, for tests and the tour
};

// About 70,000 crimes; takes some 200 ms.
Westmoor MakeWestmoor();

}  // namespace holdfast::cli::demo
