#include "invented_borough.h"

#include <array>
#include <cstdio>

#include <zip.h>

#include "absl/strings/str_cat.h"
#include "base/check.h"

namespace holdfast::flow {
namespace {

struct Kind {
  const char* text;
  const char* slug;
  int a_month;  // in a middling ward
};
constexpr std::array<Kind, 7> kTypes = {{{"Violence and sexual offences", "violent-crime", 9},
                                         {"Anti-social behaviour", "anti-social-behaviour", 8},
                                         {"Vehicle crime", "vehicle-crime", 5},
                                         {"Burglary", "burglary", 4},
                                         {"Robbery", "robbery", 2},
                                         {"Drugs", "drugs", 2},
                                         {"Public order", "public-order", 3}}};
constexpr std::array<const char*, 4> kNames = {"Eastgate", "Larkhill", "Millbank", "Northmoor"};

std::string CodeOf(std::size_t ward) {
  return absl::StrCat("X1600000", ward + 1);
}

std::string MonthText(int index) {
  char text[16];
  std::snprintf(text, sizeof text, "%04d-%02d", 2016 + index / 12, index % 12 + 1);
  return text;
}

// An id of 64 digits, or none for anti-social behaviour, as the archive has it.
std::string IdOf(const Kind& type, std::uint64_t number) {
  if (std::string_view(type.slug) == "anti-social-behaviour") return "";
  return absl::StrCat(std::string(48, '0'),
                      absl::Hex(number * 0x9e3779b97f4a7c15ULL, absl::kZeroPad16));
}

std::string WardsGeoJson() {
  std::string features;
  for (std::size_t ward = 0; ward < kNames.size(); ++ward) {
    const std::string west = absl::StrCat("1.", ward);
    const std::string east = absl::StrCat("1.", ward + 1);
    absl::StrAppend(&features, ward == 0 ? "" : ",",
                    R"({"type":"Feature","properties":{"WD16CD":")", CodeOf(ward),
                    R"(","WD16NM":")", kNames[ward],
                    R"("},"geometry":{"type":"Polygon","coordinates":[[[)", west, ",54.0],[", east,
                    ",54.0],[", east, ",54.1],[", west, ",54.1],[", west, ",54.0]]]}}");
  }
  return absl::StrCat(R"({"type":"FeatureCollection","features":[)", features, "]}");
}

class Street {
 public:
  Street(InventedBorough& into, std::string month, std::string force)
      : into_(into),
        month_(std::move(month)),
        force_(std::move(force)),
        csv_(absl::StrCat(kStreetHeader, "\r\n")) {}

  void Add(const std::string& area, const Kind& type, const std::string& point) {
    const bool asb = std::string_view(type.slug) == "anti-social-behaviour";
    absl::StrAppend(&csv_, IdOf(type, ++into_.rows), ",", month_, ",", force_, ",", force_, ",",
                    point, ",On or near Mill Lane,,,", type.text, ",");
    absl::StrAppend(&csv_, asb ? "" : "Under investigation", ",\r\n");
    ++into_.counts[{area, type.slug, month_}];
    if (area.empty()) ++into_.unlocated;
  }
  void Close(const std::string& slug) {
    into_.street.emplace_back(absl::StrCat(month_, "/", month_, "-", slug, "-street.csv"),
                              std::move(csv_));
  }

 private:
  InventedBorough& into_;
  const std::string month_;
  const std::string force_;
  std::string csv_;
};

void AddTransportPolice(InventedBorough& out, const std::string& month, int index) {
  const std::uint64_t before = out.rows;
  Street street(out, month, "British Transport Police");
  for (int i = 0; i <= index % 3; ++i) street.Add(CodeOf(0), kTypes[3], "1.050000,54.020000");
  street.Close("btp");
  out.transport_rows += out.rows - before;
}

// Larkhill has the most, Northmoor the least; months differ.
void AddWard(Street& street, std::size_t ward, int index, int scale) {
  const int share = std::array{10, 16, 9, 6}[ward];
  for (std::size_t type = 0; type < kTypes.size(); ++type) {
    const int wave = (index * 7 + static_cast<int>(ward * 5 + type * 3)) % 5 - 2;
    const int crimes = scale * (kTypes[type].a_month * share + wave * 4) / 10;
    for (int i = 0; i < crimes; ++i) {
      street.Add(CodeOf(ward), kTypes[type],
                 absl::StrCat("1.", ward, i % 3 + 1, "0000,54.0", i % 2 + 1, "0000"));
    }
  }
}

}  // namespace

InventedBorough MakeBorough(int scale) {
  InventedBorough out;
  out.wards_geojson = WardsGeoJson();
  out.populations_csv = "area,residents\r\n";
  out.noise_csv = "area,month,count\r\n";
  for (std::size_t ward = 0; ward < kNames.size(); ++ward) {
    absl::StrAppend(&out.populations_csv, CodeOf(ward), ",", 8'000 + 500 * ward, "\r\n");
  }
  for (int index = 0; index < 30; ++index) {
    const std::string month = MonthText(index);
    for (std::size_t ward = 0; ward < kNames.size(); ++ward) {
      absl::StrAppend(&out.noise_csv, CodeOf(ward), ",", month, ",",
                      5 + (index * 5 + static_cast<int>(ward) * 3) % 9, "\r\n");
    }
    if (month == kMissingMonth) continue;
    Street street(out, month, "Westmoor Police");
    for (std::size_t ward = 0; ward < kNames.size(); ++ward) AddWard(street, ward, index, scale);
    if (index % 10 == 6) street.Add("", kTypes[3], "1.900000,54.500000");  // outside every ward
    street.Close("westmoor");
    // Stations: two months without a row have no file, which is no gap.
    if (index % 4 != 1) AddTransportPolice(out, month, index);
  }
  return out;
}

std::string ZipOf(const Files& files) {
  zip_error_t error;
  zip_error_init(&error);
  zip_source_t* const whole = zip_source_buffer_create(nullptr, 0, 0, &error);
  HOLDFAST_CHECK(whole != nullptr);
  zip_t* const archive = zip_open_from_source(whole, ZIP_TRUNCATE, &error);
  HOLDFAST_CHECK(archive != nullptr);
  zip_source_keep(whole);
  for (const auto& [name, content] : files) {
    zip_source_t* const part = zip_source_buffer(archive, content.data(), content.size(), 0);
    const zip_int64_t index = zip_file_add(archive, name.c_str(), part, ZIP_FL_ENC_UTF_8);
    HOLDFAST_CHECK(index >= 0);
    // The same bytes every time.
    zip_file_set_dostime(archive, static_cast<zip_uint64_t>(index), 0, 0x4921, 0);
  }
  HOLDFAST_CHECK(zip_close(archive) == 0);
  HOLDFAST_CHECK(zip_source_open(whole) == 0);
  std::string bytes;
  char piece[16384];
  for (zip_int64_t read = 0; (read = zip_source_read(whole, piece, sizeof piece)) > 0;) {
    bytes.append(piece, static_cast<std::size_t>(read));
  }
  zip_source_close(whole);
  zip_source_free(whole);
  zip_error_fini(&error);
  return bytes;
}

}  // namespace holdfast::flow
