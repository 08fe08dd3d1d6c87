// The real borough of the open data, counted as its manifest counts it.
#include <array>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <string>

#include <gtest/gtest.h>

#include "base/civil_time.h"
#include "geography/area_index.h"
#include "geography/geojson.h"
#include "geography/point_cache.h"
#include "ingest/row_changes.h"
#include "ingest/row_digest.h"
#include "ingest/street_reader.h"

namespace holdfast::ingest {
namespace {

constexpr char kZip[] = "../shared/data/police-uk/barking-and-dagenham-2016-01-2018-06.zip";
constexpr char kWards[] = "../shared/data/geography/wards-2013-barking-and-dagenham.geojson";

using Counts = std::map<std::string, std::uint64_t>;

struct Borough {
  std::uint64_t rows = 0;
  std::uint64_t rejected = 0;
  std::uint64_t unknown_outcomes = 0;
  Counts by_force;
  Counts by_month;
  Counts by_category;
  Counts by_ward;
};

std::string ReadFile(const char* path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

// Calls visit(row, file) for every good row.
template <typename Visit>
void EachRow(FileSet& files, Borough& borough, Visit visit) {
  const auto found = FindStreetFiles(files);
  ASSERT_TRUE(found.ok()) << found.status();
  for (const StreetFile& file : found->street) {
    auto source = files.OpenEntry(file.entry);
    ASSERT_TRUE(source.ok()) << source.status();
    auto reader = StreetReader::Open(**source, file);
    ASSERT_TRUE(reader.ok()) << reader.status();
    while (true) {
      const auto item = (*reader)->Next();
      ASSERT_TRUE(item.ok()) << item.status();
      if (*item == StreetReader::Item::kEnd) break;
      ++borough.rows;
      if (*item == StreetReader::Item::kRejected) {
        ++borough.rejected;
        continue;
      }
      visit((*reader)->row(), file);
    }
  }
}

TEST(RealBorough, IsCountedByForceMonthTypeAndWardAsItsManifestSays) {
  if (!std::filesystem::exists(kZip)) GTEST_SKIP() << "skipped: " << kZip << " is not here";
  auto files = FileSet::Open(kZip);
  ASSERT_TRUE(files.ok()) << files.status();
  const auto areas = geography::ParseAreas(ReadFile(kWards), {.code = "WD13CD", .name = "WD13NM"});
  ASSERT_TRUE(areas.ok()) << areas.status();
  const auto index = geography::AreaIndex::Create(*areas);
  ASSERT_TRUE(index.ok()) << index.status();
  geography::PointCache wards(**index);
  Borough borough;
  EachRow(**files, borough, [&](const StreetRow& row, const StreetFile& file) {
    ++borough.by_force[file.force];
    ++borough.by_month[FormatMonth(row.month)];
    ++borough.by_category[std::string(SlugOf(row.category))];
    borough.unknown_outcomes += row.outcome_known ? 0U : 1U;
    const std::int32_t ward = wards.Find(row.point());
    ++borough.by_ward[ward < 0 ? "none" : (*areas)[static_cast<std::size_t>(ward)].code];
  });
  EXPECT_EQ(borough.rows, 53'227U);
  EXPECT_EQ(borough.rejected, 0U);
  EXPECT_EQ(borough.unknown_outcomes, 0U);
  EXPECT_EQ(borough.by_force, (Counts{{"metropolitan", 52'739}, {"btp", 488}}));
  EXPECT_EQ(borough.by_month.size(), 29U);
  EXPECT_EQ(borough.by_month.count("2016-04"), 0U);
  for (const auto& [month, count] : borough.by_month) {
    EXPECT_GE(count, 1'616U) << month;
    EXPECT_LE(count, 2'187U) << month;
  }
  EXPECT_EQ(borough.by_category, (Counts{{"violent-crime", 13'372},
                                         {"anti-social-behaviour", 11'955},
                                         {"vehicle-crime", 5'941},
                                         {"other-theft", 4'268},
                                         {"criminal-damage-arson", 4'061},
                                         {"burglary", 3'516},
                                         {"public-order", 2'336},
                                         {"shoplifting", 2'003},
                                         {"drugs", 1'796},
                                         {"robbery", 1'665},
                                         {"theft-from-the-person", 952},
                                         {"other-crime", 550},
                                         {"bicycle-theft", 504},
                                         {"possession-of-weapons", 308}}));
  EXPECT_EQ(borough.by_ward, (Counts{{"E05000026", 7'799},
                                     {"E05000027", 2'574},
                                     {"E05000028", 3'509},
                                     {"E05000029", 2'456},
                                     {"E05000030", 2'249},
                                     {"E05000031", 2'923},
                                     {"E05000032", 3'156},
                                     {"E05000033", 2'464},
                                     {"E05000034", 2'813},
                                     {"E05000035", 2'218},
                                     {"E05000036", 2'517},
                                     {"E05000037", 1'635},
                                     {"E05000038", 3'296},
                                     {"E05000039", 5'243},
                                     {"E05000040", 2'425},
                                     {"E05000041", 3'279},
                                     {"E05000042", 2'667},
                                     {"none", 4}}));
}

TEST(RealBorough, DeliveredAgainInAnotherOrderHasTheSameDigestAndNoChanges) {
  if (!std::filesystem::exists(kZip)) GTEST_SKIP() << "skipped: " << kZip << " is not here";
  auto files = FileSet::Open(kZip);
  ASSERT_TRUE(files.ok()) << files.status();
  RowDigester digester("a key of the dataset");
  MultisetDigest digest;
  std::map<std::string, std::vector<RowKey>> months;  // of the territorial force
  std::map<std::string, std::vector<std::string>> ids;
  Borough borough;
  EachRow(**files, borough, [&](const StreetRow& row, const StreetFile& file) {
    if (file.force != "metropolitan") return;
    const std::string month = FormatMonth(row.month);
    RowKey key = KeyOf(row, digester);
    digest.Add(key.content);
    key.crime_id = {};  // lies in the reader's buffer; kept beside
    months[month].push_back(key);
    ids[month].emplace_back(row.crime_id);
  });
  MultisetDigest backwards;
  for (auto& [month, keys] : months) {
    for (std::size_t i = 0; i < keys.size(); ++i) keys[i].crime_id = ids[month][i];
    const std::vector<RowKey> turned(keys.rbegin(), keys.rend());
    for (const RowKey& key : turned) backwards.Add(key.content);
    const RowChanges changes = CompareDeliveries(keys, turned);
    EXPECT_TRUE(changes.none()) << month;
    EXPECT_EQ(changes.unchanged, keys.size());
    // A delivery that lacks its last row cancels one row and nothing else.
    const RowChanges shorter = CompareDeliveries(keys, std::span(keys).first(keys.size() - 1));
    EXPECT_EQ(shorter.cancelled.size(), 1U) << month;
    EXPECT_EQ(shorter.unchanged, keys.size() - 1);
  }
  EXPECT_EQ(digest, backwards);
}

}  // namespace
}  // namespace holdfast::ingest
