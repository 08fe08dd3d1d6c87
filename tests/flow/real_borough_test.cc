// The journey of part D on the real open data, where it lies beside the project. Label grpc.
#include <map>
#include <memory>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "flow_house.h"
#include "ingest/file_set.h"

namespace holdfast::flow {
namespace {

namespace v1 = metrics::v1;
using ::testing::SizeIs;

constexpr char kZip[] = "../shared/data/police-uk/barking-and-dagenham-2016-01-2018-06.zip";
constexpr char kWards[] = "../shared/data/geography/wards-2013-barking-and-dagenham.geojson";
constexpr char kTenant[] = "sandbox";

class RealBorough : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    if (!HasRealData()) return;
    house_ = std::make_unique<FlowHouse>("real");
    house_->Do(kTenant, {"geography", "import", kWards, "--kind", "ward", "--vintage", "2013",
                         "--code-property", "WD13CD", "--name-property", "WD13NM"});
    imported_ = house_->Ask<v1::ImportResult>(kTenant, {"import", "police-uk", kZip});
  }
  static void TearDownTestSuite() { house_.reset(); }
  void SetUp() override {
    if (!HasRealData()) GTEST_SKIP() << "skipped: ../shared/data is not here";
  }

  static std::string Export() {
    return house_->Do(
        kTenant, {"measure", "export", "--kind", "ward", "--by", "category,month", "-o", "csv"});
  }

  static std::unique_ptr<FlowHouse> house_;
  static v1::ImportResult imported_;
};
std::unique_ptr<FlowHouse> RealBorough::house_;
v1::ImportResult RealBorough::imported_;

TEST_F(RealBorough, HasEveryRowOfBothForces) {
  const v1::ImportPlan& plan = imported_.plan();
  EXPECT_EQ(plan.rows_in(), 53'227U);
  EXPECT_EQ(plan.accepted(), 53'227U);
  EXPECT_EQ(plan.rejected(), 0U);
  EXPECT_EQ(plan.unlocated(), 4U);
  std::map<std::string, std::uint64_t> rows;
  std::map<std::string, int> files;
  for (const auto& month : plan.months()) {
    rows[month.dataset_id()] += month.rows_in();
    ++files[month.dataset_id()];
  }
  EXPECT_EQ(rows, (std::map<std::string, std::uint64_t>{{"metropolitan-street", 52'739},
                                                        {"btp-street", 488}}));
  EXPECT_EQ(files, (std::map<std::string, int>{{"metropolitan-street", 29}, {"btp-street", 27}}));
  ASSERT_THAT(plan.missing(), SizeIs(1));
  EXPECT_EQ(plan.missing(0).dataset_id(), "metropolitan-street");
}

TEST_F(RealBorough, CountsByTypeAndWardAsTheManifestDoes) {
  std::map<std::string, std::uint64_t> by_type;
  std::map<std::string, std::uint64_t> by_ward;
  int no_data = 0;
  for (const absl::string_view line : absl::StrSplit(Export(), "\r\n", absl::SkipEmpty())) {
    const std::vector<std::string> cell = absl::StrSplit(line, ',');
    if (cell[0] == "area") continue;
    EXPECT_EQ(cell[3] == "no_data", cell[2] == "2016-04") << line;
    if (cell[3] == "no_data") {
      ++no_data;
      continue;
    }
    by_ward[cell[0]] += std::stoul(cell[3]);
    by_type[cell[1]] += std::stoul(cell[3]);
  }
  EXPECT_EQ(no_data, 18 * 14);
  const std::map<std::string, std::uint64_t> types = {{"violent-crime", 13'372},
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
                                                      {"possession-of-weapons", 308}};
  EXPECT_EQ(by_type, types);
  const std::map<std::string, std::uint64_t> wards = {
      {"E05000026", 7'799}, {"E05000027", 2'574}, {"E05000028", 3'509}, {"E05000029", 2'456},
      {"E05000030", 2'249}, {"E05000031", 2'923}, {"E05000032", 3'156}, {"E05000033", 2'464},
      {"E05000034", 2'813}, {"E05000035", 2'218}, {"E05000036", 2'517}, {"E05000037", 1'635},
      {"E05000038", 3'296}, {"E05000039", 5'243}, {"E05000040", 2'425}, {"E05000041", 3'279},
      {"E05000042", 2'667}, {"UNLOCATED", 4}};
  EXPECT_EQ(by_ward, wards);
}

TEST_F(RealBorough, RanksSeventeenWardsInEveryHalfYearButTheFirst) {
  const auto ranks =
      house_->Ask<v1::GetRanksResponse>(kTenant, {"measure", "rank", "--measure", "severity"});
  ASSERT_EQ(ranks.periods_size(), 5);
  EXPECT_EQ(ranks.periods(0).period(), "2016H1");
  EXPECT_EQ(ranks.periods(0).undefined().reason(), v1::Undefined::MISSING_PERIOD);
  EXPECT_EQ(ranks.periods(0).rows_size(), 0);
  for (int i = 1; i < 5; ++i) {
    EXPECT_EQ(ranks.periods(i).rows_size(), 17);
    EXPECT_EQ(ranks.periods(i).exposure(), "per area, not per resident");
  }
}

TEST_F(RealBorough, TakesTheSameZipAgainWithoutAnEvent) {
  const std::string before = house_->Heads(kTenant);
  const auto again = house_->Ask<v1::ImportResult>(kTenant, {"import", "police-uk", kZip});
  EXPECT_EQ(again.events(), 0U);
  EXPECT_EQ(again.extracts_unchanged(), 56U);
  EXPECT_EQ(house_->Heads(kTenant), before);
}

// The content of a file of the zip.
std::string Entry(const std::string& name) {
  auto files = ingest::FileSet::Open(kZip);
  EXPECT_TRUE(files.ok()) << files.status();
  std::string content;
  for (std::size_t i = 0; i < (*files)->entries().size(); ++i) {
    if (!absl::EndsWith((*files)->entries()[i].path, name)) continue;
    auto source = (*files)->OpenEntry(i);
    EXPECT_TRUE(source.ok()) << source.status();
    std::vector<char> piece(65'536);
    while (true) {
      const auto read = (*source)->Read(piece);
      EXPECT_TRUE(read.ok()) << read.status();
      if (!read.ok() || *read == 0) break;
      content.append(piece.data(), *read);
    }
  }
  return content;
}

TEST_F(RealBorough, AppliesOnlyTheDifferencesOfACorrectedMonth) {
  const std::string before = Export();
  const std::string name = "2017-03-metropolitan-street.csv";
  std::vector<std::string> lines = absl::StrSplit(Entry(name), "\r\n", absl::SkipEmpty());
  ASSERT_THAT(lines, SizeIs(1'937));
  // Three outcomes change, two rows are withdrawn, one is new.
  int changed = 0;
  for (std::size_t i = 1; i < lines.size() && changed < 3; ++i) {
    const std::string open = "Investigation complete; no suspect identified";
    if (!absl::StrContains(lines[i], open) || lines[i].starts_with(",")) continue;
    lines[i] = absl::StrReplaceAll(lines[i], {{open, "Offender given a caution"}});
    ++changed;
  }
  ASSERT_EQ(changed, 3);
  lines.pop_back();
  lines.pop_back();
  lines.push_back(absl::StrCat(std::string(64, 'f'), lines.back().substr(lines.back().find(','))));
  const std::string path =
      WriteFile(FreshFolder("real-corrected") + "/" + name, absl::StrJoin(lines, "\r\n") + "\r\n");
  const auto corrected = house_->Ask<v1::ImportResult>(kTenant, {"import", "police-uk", path});
  EXPECT_EQ(corrected.plan().rows_in(), 1'935U);
  EXPECT_EQ(corrected.plan().changed(), 3U);
  EXPECT_EQ(corrected.plan().withdrawn(), 2U);
  EXPECT_EQ(corrected.plan().new_rows(), 1U);
  EXPECT_EQ(corrected.plan().unchanged(), 1'931U);
  EXPECT_EQ(corrected.events(), 3U);
  EXPECT_FALSE(Export() == before);
  house_->Do(kTenant, {"import", "revert", corrected.import_id(), "--reason", "Only a trial."});
  EXPECT_TRUE(Export() == before);
}

}  // namespace
}  // namespace holdfast::flow
