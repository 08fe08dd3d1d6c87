#include "cli/demo/westmoor.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdio>
#include <map>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"
#include "base/civil_time.h"
#include "base/hash.h"
#include "base/hex.h"
#include "base/random.h"

namespace holdfast::cli::demo {
namespace {

constexpr std::uint64_t kSeed = 0x57E57300A12024ULL;
constexpr int kColumns = 6;
constexpr int kRows = 4;
constexpr int kMonths = 48;
constexpr double kWest = 0.900;  // in the North Sea
constexpr double kSouth = 54.400;
constexpr double kCellLongitude = 0.020;
constexpr double kCellLatitude = 0.012;
constexpr int kPointsPerWard = 12;

const absl::CivilMonth kFirst(2022, 7);
const absl::CivilMonth kClear(2025, 7);
const absl::CivilMonth kClearEnds(2026, 1);  // first month after it
const absl::CivilMonth kMissing(2026, 1);

constexpr std::array<std::string_view, kColumns* kRows> kNames = {
    "Larkhill East", "Larkhill West", "Fernley",       "Mill Lane",   "Copper Row",  "Saltmarsh",
    "Ashdale",       "Quarry Bank",   "Tanner's Gate", "Priory Walk", "Harbourside", "Elmfold",
    "Wrenbrook",     "Market Cross",  "Foundry",       "Canal Side",  "Oakenhill",   "Thistle Down",
    "Beacon Top",    "Lower Mere",    "Upper Mere",    "Gull Point",  "Rope Walk",   "Weir Head"};

struct Category {
  std::string_view text;  // as the archive writes it
  std::string_view slug;
  double per_1000;         // residents, in a month
  std::string_view usual;  // its most frequent outcome
};

constexpr std::array<Category, 14> kCategories = {{
    {"Anti-social behaviour", "anti-social-behaviour", 1.30, ""},
    {"Bicycle theft", "bicycle-theft", 0.09, "Investigation complete; no suspect identified"},
    {"Burglary", "burglary", 0.42, "Investigation complete; no suspect identified"},
    {"Criminal damage and arson", "criminal-damage-arson", 0.55, "Unable to prosecute suspect"},
    {"Drugs", "drugs", 0.22, "Local resolution"},
    {"Other crime", "other-crime", 0.08, "Unable to prosecute suspect"},
    {"Other theft", "other-theft", 0.45, "Investigation complete; no suspect identified"},
    {"Possession of weapons", "possession-of-weapons", 0.06, "Awaiting court outcome"},
    {"Public order", "public-order", 0.48, "Unable to prosecute suspect"},
    {"Robbery", "robbery", 0.12, "Investigation complete; no suspect identified"},
    {"Shoplifting", "shoplifting", 0.40, "Unable to prosecute suspect"},
    {"Theft from the person", "theft-from-the-person", 0.10,
     "Investigation complete; no suspect identified"},
    {"Vehicle crime", "vehicle-crime", 0.50, "Investigation complete; no suspect identified"},
    {"Violence and sexual offences", "violent-crime", 1.70, "Unable to prosecute suspect"},
}};

double Uniform(SeededRandom& random) {
  return (static_cast<double>(random.Next64() >> 11U) + 0.5) / 9007199254740992.0;
}

// Knuth's product of uniforms, in steps so that exp(-mean) does not vanish.
int Poisson(SeededRandom& random, double mean) {
  int total = 0;
  while (mean > 0) {
    const double step = std::min(mean, 20.0);
    mean -= step;
    const double floor = std::exp(-step);
    for (double product = Uniform(random); product > floor; product *= Uniform(random)) ++total;
  }
  return total;
}

// Incidents of one crime or, with probability p, two: variance / mean = (1 + 3p) / (1 + p).
int OverDispersed(SeededRandom& random, double mean) {
  constexpr double kPair = (Westmoor::kOverDispersion - 1) / (3 - Westmoor::kOverDispersion);
  const int incidents = Poisson(random, mean / (1 + kPair));
  int crimes = incidents;
  for (int i = 0; i < incidents; ++i) crimes += Uniform(random) < kPair ? 1 : 0;
  return crimes;
}

// More in summer, by a few per cent.
double Season(absl::CivilMonth month) {
  constexpr double kAmplitude = 0.08;
  constexpr double kPi = 3.14159265358979323846;
  return 1 + kAmplitude * std::sin(2 * kPi * (month.month() - 4) / 12.0);
}

std::vector<Ward> MakeWards(SeededRandom& random) {
  std::vector<Ward> wards;
  for (int i = 0; i < kColumns * kRows; ++i) {
    char code[16];
    std::snprintf(code, sizeof code, "X05%06d", i + 1);
    Ward ward;
    ward.code = code;
    ward.name = std::string(kNames[static_cast<std::size_t>(i)]);
    ward.residents = 8'000 + static_cast<std::int64_t>(random.Below(6'000));
    ward.dwellings = ward.residents * 10 / 24;
    ward.column = i % kColumns;
    ward.row = i / kColumns;
    wards.push_back(std::move(ward));
  }
  return wards;
}

std::string GeoJsonOf(const std::vector<Ward>& wards) {
  std::string out = "{\"type\":\"FeatureCollection\",\"features\":[";
  for (const Ward& ward : wards) {
    const double west = kWest + ward.column * kCellLongitude;
    const double south = kSouth + ward.row * kCellLatitude;
    char ring[256];
    std::snprintf(ring, sizeof ring,
                  "[[%.4f,%.4f],[%.4f,%.4f],[%.4f,%.4f],[%.4f,%.4f],[%.4f,%.4f]]", west, south,
                  west + kCellLongitude, south, west + kCellLongitude, south + kCellLatitude, west,
                  south + kCellLatitude, west, south);
    if (out.back() == '}') out += ",";
    absl::StrAppend(&out, "\n{\"type\":\"Feature\",\"properties\":{\"code\":\"", ward.code,
                    "\",\"name\":\"", ward.name,
                    "\"},\"geometry\":{\"type\":\"Polygon\",\"coordinates\":[", ring, "]}}");
  }
  out += "\n]}\n";
  return out;
}

// The places to which crimes of a ward are snapped: well inside it.
struct Point {
  std::string longitude;
  std::string latitude;
  std::string street;
};

std::vector<Point> MakePoints(const Ward& ward, SeededRandom& random) {
  constexpr std::array<std::string_view, kPointsPerWard> kStreets = {
      "Cobbler Street", "Ferry Lane", "Station Approach", "Chapel Rise",
      "Bakers Yard",    "Kiln Way",   "Orchard Close",    "Bridge End",
      "Spinners Court", "Marsh Road", "The Parade",       "North Quay"};
  std::vector<Point> points;
  for (const std::string_view street : kStreets) {
    const double across = 0.1 + 0.8 * Uniform(random);
    const double up = 0.1 + 0.8 * Uniform(random);
    char longitude[32];
    char latitude[32];
    std::snprintf(longitude, sizeof longitude, "%.6f",
                  kWest + (ward.column + across) * kCellLongitude);
    std::snprintf(latitude, sizeof latitude, "%.6f", kSouth + (ward.row + up) * kCellLatitude);
    points.push_back({longitude, latitude, absl::StrCat("On or near ", std::string(street))});
  }
  return points;
}

// How a ward differs from the average, for good.
double LevelOf(const Ward& ward) {
  if (ward.name.starts_with("Larkhill")) return 1.9;
  if (ward.name == "Fernley") return 1.25;
  return 0.7 + 0.03 * static_cast<double>((ward.column * 7 + ward.row * 5) % 20);
}

double Planted(const Ward& ward, const Category& category, absl::CivilMonth month) {
  if (!ward.name.starts_with("Larkhill") || month < kClear) return 1;
  if (category.slug != "drugs") return Westmoor::kLarkhillRatio;
  return month < kClearEnds ? Westmoor::kDrugsInClear : 1;
}

// Chance, not work: Fernley ran high in the half-year in which it was chosen.
double Luck(const Ward& ward, absl::CivilMonth month) {
  return ward.name == "Fernley" && month >= kClear - 6 && month < kClear ? 1.35 : 1;
}

class StreetFile {
 public:
  StreetFile(absl::CivilMonth month, Sha256& sha256) : month_(FormatMonth(month)), sha256_(sha256) {
    content_ =
        "Crime ID,Month,Reported by,Falls within,Longitude,Latitude,Location,LSOA code,LSOA "
        "name,Crime type,"
        "Last outcome category,Context\r\n";
  }

  void Add(const Category& category, const Point& point, std::uint64_t number, bool usual) {
    const bool has_id = category.slug != "anti-social-behaviour";
    const std::string id =
        has_id ? ToHex(AsBytes(sha256_.Update(absl::StrCat("westmoor/", number)).Finish())) : "";
    const std::string_view outcome =
        !has_id ? "" : (usual ? category.usual : std::string_view("Under investigation"));
    absl::StrAppend(&content_, id, ",", month_, ",Westmoor Police,Westmoor Police,",
                    point.longitude, ",", point.latitude, ",", point.street, ",,,",
                    std::string(category.text), ",", std::string(outcome), ",\r\n");
  }

  NamedFile Take() && {
    return {absl::StrCat(month_, "/", month_, "-westmoor-street.csv"), std::move(content_)};
  }

 private:
  std::string month_;
  std::string content_;
  Sha256& sha256_;
};

void MakeStreet(Westmoor& out) {
  SeededRandom place(kSeed + 1);
  std::vector<std::vector<Point>> points;
  points.reserve(out.wards.size());
  for (const Ward& ward : out.wards) points.push_back(MakePoints(ward, place));
  Sha256 sha256;
  std::uint64_t number = 0;
  for (int i = 0; i < kMonths; ++i) {
    const absl::CivilMonth month = kFirst + i;
    SeededRandom random(kSeed + 100 + static_cast<std::uint64_t>(i));
    StreetFile file(month, sha256);
    for (std::size_t w = 0; w < out.wards.size(); ++w) {
      const Ward& ward = out.wards[w];
      for (const Category& category : kCategories) {
        const double mean = category.per_1000 * static_cast<double>(ward.residents) / 1000.0 *
                            LevelOf(ward) * Season(month) * Planted(ward, category, month) *
                            Luck(ward, month);
        const int crimes = OverDispersed(random, mean);
        for (int c = 0; c < crimes; ++c) {
          file.Add(category, points[w][random.Below(points[w].size())], ++number,
                   Uniform(random) < 0.7);
        }
      }
    }
    if (month != kMissing) out.street.push_back(std::move(file).Take());
  }
}

// What a partner counts in each ward and month, without any planted effect but a slow rise in
// reports at Larkhill.
NamedFile MakeSeries(const Westmoor& out, std::string name, double per_1000, std::uint64_t seed) {
  SeededRandom random(kSeed + seed);
  std::string content = "area,month,count\r\n";
  for (int i = 0; i < kMonths; ++i) {
    const absl::CivilMonth month = kFirst + i;
    for (const Ward& ward : out.wards) {
      const double reports = ward.name.starts_with("Larkhill") && month >= kClear ? 1.15 : 1;
      const double mean = per_1000 * static_cast<double>(ward.residents) / 1000.0 * reports;
      absl::StrAppend(&content, ward.code, ",", FormatMonth(month), ",", Poisson(random, mean),
                      "\r\n");
    }
  }
  return {std::move(name), std::move(content)};
}

std::string TruthOf(const Westmoor& out) {
  std::string larkhill;
  for (const std::string& code : out.larkhill) {
    absl::StrAppend(&larkhill, larkhill.empty() ? "" : ",", "\"", code, "\"");
  }
  return absl::StrCat("{\"tenant\":\"westmoor\",\"clear_from\":\"", FormatMonth(kClear),
                      "\",\"clear_to\":\"", FormatMonth(kClearEnds - 1), "\",\"missing_month\":\"",
                      FormatMonth(kMissing), "\",\"larkhill\":{\"areas\":[", larkhill,
                      "],\"rate_ratio\":", Westmoor::kLarkhillRatio,
                      ",\"drugs_in_clear\":", Westmoor::kDrugsInClear,
                      "},\"fernley\":{\"areas\":[\"", out.fernley.front(),
                      "\"],\"rate_ratio\":1,\"chosen_because_high\":true},\"over_dispersion\":",
                      Westmoor::kOverDispersion, "}\n");
}

}  // namespace

Westmoor MakeWestmoor() {
  Westmoor out;
  SeededRandom random(kSeed);
  out.wards = MakeWards(random);
  out.wards_geojson = GeoJsonOf(out.wards);
  out.populations_csv = "area,residents\r\n";
  out.dwellings_csv = "area,dwellings\r\n";
  for (const Ward& ward : out.wards) {
    absl::StrAppend(&out.populations_csv, ward.code, ",", ward.residents, "\r\n");
    absl::StrAppend(&out.dwellings_csv, ward.code, ",", ward.dwellings, "\r\n");
    if (ward.name.starts_with("Larkhill")) out.larkhill.push_back(ward.code);
    if (ward.name == "Fernley") out.fernley.push_back(ward.code);
  }
  MakeStreet(out);
  out.series.push_back(MakeSeries(out, "council-noise-complaints.csv", 0.9, 2));
  out.series.push_back(MakeSeries(out, "housing-repairs-after-damage.csv", 0.6, 3));
  out.truth_json = TruthOf(out);
  return out;
}

}  // namespace holdfast::cli::demo
