// Four square wards in the sea with crimes that nobody suffered, in the layout of the police.uk
// archive: 2016-01 to 2018-06, of which 2016-04 is missing. The same bytes every time; the counts
// are made beside the rows, not by the code under test.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

namespace holdfast::flow {

using Files = std::vector<std::pair<std::string, std::string>>;  // path in the archive, bytes

struct InventedBorough {
  std::string wards_geojson;    // codes X16000001 to X16000004
  std::string populations_csv;  // area,residents
  std::string noise_csv;        // area,month,count of a partner; every month
  Files street;                 // one for each force and month
  // area ("" for no area), category, month -> crimes of both forces.
  std::map<std::tuple<std::string, std::string, std::string>, std::uint64_t> counts;
  std::uint64_t rows = 0;
  std::uint64_t transport_rows = 0;  // of the British Transport Police
  std::uint64_t unlocated = 0;
};

inline constexpr char kMissingMonth[] = "2016-04";
inline constexpr char kStreetHeader[] =
    "Crime ID,Month,Reported by,Falls within,Longitude,Latitude,Location,LSOA code,LSOA name,"
    "Crime type,Last outcome category,Context";

// `scale`: how many times the usual number of crimes.
InventedBorough MakeBorough(int scale = 1);

// The bytes of a zip of these files.
std::string ZipOf(const Files& files);

}  // namespace holdfast::flow
