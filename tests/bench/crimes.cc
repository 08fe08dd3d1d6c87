#include "crimes.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string_view>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"
#include "base/hex.h"
#include "base/random.h"
#include "cli/demo/westmoor.h"

namespace holdfast::bench {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kRowsOfAMonth = 40'000;
constexpr std::uint64_t kSeed = 20'261'123;

std::string ReadFile(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

void TakeWestmoor(cli::demo::Westmoor& westmoor, Crimes& crimes) {
  crimes.wards_geojson = std::move(westmoor.wards_geojson);
  crimes.vintage = "2022";
  crimes.code_property = "code";
  crimes.name_property = "name";
}

// What stands behind the month in each line of the demonstration.
struct Templates {
  std::string header;
  std::vector<std::string> rests;
};

Templates TemplatesOf(const cli::demo::Westmoor& westmoor) {
  Templates templates;
  for (const cli::demo::NamedFile& file : westmoor.street) {
    std::string_view left = file.content;
    for (bool first = true; !left.empty(); first = false) {
      const std::string_view line = left.substr(0, left.find('\n') + 1);
      left.remove_prefix(line.size());
      const std::size_t id = line.find(',');
      if (first) {
        templates.header = std::string(line);
      } else {
        templates.rests.emplace_back(line.substr(line.find(',', id + 1)));
      }
    }
  }
  return templates;
}

}  // namespace

absl::StatusOr<Crimes> CrimesToImport() {
  const fs::path data = fs::path("..") / "shared" / "data";
  const fs::path zip = data / "police-uk" / "barking-and-dagenham-2016-01-2018-06.zip";
  const fs::path wards = data / "geography" / "wards-2013-barking-and-dagenham.geojson";
  Crimes crimes;
  if (fs::exists(zip) && fs::exists(wards)) {
    crimes.what = "real archive of one borough, 30 months";
    crimes.files.push_back({zip.filename().string(), ReadFile(zip)});
    crimes.wards_geojson = ReadFile(wards);
    crimes.vintage = "2013";
    crimes.code_property = "WD13CD";
    crimes.name_property = "WD13NM";
    return crimes;
  }
  cli::demo::Westmoor westmoor = cli::demo::MakeWestmoor();
  crimes.what = "demonstration force, 47 months";
  for (cli::demo::NamedFile& file : westmoor.street)
    crimes.files.push_back({std::move(file.name), std::move(file.content)});
  TakeWestmoor(westmoor, crimes);
  return crimes;
}

Crimes InventedCrimes(std::uint64_t rows) {
  cli::demo::Westmoor westmoor = cli::demo::MakeWestmoor();
  const Templates templates = TemplatesOf(westmoor);
  SeededRandom random(kSeed);
  std::string id(32, '\0');
  Crimes crimes;
  crimes.what = absl::StrCat(rows, " invented crimes");
  for (absl::CivilMonth month(2015, 1); rows > 0; ++month) {
    const std::string text =
        absl::StrCat(month.year(), "-", absl::Dec(month.month(), absl::kZeroPad2));
    CrimeFile file{absl::StrCat(text, "/", text, "-westmoor-street.csv"), templates.header};
    const std::uint64_t here = std::min(rows, kRowsOfAMonth);
    for (std::uint64_t i = 0; i < here; ++i) {
      random.Fill({reinterpret_cast<std::uint8_t*>(id.data()), id.size()});
      absl::StrAppend(&file.content, ToHex(id), ",", text,
                      templates.rests[random.Below(templates.rests.size())]);
    }
    rows -= here;
    crimes.files.push_back(std::move(file));
  }
  TakeWestmoor(westmoor, crimes);
  return crimes;
}

}  // namespace holdfast::bench
