// From files to figures, by the commands that the guides name, on an invented borough whose counts
// are known. Label grpc.
#include <filesystem>
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
#include "ingest/crime_category.h"
#include "invented_borough.h"

namespace holdfast::flow {
namespace {

namespace v1 = metrics::v1;
using ::testing::AllOf;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::SizeIs;

class Journey : public ::testing::Test {
 protected:
  // `sandbox` holds the borough from a zip, its residents and a partner's series. `eastvale` and
  // `westmoor` are filled by the tests that need them; no test needs another to have run.
  static void SetUpTestSuite() {
    folder_ = FreshFolder("journey-files");
    house_ = std::make_unique<FlowHouse>("journey");
    borough_ = MakeBorough();
    WriteFile(At("wards.geojson"), borough_.wards_geojson);
    WriteFile(At("borough.zip"), ZipOf(borough_.street));
    for (const auto& [name, content] : borough_.street) WriteFile(At("archive/" + name), content);
    WriteFile(At("populations.csv"), borough_.populations_csv);
    WriteFile(At("noise.csv"), borough_.noise_csv);
    LoadWards("sandbox");
    imported_ =
        house_->Ask<v1::ImportResult>("sandbox", {"import", "police-uk", At("borough.zip")});
    house_->Do("sandbox", {"reference", "load", "populations", At("populations.csv"),
                           "--valid-from", "2015-06-30"});
    house_->Do("sandbox", {"import", "run", At("noise.csv"), "--profile", "agency-series",
                           "--agency", "council", "--title", "Noise complaints"});
  }
  static void TearDownTestSuite() { house_.reset(); }

  static std::string At(const std::string& name) { return folder_ + "/" + name; }
  static void LoadWards(const std::string& tenant) {
    house_->Do(tenant, {"geography", "import", At("wards.geojson"), "--kind", "ward", "--vintage",
                        "2016", "--code-property", "WD16CD", "--name-property", "WD16NM"});
  }
  static std::string Export(const std::string& tenant) {
    return house_->Do(
        tenant, {"measure", "export", "--kind", "ward", "--by", "category,month", "-o", "csv"});
  }
  // "area,category,month" -> what stands in the last column.
  static std::map<std::string, std::string> Cells(const std::string& csv) {
    std::map<std::string, std::string> cells;
    for (const absl::string_view line : absl::StrSplit(csv, "\r\n", absl::SkipEmpty())) {
      const std::size_t comma = line.rfind(',');
      cells[std::string(line.substr(0, comma))] = std::string(line.substr(comma + 1));
    }
    cells.erase("area,category,month");
    return cells;
  }

  static std::string folder_;
  static std::unique_ptr<FlowHouse> house_;
  static InventedBorough borough_;
  static v1::ImportResult imported_;
};
std::string Journey::folder_;
std::unique_ptr<FlowHouse> Journey::house_;
InventedBorough Journey::borough_;
v1::ImportResult Journey::imported_;

TEST_F(Journey, AccountsForEveryRowOfTheFiles) {
  const v1::ImportPlan& plan = imported_.plan();
  EXPECT_EQ(plan.rows_in(), borough_.rows);
  EXPECT_EQ(plan.accepted(), borough_.rows);
  EXPECT_EQ(plan.rejected(), 0U);
  EXPECT_EQ(plan.unlocated(), borough_.unlocated);
  EXPECT_EQ(imported_.extracts_accepted(), borough_.street.size());
  std::uint64_t transport = 0;
  for (const auto& month : plan.months()) {
    if (month.dataset_id() == "btp-street") transport += month.rows_in();
  }
  EXPECT_EQ(transport, borough_.transport_rows);
  // Months without a file of the transport police are no gaps; the one without a territorial file
  // is.
  ASSERT_THAT(plan.missing(), SizeIs(1));
  EXPECT_EQ(plan.missing(0).dataset_id(), "westmoor-street");
  EXPECT_EQ(plan.missing(0).month().year() * 100 + plan.missing(0).month().month(), 201604);
}

TEST_F(Journey, CountsEveryCrimeInItsWardCategoryAndMonth) {
  const auto cells = Cells(Export("sandbox"));
  EXPECT_EQ(cells.size(), 5U * 7 * 30);  // four wards and those in none; seven categories occur
  std::uint64_t counted = 0;
  for (const auto& [cell, count] : cells) {
    const std::vector<std::string> key = absl::StrSplit(cell, ',');
    if (key[2] == kMissingMonth) {
      EXPECT_EQ(count, "no_data") << cell;
      continue;
    }
    const auto expected =
        borough_.counts.find({key[0] == "UNLOCATED" ? "" : key[0], key[1], key[2]});
    EXPECT_EQ(count, absl::StrCat(expected == borough_.counts.end() ? 0 : expected->second))
        << cell;
    counted += expected == borough_.counts.end() ? 0 : expected->second;
  }
  EXPECT_EQ(counted, borough_.rows);
}

TEST_F(Journey, SaysNoDataForAMissingMonthAndNeverZero) {
  const Words words = {"measure",   "series", "--category", "burglary", "--area",
                       "X16000002", "--from", "2016-03",    "--to",     "2016-05"};
  const auto series = house_->Ask<v1::GetSeriesResponse>("sandbox", words);
  ASSERT_EQ(series.series(0).points_size(), 3);
  const v1::SeriesPoint& gap = series.series(0).points(1);
  EXPECT_EQ(gap.completeness(), v1::Completeness::MISSING);
  EXPECT_FALSE(gap.has_count());
  EXPECT_EQ(gap.figure().undefined().reason(), v1::Undefined::MISSING_PERIOD);
  EXPECT_EQ(series.series(0).points(0).count(),
            (borough_.counts.at({"X16000002", "burglary", "2016-03"})));
  const Said table = house_->Run("sandbox", words);
  EXPECT_THAT(table.out, HasSubstr("2016-04  no_data"));
  EXPECT_THAT(table.err, HasSubstr("no data, which is not zero: 2016-04"));
}

TEST_F(Journey, CountsBothForcesOfAPlace) {
  const auto series = house_->Ask<v1::GetSeriesResponse>(
      "sandbox", {"measure", "series", "--category", "burglary", "--area", "X16000001", "--from",
                  "2016-03", "--to", "2016-03"});
  const auto extracts = series.series(0).points(0).figure().provenance().extracts();
  EXPECT_THAT(extracts, SizeIs(2));  // the territorial force's, and the transport police's
}

TEST_F(Journey, RanksOnlyHalfYearsThatHaveEveryMonth) {
  const auto ranks = house_->Ask<v1::GetRanksResponse>(
      "sandbox", {"measure", "rank", "--measure", "severity", "--period", "2016H1,2017H1"});
  ASSERT_EQ(ranks.periods_size(), 2);
  EXPECT_EQ(ranks.periods(0).undefined().reason(), v1::Undefined::MISSING_PERIOD);
  EXPECT_EQ(ranks.periods(0).rows_size(), 0);
  ASSERT_EQ(ranks.periods(0).months_without_data_size(), 1);
  ASSERT_EQ(ranks.periods(1).rows_size(), 4);
  const v1::RankRow& first = ranks.periods(1).rows(0);
  EXPECT_EQ(first.area().codes(0), "X16000002");
  EXPECT_EQ(first.observed_rank(), 1U);
  EXPECT_LE(first.rank_lower(), first.rank_upper());
  EXPECT_THAT(first.figure().caveats(), Contains(v1::Caveat::APPROXIMATE));
}

TEST_F(Journey, RanksPerResidentOnlyWhereResidentsAreLoaded) {
  const auto with = house_->Ask<v1::GetRanksResponse>(
      "sandbox", {"measure", "rank", "--measure", "severity", "--period", "2017H1"});
  EXPECT_THAT(with.periods(0).exposure(), HasSubstr("per 1,000 residents"));
  LoadWards("eastvale");
  house_->Do("eastvale", {"import", "police-uk", At("borough.zip")});
  const Said without =
      house_->Run("eastvale", {"measure", "rank", "--measure", "severity", "--period", "2017H1"});
  EXPECT_THAT(without.err,
              AllOf(HasSubstr("per area, not per resident"), HasSubstr("NO_POPULATION")));
}

TEST_F(Journey, TakesTheSameFileAgainWithoutAnEvent) {
  const std::string before = house_->Heads("sandbox");
  const auto again =
      house_->Ask<v1::ImportResult>("sandbox", {"import", "police-uk", At("borough.zip")});
  EXPECT_EQ(again.events(), 0U);
  EXPECT_EQ(again.extracts_accepted(), 0U);
  EXPECT_EQ(again.extracts_unchanged(), borough_.street.size());
  LoadWards("sandbox");
  house_->Do("sandbox", {"reference", "load", "populations", At("populations.csv"), "--valid-from",
                         "2015-06-30"});
  house_->Do("sandbox", {"import", "run", At("noise.csv"), "--profile", "agency-series", "--agency",
                         "council", "--title", "Noise complaints"});
  EXPECT_EQ(house_->Heads("sandbox"), before);
}

TEST_F(Journey, WritesNothingWhenItOnlyPlans) {
  const std::string before = house_->Heads("westmoor");
  const auto plan = house_->Ask<v1::ImportPlan>(
      "westmoor", {"import", "police-uk", At("borough.zip"), "--dry-run"});
  EXPECT_EQ(plan.rows_in(), borough_.rows);
  EXPECT_EQ(house_->Heads("westmoor"), before);
}

TEST_F(Journey, GivesTheSameFiguresFromAZipAFolderAndSingleFiles) {
  // Here the wards come after the crimes, which are then placed in them.
  house_->Do("eastvale", {"import", "police-uk", At("archive")});
  for (const auto& [name, content] : borough_.street) {
    house_->Do("westmoor", {"import", "police-uk", At("archive/" + name)});
  }
  LoadWards("eastvale");
  LoadWards("westmoor");
  const std::string zip = Export("sandbox");
  EXPECT_TRUE(Export("eastvale") == zip);
  EXPECT_TRUE(Export("westmoor") == zip);
}

TEST_F(Journey, AppliesOnlyTheDifferencesOfACorrectedMonth) {
  house_->Do("eastvale", {"import", "police-uk", At("archive")});
  LoadWards("eastvale");
  const auto before = Cells(Export("eastvale"));
  const std::string name = "2017-03/2017-03-westmoor-street.csv";
  std::vector<std::string> lines =
      absl::StrSplit(ReadFile(At("archive/" + name)), "\r\n", absl::SkipEmpty());
  const std::size_t rows = lines.size() - 1;
  // Three are solved, two (the first is violence in Eastgate) are withdrawn, a robbery is new.
  for (const std::size_t solved : {3U, 5U, 7U}) {
    ASSERT_THAT(lines[solved], HasSubstr("Violence"));
    lines[solved] =
        absl::StrReplaceAll(lines[solved], {{"Under investigation", "Offender given a caution"}});
  }
  lines.erase(lines.begin() + 1, lines.begin() + 3);
  lines.push_back(absl::StrCat(std::string(63, '0'),
                               "a,2017-03,Westmoor Police,Westmoor Police,1.350000,54.050000,"
                               "On or near Mill Lane,,,Robbery,Under investigation,"));
  const std::string corrected =
      WriteFile(At("corrected/2017-03-westmoor-street.csv"), absl::StrJoin(lines, "\r\n") + "\r\n");
  const auto result = house_->Ask<v1::ImportResult>("eastvale", {"import", "police-uk", corrected});
  EXPECT_EQ(result.plan().changed(), 3U);
  EXPECT_EQ(result.plan().withdrawn(), 2U);
  EXPECT_EQ(result.plan().new_rows(), 1U);
  EXPECT_EQ(result.plan().unchanged(), rows - 5);
  EXPECT_EQ(result.events(), 3U);  // opened, one piece of differences, accepted

  auto expected = before;
  const auto move = [&expected](const std::string& cell, int by) {
    expected[cell] = absl::StrCat(std::stoi(expected[cell]) + by);
  };
  move("X16000001,violent-crime,2017-03", -2);
  move("X16000004,robbery,2017-03", 1);
  EXPECT_TRUE(Cells(Export("eastvale")) == expected);

  // Taken back as a unit, the former figures stand again.
  house_->Do("eastvale", {"import", "revert", result.import_id(), "--reason", "Wrong file."});
  EXPECT_TRUE(Cells(Export("eastvale")) == before);
}

TEST_F(Journey, ListsEachRowThatItRefusesAndTakesTheRest) {
  std::string csv = absl::StrCat(kStreetHeader, "\r\n");
  for (int i = 0; i < 60; ++i) {
    absl::StrAppend(&csv,
                    ",2018-07,Eastvale Police,Eastvale Police,1.05,54.05,On or near Mill "
                    "Lane,,,",
                    i == 30 ? "Piracy" : "Burglary", ",Under investigation,\r\n");
  }
  const std::string path = WriteFile(At("2018-07-eastvale-street.csv"), csv);
  const Said said = house_->Run("westmoor", {"import", "police-uk", path});
  EXPECT_EQ(said.code, 0);
  EXPECT_THAT(said.err, AllOf(HasSubstr("60 rows read, 59 accepted"), HasSubstr("1 rejected"),
                              HasSubstr("line 32, Crime type")));
  const std::size_t plan = said.err.find("plan ");
  ASSERT_NE(plan, std::string::npos);
  const Said errors =
      house_->Run("westmoor", {"import", "errors", said.err.substr(plan + 5, 64), "-o", "csv"});
  EXPECT_THAT(errors.out, AllOf(HasSubstr("_error_field"), HasSubstr("Piracy")));
}

TEST_F(Journey, RefusesAReferenceFileWholeNamingLineAndColumn) {
  struct Bad {
    const char* name;
    std::string content;
    std::vector<std::string> said;
  };
  const std::vector<Bad> bad = {
      {"twice.csv",
       "area,residents\nX16000001,10\nX16000002,10\nX16000001,12\n",
       {"line 4, column area"}},
      {"stranger.csv", "area,residents\nX16000001,10\nX16000009,10\n", {"line 3, column area"}},
      {"column.csv", "area,houses\nX16000001,10\n", {"residents"}},
      {"text.csv", "area,residents\nX16000001,many\n", {"line 2, column residents"}},
  };
  const std::string before = house_->Heads("sandbox");
  for (const Bad& file : bad) {
    SCOPED_TRACE(file.name);
    const Said said = house_->Run(
        "sandbox", {"reference", "load", "populations", WriteFile(At(file.name), file.content),
                    "--valid-from", "2019-06-30"});
    EXPECT_NE(said.code, 0);
    for (const std::string& part : file.said) EXPECT_THAT(said.err, HasSubstr(part));
  }
  EXPECT_EQ(house_->Heads("sandbox"), before);
}

TEST_F(Journey, RefusesABadFileWithASentenceAndAppliesNothing) {
  const std::string good = borough_.street.front().second;
  const std::string zip = ZipOf(borough_.street);
  struct Bad {
    const char* name;
    std::string content;
    std::string said;
  };
  const std::vector<Bad> bad = {
      {"2012-11-westmoor-street.csv",
       "Month,Reported by,Falls within,Easting,Northing,Location,Crime type,Context\r\n"
       "2012-11,Westmoor Police,Westmoor Police,530000,180000,On or near Mill Lane,Burglary,\r\n",
       "Easting"},
      {"truncated.zip", zip.substr(0, zip.size() / 2), "zip"},
      {"2016-01-westmoor-street.csv", absl::StrReplaceAll(good, {{"Crime type", "Kind of crime"}}),
       "Kind of crime"},
      {"bomb.zip",
       ZipOf({{"2016-01/2016-01-westmoor-street.csv",
               absl::StrCat(kStreetHeader, "\r\n", std::string(40'000'000, ','))}}),
       "times"},
      {"2016-02-westmoor-street.csv",
       absl::StrReplaceAll(borough_.street[2].second, {{"Mill Lane", "Mill L\xE4ne"}}), "UTF-8"},
      {"empty.zip", "", "empty"},
      {"nested.zip", ZipOf({{"inner.zip", zip}}), "zip"},
      {"climbs.zip", ZipOf({{"../2016-01-westmoor-street.csv", good}}), ".."},
  };
  const std::string before = house_->Heads("sandbox");
  for (const Bad& file : bad) {
    SCOPED_TRACE(file.name);
    const Said said = house_->Run(
        "sandbox",
        {"import", "police-uk", WriteFile(At(absl::StrCat("bad/", file.name)), file.content)});
    EXPECT_NE(said.code, 0);
    EXPECT_THAT(said.err, HasSubstr(file.said));
  }
  EXPECT_EQ(house_->Heads("sandbox"), before);
}

TEST_F(Journey, TellsAbsentThingsTenantsAndUsageApartByExitCode) {
  EXPECT_EQ(house_->Run("nowhere", {"site", "list"}).code, 3);
  EXPECT_EQ(house_->Run("sandbox", {"import", "police-uk", At("no-such-file.zip")}).code, 3);
  EXPECT_EQ(house_->Run("sandbox", {"site", "list", "--nonsense"}).code, 2);
  EXPECT_EQ(
      house_->Run("sandbox", {"measure", "series", "--category", "burglary", "--from", "2016-13"})
          .code,
      2);
  EXPECT_EQ(house_->Run("sandbox", {"--as", "partner", "projection", "rebuild", "--all"}).code, 4);
}

TEST_F(Journey, ChecksFiguresByHandAndEveryOracle) {
  const Said rate =
      house_->Run("sandbox", {"statistics", "poisson_ci", R"({"interval":"garwood","x":7})"});
  EXPECT_EQ(rate.code, 0) << rate.err;
  EXPECT_THAT(rate.out, HasSubstr("2.81436"));
  if (!HasRealData()) GTEST_SKIP() << "skipped: ../shared/data is not here";
  const Said oracles =
      house_->Run("sandbox", {"statistics", "check", "../shared/data/statistics/oracles.csv"});
  EXPECT_EQ(oracles.code, 0) << oracles.err;
  EXPECT_THAT(oracles.out, ::testing::Not(HasSubstr("fail")));
}

}  // namespace
}  // namespace holdfast::flow
