// The journey of a new analyst over a whole platform in one process: geography, crimes, series,
// export, ranks, a corrected month, a baseline. Label grpc.

#include <filesystem>
#include <map>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "holdfast/metrics/v1/metrics.pb.h"

#include "absl/strings/str_cat.h"
#include "base/error.h"
#include "metrics/journey_fixtures.h"

namespace holdfast::metrics {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;

constexpr char kData[] = "../shared/data/";

const std::string kA(64, 'a');
const std::string kB(64, 'b');

TEST(Journey, CountsCrimesWhereTheyLieAndKeepsEqualRowsApart) {
  House house("places");
  ASSERT_TRUE(house.ok());
  ASSERT_TRUE(house.ImportWards(kTwoWards).ok());
  const auto result =
      house.Import("police-uk-street", "2017-03-westmoor-street.csv",
                   StreetCsv("2017-03", {{"", "0.050000,51.050000", "Anti-social behaviour", ""},
                                         {"", "0.050000,51.050000", "Anti-social behaviour", ""},
                                         {kA, "0.050000,51.050000"},
                                         {kA, "0.050000,51.050000"},
                                         {kB, "0.150000,51.050000"},
                                         {"", "0.950000,51.050000", "Robbery"}}));
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_EQ(result->plan().rows_in(), 6);
  EXPECT_EQ(result->plan().unlocated(), 1);
  EXPECT_EQ(result->extracts_accepted(), 1);
  EXPECT_EQ(house.Series("burglary", "X001", Month(2017, 3), Month(2017, 3)).at(201703), 2);
  EXPECT_EQ(house.Series("burglary", "X002", Month(2017, 3), Month(2017, 3)).at(201703), 1);
  EXPECT_EQ(
      house.Series("anti-social-behaviour", "X001", Month(2017, 3), Month(2017, 3)).at(201703), 2);
  EXPECT_EQ(house.Series("robbery", "X001", Month(2017, 3), Month(2017, 3)).at(201703), 0);
  EXPECT_EQ(house.Series("robbery", "", Month(2017, 3), Month(2017, 3)).at(201703), 1);
  EXPECT_TRUE(house.Series("robbery", "", Month(2017, 4), Month(2017, 4)).empty());
}

TEST(Journey, TakesTheSameFileOnceAndACorrectedOneAsItsDifferences) {
  House house("corrected");
  ASSERT_TRUE(house.ok());
  ASSERT_TRUE(house.ImportWards(kTwoWards).ok());
  const std::string name = "2017-03-westmoor-street.csv";
  const std::string first = StreetCsv("2017-03", {{kA, "0.050000,51.050000"},
                                                  {kA, "0.050000,51.050000"},
                                                  {kB, "0.150000,51.050000"},
                                                  {"", "0.150000,51.050000", "Robbery"}});
  ASSERT_TRUE(house.Import("police-uk-street", name, first).ok());
  const auto again = house.Import("police-uk-street", name, first);
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(again->events(), 0);
  EXPECT_EQ(again->extracts_unchanged(), 1);

  // One of the equal rows is gone, one crime was solved, one is new.
  const std::string corrected =
      StreetCsv("2017-03", {{kA, "0.050000,51.050000"},
                            {kB, "0.150000,51.050000", "Burglary", "Offender sent to prison"},
                            {"", "0.150000,51.050000", "Robbery"},
                            {"", "0.150000,51.050000", "Robbery"}});
  const auto plan = house.Plan("police-uk-street", name, corrected);
  ASSERT_TRUE(plan.ok()) << plan.status();
  EXPECT_EQ(plan->new_rows(), 1);
  EXPECT_EQ(plan->withdrawn(), 1);
  EXPECT_EQ(plan->changed(), 1);
  EXPECT_EQ(plan->unchanged(), 2);
  const auto applied = house.Apply(*plan);
  ASSERT_TRUE(applied.ok()) << applied.status();
  EXPECT_EQ(applied->events(), 3);  // opened, one piece, accepted
  EXPECT_EQ(house.Series("burglary", "X001", Month(2017, 3), Month(2017, 3)).at(201703), 1);
  EXPECT_EQ(house.Series("robbery", "X002", Month(2017, 3), Month(2017, 3)).at(201703), 2);
  const auto twice = house.Apply(*plan);
  ASSERT_TRUE(twice.ok()) << twice.status();
  EXPECT_EQ(twice->events(), 0);

  // And back to the first file, from a month that was corrected before.
  ASSERT_TRUE(house.Import("police-uk-street", name, first).ok());
  EXPECT_EQ(house.Series("burglary", "X001", Month(2017, 3), Month(2017, 3)).at(201703), 2);
  EXPECT_EQ(house.Series("robbery", "X002", Month(2017, 3), Month(2017, 3)).at(201703), 1);

  v1::RevertImportRequest revert;
  revert.set_import_id(plan->token());
  revert.set_reason("Wrong file.");
  const auto refused = house.Ask<v1::ImportResult>("RevertImport", revert);
  EXPECT_EQ(ReasonOf(refused.status()), "NOT_CURRENT");
}

TEST(Journey, TakesAnImportBackAsAUnit) {
  House house("revert");
  ASSERT_TRUE(house.ok());
  ASSERT_TRUE(house.ImportWards(kTwoWards).ok());
  const auto imported = house.Import("police-uk-street", "2017-03-westmoor-street.csv",
                                     StreetCsv("2017-03", {{kA, "0.050000,51.050000"}}));
  ASSERT_TRUE(imported.ok()) << imported.status();
  v1::RevertImportRequest revert;
  revert.set_import_id(imported->import_id());
  revert.set_reason("Wrong file.");
  const auto reverted = house.Ask<v1::ImportResult>("RevertImport", revert);
  ASSERT_TRUE(reverted.ok()) << reverted.status();
  EXPECT_EQ(reverted->extracts_reverted(), 1);
  EXPECT_TRUE(house.Series("burglary", "X001", Month(2017, 3), Month(2017, 3)).empty());
}

TEST(Journey, ResolvesCrimesInAreasThatCameAfterThem) {
  House house("late-areas");
  ASSERT_TRUE(house.ok());
  const auto imported =
      house.Import("police-uk-street", "2017-03-westmoor-street.csv",
                   StreetCsv("2017-03", {{kA, "0.050000,51.050000"}, {kB, "0.150000,51.050000"}}));
  ASSERT_TRUE(imported.ok()) << imported.status();
  EXPECT_EQ(imported->plan().unlocated(), 2);
  const auto wards = house.ImportWards(kTwoWards);
  ASSERT_TRUE(wards.ok()) << wards.status();
  EXPECT_EQ(wards->relocated(), 2);
  EXPECT_EQ(house.Series("burglary", "X001", Month(2017, 3), Month(2017, 3)).at(201703), 1);
  const auto again = house.ImportWards(kTwoWards);
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_TRUE(again->already_so());
  EXPECT_EQ(again->relocated(), 0);
  // An area of one vintage never changes.
  std::string other(kTwoWards);
  other.replace(other.find("Westgate"), 8, "Eastgate");
  EXPECT_EQ(ReasonOf(house.ImportWards(other).status()), "CONTENT_DIFFERS");
}

TEST(Journey, TakesTheWardsOfASecondDistrictIntoTheSetOfTheFirst) {
  House house("districts");
  ASSERT_TRUE(house.ok());
  ASSERT_TRUE(house.ImportWards(kTwoWards).ok());
  const type::v1::Month march = Month(2017, 3);
  const std::string name = "2017-03-westmoor-street.csv";
  const Crime inside{kA, "0.050000,51.050000"};
  const Crime east{kB, "0.250000,51.050000"};
  const Crime far{"", "0.950000,51.050000"};
  const auto imported =
      house.Import("police-uk-street", name, StreetCsv("2017-03", {inside, east, east, far}));
  ASSERT_TRUE(imported.ok()) << imported.status();
  EXPECT_EQ(house.Unlocated(march), 3);

  const auto joined = house.ImportWards(kTwoMoreWards);
  ASSERT_TRUE(joined.ok()) << joined.status();
  EXPECT_EQ(joined->version(), 2);
  EXPECT_EQ(joined->rows_before(), 2);
  EXPECT_EQ(joined->rows_added(), 2);
  EXPECT_EQ(joined->relocated(), 2);
  EXPECT_EQ(house.Unlocated(march), 1);
  EXPECT_EQ(house.Series("burglary", "X003", march, march).at(201703), 2);
  EXPECT_EQ(house.Series("burglary", "X001", march, march).at(201703), 1);
  EXPECT_EQ(house.Series("burglary", "", march, march).at(201703), 4);

  const auto again = house.ImportWards(kTwoMoreWards);
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_TRUE(again->already_so());
  EXPECT_EQ(again->relocated(), 0);

  // A corrected month takes a crime out of the ward in which it counts, and goes back with it.
  const auto corrected =
      house.Import("police-uk-street", name, StreetCsv("2017-03", {inside, east, far}));
  ASSERT_TRUE(corrected.ok()) << corrected.status();
  EXPECT_EQ(house.Series("burglary", "X003", march, march).at(201703), 1);
  EXPECT_EQ(house.Unlocated(march), 1);
  v1::RevertImportRequest revert;
  revert.set_import_id(corrected->import_id());
  revert.set_reason("Wrong file.");
  ASSERT_TRUE(house.Ask<v1::ImportResult>("RevertImport", revert).ok());
  EXPECT_EQ(house.Series("burglary", "X003", march, march).at(201703), 2);

  v1::ListAreasRequest list;
  const auto areas = house.Ask<v1::ListAreasResponse>("ListAreas", list);
  ASSERT_TRUE(areas.ok());
  ASSERT_THAT(areas->sets(), SizeIs(1));
  EXPECT_THAT(areas->sets(0).areas(), SizeIs(4));
}

TEST(Journey, AddsOfAFileOnlyTheAreasThatAreNotThereAndRefusesOneThatDiffers) {
  House house("overlap");
  ASSERT_TRUE(house.ok());
  ASSERT_TRUE(house.ImportWards(kTwoWards).ok());
  // Both districts in one file.
  std::string both(kTwoWards);
  both.resize(both.rfind(']'));
  const std::string more(kTwoMoreWards);
  both += "," + more.substr(more.find('[') + 1);
  std::string moved = both;
  moved.replace(moved.find("[0.2,51.1]"), 10, "[0.2,51.2]");
  const auto refused = house.ImportWards(moved);
  EXPECT_EQ(ReasonOf(refused.status()), "CONTENT_DIFFERS");
  EXPECT_THAT(std::string(refused.status().message()), HasSubstr("X002"));
  EXPECT_THAT(std::string(refused.status().message()), HasSubstr("vintage"));

  const auto joined = house.ImportWards(both);
  ASSERT_TRUE(joined.ok()) << joined.status();
  EXPECT_EQ(joined->rows(), 4);
  EXPECT_EQ(joined->rows_added(), 2);
  const auto first = house.ImportWards(kTwoWards);
  ASSERT_TRUE(first.ok()) << first.status();
  EXPECT_TRUE(first->already_so());
  const auto second = house.ImportWards(kTwoMoreWards);
  ASSERT_TRUE(second.ok()) << second.status();
  EXPECT_TRUE(second->already_so());
}

TEST(Journey, PlacesCrimesByALookupThatCameAfterThemAndTakesThemOutAgain) {
  House house("lookup");
  ASSERT_TRUE(house.ok());
  ASSERT_TRUE(house.ImportWards(kTwoWards).ok());
  const type::v1::Month march = Month(2017, 3);
  const std::string name = "2017-03-westmoor-street.csv";
  const auto street = [](int crimes) {
    std::string csv = kHeader;
    for (int i = 0; i < crimes; ++i) {
      csv +=
          ",2017-03,Westmoor Police,Westmoor Police,0.050000,51.050000,On or near Mill "
          "Lane,E01000001,Westmoor 001A,Burglary,Under investigation,\r\n";
    }
    return csv;
  };
  ASSERT_TRUE(house.Import("police-uk-street", name, street(3)).ok());
  EXPECT_EQ(house.Series("burglary", "X001", march, march).at(201703), 3);
  const auto lookup = house.ImportRows("lookups", "lsoa,area\nE01000001,X002\n");
  ASSERT_TRUE(lookup.ok()) << lookup.status();
  EXPECT_EQ(lookup->relocated(), 3);
  EXPECT_EQ(house.Series("burglary", "X001", march, march).at(201703), 0);
  EXPECT_EQ(house.Series("burglary", "X002", march, march).at(201703), 3);
  ASSERT_TRUE(house.Import("police-uk-street", name, street(1)).ok());
  EXPECT_EQ(house.Series("burglary", "X001", march, march).at(201703), 0);
  EXPECT_EQ(house.Series("burglary", "X002", march, march).at(201703), 1);
}

TEST(Journey, ReadsTheResidentsOfTwoDistrictsTogether) {
  House house("two-residents");
  ASSERT_TRUE(house.ok());
  ASSERT_TRUE(house.ImportWards(kTwoWards).ok());
  ASSERT_TRUE(house.ImportRows("populations", "area,residents\nX001,5000\nX002,4000\n").ok());
  ASSERT_TRUE(house.ImportWards(kTwoMoreWards).ok());
  const auto joined =
      house.ImportRows("populations", "area,residents\nX003,3000\nX004,2000\nX001,5000\n");
  ASSERT_TRUE(joined.ok()) << joined.status();
  EXPECT_EQ(joined->rows_before(), 2);
  EXPECT_EQ(joined->rows_added(), 2);
  ASSERT_TRUE(house
                  .Ask<v1::PublishShippedReferenceResponse>("PublishShippedReference",
                                                            v1::PublishShippedReferenceRequest())
                  .ok());
  v1::GetRanksRequest ranks;
  ranks.set_measure("crime");
  ranks.add_periods("2017H1");
  const auto ranked = house.Ask<v1::GetRanksResponse>("GetRanks", ranks);
  ASSERT_TRUE(ranked.ok()) << ranked.status();
  EXPECT_THAT(ranked->periods(0).exposure(), HasSubstr("populations@1+2 from 2016-06-30"));
}

TEST(Journey, KeepsTheAgencyAndTheTitleOfASeries) {
  House house("identity");
  ASSERT_TRUE(house.ok());
  ASSERT_TRUE(house.ImportWards(kTwoWards).ok());
  v1::PlanImportRequest request;
  request.set_profile("agency-series");
  request.set_agency("council");
  request.set_title("Fly-tipping");
  *request.add_files() = house.Upload("fly-tipping.csv", "area,month,count\nX001,2017-01,7\n");
  const auto plan = house.Ask<v1::ImportPlan>("PlanImport", request);
  ASSERT_TRUE(plan.ok()) << plan.status();
  ASSERT_TRUE(house.Apply(*plan).ok());

  v1::PlanImportRequest other = request;
  other.set_agency("fire-service");
  other.set_title("Bins");
  const auto refused = house.Ask<v1::ImportPlan>("PlanImport", other);
  EXPECT_EQ(refused.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(refused.status().ToString(), HasSubstr("agency"));
  EXPECT_THAT(refused.status().ToString(), HasSubstr("title"));

  // What is left out is as it was, also in a file that changes the series.
  request.clear_agency();
  request.clear_title();
  *request.mutable_files(0) = house.Upload("fly-tipping.csv", "area,month,count\nX001,2017-01,9\n");
  const auto changed = house.Ask<v1::ImportPlan>("PlanImport", request);
  ASSERT_TRUE(changed.ok()) << changed.status();
  ASSERT_TRUE(house.Apply(*changed).ok());
  const auto datasets =
      house.Ask<v1::ListDatasetsResponse>("ListDatasets", v1::ListDatasetsRequest());
  ASSERT_TRUE(datasets.ok());
  EXPECT_EQ(datasets->datasets(0).agency(), "council");
  EXPECT_EQ(datasets->datasets(0).title(), "Fly-tipping");
}

// Everything that a watch delivers until it ends.
std::vector<v1::ImportProgress> Watched(House& house, const std::string& token) {
  std::vector<v1::ImportProgress> all;
  const auto watch = house.Watch(token);
  v1::ImportProgress progress;
  while (true) {
    const auto more = watch->Read(progress);
    EXPECT_TRUE(more.ok()) << more.status();
    if (!more.ok() || !*more) return all;
    all.push_back(progress);
  }
}

TEST(Journey, TellsTheEndOfAnImportToWhoAsksAfterwards) {
  House house("watch");
  ASSERT_TRUE(house.ok());
  ASSERT_TRUE(house.ImportWards(kTwoWards).ok());
  const std::string name = "2017-03-westmoor-street.csv";
  const auto first =
      house.Import("police-uk-street", name, StreetCsv("2017-03", {{kA, "0.050000,51.050000"}}));
  ASSERT_TRUE(first.ok()) << first.status();
  const auto expect_end = [&](const std::string& token) {
    const auto told = Watched(house, token);
    ASSERT_THAT(told, SizeIs(1));
    EXPECT_TRUE(told[0].done());
    EXPECT_EQ(told[0].months_done(), 1);
    EXPECT_EQ(told[0].rows_done(), 1);
  };
  expect_end(first->import_id());
  // Corrected since by another import, which was then taken back.
  const auto second =
      house.Import("police-uk-street", name, StreetCsv("2017-03", {{kB, "0.150000,51.050000"}}));
  ASSERT_TRUE(second.ok()) << second.status();
  expect_end(first->import_id());
  expect_end(second->import_id());
  v1::RevertImportRequest revert;
  revert.set_import_id(second->import_id());
  revert.set_reason("Wrong file.");
  ASSERT_TRUE(house.Ask<v1::ImportResult>("RevertImport", revert).ok());
  expect_end(second->import_id());
}

TEST(Journey, RefusesAFileThatIsNoneAndAppliesNothing) {
  House house("bad");
  ASSERT_TRUE(house.ok());
  ASSERT_TRUE(house.ImportWards(kTwoWards).ok());
  const auto refused = house.Plan("police-uk-street", "2012-03-westmoor-street.csv",
                                  "Month,Easting,Northing\r\n2012-03,1,2\r\n");
  EXPECT_EQ(ReasonOf(refused.status()), "FILE_REFUSED") << refused.status();
  EXPECT_THAT(std::string(refused.status().message()), HasSubstr("2012-03-westmoor-street.csv"));
  const auto cut = house.Plan("police-uk-street", "crimes.zip", std::string("PK\3\4 and no more"));
  EXPECT_EQ(ReasonOf(cut.status()), "FILE_REFUSED") << cut.status();
  const auto extracts =
      house.Ask<v1::ListExtractsResponse>("ListExtracts", v1::ListExtractsRequest());
  ASSERT_TRUE(extracts.ok()) << extracts.status();
  EXPECT_THAT(extracts->extracts(), SizeIs(0));
}

TEST(Journey, RefusesAMonthThatHasNotBegun) {
  House house("future");
  ASSERT_TRUE(house.ok());
  ASSERT_TRUE(house.ImportWards(kTwoWards).ok());
  const auto crimes = house.Plan("police-uk-street", "2999-03-westmoor-street.csv",
                                 StreetCsv("2999-03", {{kA, "0.050000,51.050000"}}));
  EXPECT_EQ(ReasonOf(crimes.status()), "FILE_REFUSED");
  EXPECT_THAT(std::string(crimes.status().message()), HasSubstr("2999-03 has not begun"));
  const auto series =
      house.Plan("agency-series", "noise.csv", "area,month,count\nX001,2999-03,7\n");
  EXPECT_EQ(ReasonOf(series.status()), "FILE_REFUSED");
}

TEST(Journey, GivesEveryRefusedLineOfASeriesBackToBeMended) {
  House house("series-errors");
  ASSERT_TRUE(house.ok());
  ASSERT_TRUE(house.ImportWards(kTwoWards).ok());
  const auto plan = house.Plan("agency-series", "noise.csv",
                               "month,area,count\n2017-01,X001,7\n2017-01,X009,3\n"
                               "2017-13,X001,3\n2017-02,X002,many\n2017-02,X001,4\n");
  ASSERT_TRUE(plan.ok()) << plan.status();
  EXPECT_EQ(plan->rows_in(), 5);
  EXPECT_EQ(plan->accepted(), 2);
  EXPECT_EQ(plan->rejected(), 3);
  EXPECT_THAT(plan->faults(), SizeIs(3));
  EXPECT_EQ(plan->months(0).rejected(), 2);
  EXPECT_EQ(plan->months(1).rejected(), 1);
  v1::ListImportErrorsRequest errors;
  errors.set_token(plan->token());
  const auto listed = house.Ask<v1::ListImportErrorsResponse>("ListImportErrors", errors);
  ASSERT_TRUE(listed.ok()) << listed.status();
  for (const char* line : {"2017-01,X009,3", "2017-13,X001,3", "2017-02,X002,many"}) {
    EXPECT_THAT(listed->csv(), HasSubstr(line));
  }

  const auto none = house.Plan("agency-series", "none.csv", "area,month,count\nX009,2017-01,7\n");
  EXPECT_EQ(ReasonOf(none.status()), "FILE_REFUSED");
  EXPECT_THAT(std::string(none.status().message()), HasSubstr("none.csv, line 2"));
}

TEST(Journey, AccountsForEveryLineAndHoldsAFileWithTooManyBadOnes) {
  House house("held");
  ASSERT_TRUE(house.ok());
  ASSERT_TRUE(house.ImportWards(kTwoWards).ok());
  const auto result = house.Import(
      "police-uk-street", "2017-03-westmoor-street.csv",
      StreetCsv("2017-03", {{kA, "0.050000,51.050000"}, {kB, "0.050000,51.050000", "Piracy"}}));
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_EQ(result->plan().rows_in(), 2);
  EXPECT_EQ(result->plan().accepted(), 1);
  EXPECT_EQ(result->plan().rejected(), 1);
  ASSERT_THAT(result->plan().faults(), SizeIs(1));
  EXPECT_EQ(result->plan().faults(0).line(), 3);
  EXPECT_EQ(result->plan().faults(0).field(), "Crime type");
  EXPECT_EQ(result->extracts_quarantined(), 1);
  EXPECT_TRUE(house.Series("burglary", "X001", Month(2017, 3), Month(2017, 3)).empty());

  v1::ListImportErrorsRequest errors;
  errors.set_token(result->import_id());
  const auto listed = house.Ask<v1::ListImportErrorsResponse>("ListImportErrors", errors);
  ASSERT_TRUE(listed.ok()) << listed.status();
  EXPECT_THAT(listed->csv(), HasSubstr("_error_code"));

  v1::ApproveImportRequest approve;
  approve.set_import_id(result->import_id());
  approve.set_reason("One odd type, checked with the force.");
  ASSERT_TRUE(house.Ask<v1::ImportResult>("ApproveImport", approve).ok());
  EXPECT_EQ(house.Series("burglary", "X001", Month(2017, 3), Month(2017, 3)).at(201703), 1);
}

TEST(Journey, TakesAPartnersSeriesAndRanksByShippedWeights) {
  House house("partner");
  ASSERT_TRUE(house.ok());
  ASSERT_TRUE(house.ImportWards(kTwoWards).ok());
  const auto shipped = house.Ask<v1::PublishShippedReferenceResponse>(
      "PublishShippedReference", v1::PublishShippedReferenceRequest());
  ASSERT_TRUE(shipped.ok()) << shipped.status();
  EXPECT_EQ(shipped->sets(), 1);
  EXPECT_EQ(shipped->measures(), 16);
  const auto twice = house.Ask<v1::PublishShippedReferenceResponse>(
      "PublishShippedReference", v1::PublishShippedReferenceRequest());
  ASSERT_TRUE(twice.ok()) << twice.status();
  EXPECT_EQ(twice->sets() + twice->measures(), 0);

  const auto series = house.Import("agency-series", "council-fly-tipping.csv",
                                   "area,month,count\nX001,2017-01,7\nX002,2017-01,0\n"
                                   "X009,2017-01,3\n");
  ASSERT_TRUE(series.ok()) << series.status();
  EXPECT_EQ(series->plan().accepted(), 2);
  EXPECT_EQ(series->plan().rejected(), 1);
  EXPECT_EQ(series->plan().faults(0).code(), "UNKNOWN_AREA");

  std::vector<v1::UploadedFile> files;
  v1::PlanImportRequest request;
  request.set_profile("police-uk-street");
  for (int month = 1; month <= 6; ++month) {
    std::vector<Crime> crimes(static_cast<std::size_t>(10 + month),
                              Crime{"", "0.050000,51.050000", "Robbery"});
    crimes.push_back({"", "0.150000,51.050000", "Shoplifting"});
    const std::string name = absl::StrCat("2017-0", month);
    *request.add_files() = house.Upload(name + "-westmoor-street.csv", StreetCsv(name, crimes));
  }
  const auto plan = house.Ask<v1::ImportPlan>("PlanImport", request);
  ASSERT_TRUE(plan.ok()) << plan.status();
  ASSERT_TRUE(house.Apply(*plan).ok());

  v1::GetRanksRequest ranks;
  ranks.set_measure("severity");
  ranks.mutable_areas()->set_kind("ward");
  ranks.add_periods("2017H1");
  ranks.add_periods("2017H2");
  const auto ranked = house.Ask<v1::GetRanksResponse>("GetRanks", ranks);
  ASSERT_TRUE(ranked.ok()) << ranked.status();
  const auto& half = ranked->periods(0);
  ASSERT_THAT(half.rows(), SizeIs(2));
  EXPECT_EQ(half.exposure(), "per area, not per resident");
  EXPECT_EQ(half.rows(0).area().codes(0), "X001");
  EXPECT_EQ(half.rows(0).observed_rank(), 1);
  EXPECT_DOUBLE_EQ(half.rows(0).figure().value().estimate(), 81 * 746.0);
  EXPECT_DOUBLE_EQ(half.rows(1).figure().value().estimate(), 6 * 13.0);
  EXPECT_EQ(ranked->periods(1).undefined().reason(), v1::Undefined::MISSING_PERIOD);

  const auto same = house.Ask<v1::GetRanksResponse>("GetRanks", ranks);
  ASSERT_TRUE(same.ok());
  EXPECT_EQ(same->periods(0).SerializeAsString(), half.SerializeAsString());

  v1::ClosePeriodRequest close;
  close.set_measure_id("severity");
  close.set_period("2017H1");
  close.set_kind("ward");
  const auto closed = house.Ask<type::v1::Receipt>("ClosePeriod", close);
  ASSERT_TRUE(closed.ok()) << closed.status();
  const auto kept = house.Ask<v1::GetRanksResponse>("GetRanks", ranks);
  ASSERT_TRUE(kept.ok());
  EXPECT_EQ(kept->periods(0).rows(0).rank_upper(), half.rows(0).rank_upper());
}

TEST(Journey, GivesAnAreaOutsideTheDataNeitherAZeroNorARank) {
  House house("outside");
  ASSERT_TRUE(house.ok());
  ASSERT_TRUE(house.ImportWards(kTwoWards).ok());
  ASSERT_TRUE(house
                  .Ask<v1::PublishShippedReferenceResponse>("PublishShippedReference",
                                                            v1::PublishShippedReferenceRequest())
                  .ok());
  const auto import = [&](int months, const std::vector<Crime>& more) {
    v1::PlanImportRequest request;
    request.set_profile("police-uk-street");
    for (int month = 1; month <= months; ++month) {
      std::vector<Crime> crimes(3, Crime{"", "0.050000,51.050000", "Robbery"});
      crimes.push_back({"", "0.150000,51.050000", "Robbery"});
      crimes.insert(crimes.end(), more.begin(), more.end());
      const std::string name = absl::StrCat("2017-0", month);
      *request.add_files() = house.Upload(name + "-westmoor-street.csv", StreetCsv(name, crimes));
    }
    const auto plan = house.Ask<v1::ImportPlan>("PlanImport", request);
    ASSERT_TRUE(plan.ok()) << plan.status();
    ASSERT_TRUE(house.Apply(*plan).ok());
  };
  import(6, {});
  ASSERT_TRUE(house.ImportWards(kTwoMoreWards).ok());  // X003 and X004, of which no crime is known

  v1::GetRanksRequest ranks;
  ranks.set_measure("crime");
  ranks.add_periods("2017H1");
  auto ranked = house.Ask<v1::GetRanksResponse>("GetRanks", ranks);
  ASSERT_TRUE(ranked.ok()) << ranked.status();
  EXPECT_EQ(ranked->periods(0).areas(), 2);
  EXPECT_THAT(ranked->periods(0).rows(), SizeIs(2));
  ASSERT_THAT(ranked->periods(0).areas_without_data(), SizeIs(2));
  EXPECT_EQ(ranked->periods(0).areas_without_data(0).name(), "Moorside");
  EXPECT_THAT(ranked->periods(0).caveats(), Contains(v1::Caveat::SOME_WITHOUT_DATA));

  v1::GetSeriesRequest series;
  series.set_measure("crime");
  series.mutable_areas()->set_kind("ward");
  series.mutable_areas()->add_codes("X003");
  const auto drawn = house.Ask<v1::GetSeriesResponse>("GetSeries", series);
  ASSERT_TRUE(drawn.ok()) << drawn.status();
  ASSERT_THAT(drawn->series(0).points(), SizeIs(6));
  for (const auto& point : drawn->series(0).points()) {
    EXPECT_EQ(point.completeness(), v1::Completeness::MISSING);
    EXPECT_FALSE(point.has_count());
    EXPECT_EQ(point.figure().undefined().reason(), v1::Undefined::INCOMPLETE_POPULATION);
  }

  v1::CompareAreasRequest compare;
  compare.set_measure("crime");
  *compare.mutable_areas() = series.areas();
  *compare.mutable_from() = Month(2017, 4);
  *compare.mutable_to() = Month(2017, 6);
  compare.mutable_comparison()->set_kind("ward");
  compare.mutable_comparison()->add_codes("X001");
  const auto compared = house.Ask<v1::CompareAreasResponse>("CompareAreas", compare);
  ASSERT_TRUE(compared.ok()) << compared.status();
  EXPECT_FALSE(compared->changes(0).has_count());
  EXPECT_EQ(compared->changes(0).comparison_count(), 9);
  EXPECT_EQ(compared->changes(0).rate_ratio().undefined().reason(),
            v1::Undefined::INCOMPLETE_POPULATION);

  v1::ExportCountsRequest counts;
  counts.mutable_areas()->set_kind("ward");
  const auto exported = house.Ask<v1::ExportCountsResponse>("ExportCounts", counts);
  ASSERT_TRUE(exported.ok()) << exported.status();
  for (const auto& row : exported->rows()) {
    EXPECT_EQ(row.no_data(), row.area() == "X003" || row.area() == "X004") << row.area();
  }

  v1::CheckBaselineRequest check;
  check.mutable_request()->set_site_id("westgate");
  check.mutable_request()->add_areas("X001");
  check.mutable_request()->add_areas("X003");
  const auto checked = house.Ask<v1::CheckBaselineResponse>("CheckBaseline", check);
  ASSERT_TRUE(checked.ok()) << checked.status();
  EXPECT_FALSE(checked->would_lock());
  EXPECT_THAT(checked->missing_months(), Contains("crime in X003"));
  EXPECT_THAT(checked->missing_months(), Not(Contains(HasSubstr("X001"))));

  // One crime in one month: from then on the area's other months are 0.
  import(1, {{ "", "0.250000,51.050000", "Burglary" }});
  ranked = house.Ask<v1::GetRanksResponse>("GetRanks", ranks);
  ASSERT_TRUE(ranked.ok()) << ranked.status();
  EXPECT_EQ(ranked->periods(0).areas(), 3);
  ASSERT_THAT(ranked->periods(0).areas_without_data(), SizeIs(1));
  EXPECT_EQ(ranked->periods(0).areas_without_data(0).codes(0), "X004");
  EXPECT_EQ(ranked->periods(0).rows(2).area().codes(0), "X003");
  const auto later = house.Ask<v1::GetSeriesResponse>("GetSeries", series);
  ASSERT_TRUE(later.ok());
  EXPECT_EQ(later->series(0).points(0).count(), 1);
  EXPECT_EQ(later->series(0).points(5).count(), 0);
  EXPECT_TRUE(later->series(0).points(5).has_count());
}

TEST(Journey, ReadsACellThatAPartnerDidNotSendAsNoData) {
  House house("partner-cells");
  ASSERT_TRUE(house.ok());
  ASSERT_TRUE(house.ImportWards(kTwoWards).ok());
  ASSERT_TRUE(house
                  .Import("agency-series", "council-fly-tipping.csv",
                          "area,month,count\nX001,2017-01,7\nX002,2017-01,0\nX001,2017-02,5\n")
                  .ok());
  v1::GetSeriesRequest request;
  request.set_measure("council-fly-tipping");
  request.mutable_areas()->set_kind("ward");
  request.mutable_areas()->add_codes("X001");
  request.mutable_areas()->add_codes("X002");
  request.set_each(true);
  const auto answer = house.Ask<v1::GetSeriesResponse>("GetSeries", request);
  ASSERT_TRUE(answer.ok()) << answer.status();
  ASSERT_THAT(answer->series(), SizeIs(2));
  const auto& second = answer->series(1);
  EXPECT_TRUE(second.points(0).has_count());
  EXPECT_EQ(second.points(0).count(), 0);
  EXPECT_EQ(second.points(1).completeness(), v1::Completeness::MISSING);
  EXPECT_FALSE(second.points(1).has_count());
  EXPECT_EQ(answer->series(0).points(1).count(), 5);
}

TEST(Journey, ReadsResidentsFromTheirFirstDayOnAndRefusesAnUnknownArea) {
  House house("residents");
  ASSERT_TRUE(house.ok());
  ASSERT_TRUE(house.ImportWards(kTwoWards).ok());
  v1::ImportReferenceRequest request;
  request.set_set("populations");
  request.mutable_valid_from()->set_year(2016);
  request.mutable_valid_from()->set_month(6);
  request.mutable_valid_from()->set_day(30);
  *request.mutable_file() = house.Upload("residents.csv", "area,residents\nX001,5000\nX009,4000\n");
  const auto unknown = house.Ask<v1::ImportReferenceResponse>("ImportReference", request);
  EXPECT_EQ(unknown.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(unknown.status().message()), HasSubstr("line 3"));
  *request.mutable_file() = house.Upload("residents.csv", "area,residents\nX001,5000\nX002,4000\n");
  const auto loaded = house.Ask<v1::ImportReferenceResponse>("ImportReference", request);
  ASSERT_TRUE(loaded.ok()) << loaded.status();
  EXPECT_EQ(loaded->rows(), 2);
  EXPECT_EQ(loaded->area_set().vintage(), "2013");
  *request.mutable_file() = house.Upload("residents.csv", "area,residents\nX001,5001\nX002,4000\n");
  const auto overlaps = house.Ask<v1::ImportReferenceResponse>("ImportReference", request);
  EXPECT_EQ(ReasonOf(overlaps.status()), "OVERLAPPING_VALIDITY");
}

TEST(Journey, LoadsTheWardsOfTwoRealDistrictsIntoOneSet) {
  const std::string folder = std::string(kData) + "geography/wards-2013-";
  const std::string first = folder + "barking-and-dagenham.geojson";
  const std::string second = folder + "bradford.geojson";
  if (!std::filesystem::exists(first) || !std::filesystem::exists(second)) {
    GTEST_SKIP() << "skipped: the open data is not here";
  }
  House house("real-districts");
  ASSERT_TRUE(house.ok());
  ASSERT_TRUE(house.ImportWards(Content(first)).ok());
  const auto joined = house.ImportWards(Content(second));
  ASSERT_TRUE(joined.ok()) << joined.status();
  EXPECT_EQ(joined->rows_before(), 17);
  EXPECT_EQ(joined->rows_added(), 30);
  v1::GetOutlinesRequest outlines;
  outlines.set_kind("ward");
  const auto drawn = house.Ask<v1::GetOutlinesResponse>("GetOutlines", outlines);
  ASSERT_TRUE(drawn.ok()) << drawn.status();
  EXPECT_THAT(drawn->features(), SizeIs(47));
}

// 53,227 rows of a real borough: the counts of its MANIFEST.md.
TEST(Journey, CountsARealBoroughAsItsManifestDoes) {
  const std::string zip = std::string(kData) + "police-uk/barking-and-dagenham-2016-01-2018-06.zip";
  const std::string wards =
      std::string(kData) + "geography/wards-2013-barking-and-dagenham.geojson";
  if (!std::filesystem::exists(zip) || !std::filesystem::exists(wards)) {
    GTEST_SKIP() << "skipped: the open data is not here";
  }
  House house("borough");
  ASSERT_TRUE(house.ok());
  const auto areas = house.ImportWards(Content(wards));
  ASSERT_TRUE(areas.ok()) << areas.status();
  EXPECT_EQ(areas->rows(), 17);
  ASSERT_TRUE(house
                  .Ask<v1::PublishShippedReferenceResponse>("PublishShippedReference",
                                                            v1::PublishShippedReferenceRequest())
                  .ok());
  const auto plan = house.Plan("police-uk-street", "borough.zip", Content(zip));
  ASSERT_TRUE(plan.ok()) << plan.status();
  EXPECT_EQ(plan->rows_in(), 53'227);
  EXPECT_EQ(plan->accepted() + plan->rejected(), 53'227);
  EXPECT_EQ(plan->rejected(), 0);
  EXPECT_EQ(plan->unlocated(), 4);
  EXPECT_EQ(plan->new_rows(), 53'227);
  ASSERT_THAT(plan->missing(), SizeIs(1));
  EXPECT_EQ(plan->missing(0).month().month(), 4);
  const auto before =
      house.Ask<v1::ListExtractsResponse>("ListExtracts", v1::ListExtractsRequest());
  ASSERT_TRUE(before.ok());
  EXPECT_THAT(before->extracts(), SizeIs(0));  // a plan writes nothing

  const auto applied = house.Apply(*plan);
  ASSERT_TRUE(applied.ok()) << applied.status();
  EXPECT_EQ(applied->extracts_accepted(), 56);
  const auto again = house.Import("police-uk-street", "borough.zip", Content(zip));
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(again->events(), 0);
  EXPECT_EQ(again->extracts_unchanged(), 56);

  v1::ExportCountsRequest request;
  request.mutable_areas()->set_kind("ward");
  request.add_by(v1::ExportCountsRequest::CATEGORY);
  request.add_by(v1::ExportCountsRequest::MONTH);
  const auto exported = house.Ask<v1::ExportCountsResponse>("ExportCounts", request);
  ASSERT_TRUE(exported.ok()) << exported.status();
  EXPECT_EQ(exported->rows_size(), 18 * 14 * 30);
  std::map<std::string, std::uint64_t> by_area;
  std::map<std::string, std::uint64_t> by_category;
  int no_data = 0;
  for (const auto& row : exported->rows()) {
    by_area[row.area()] += row.count();
    by_category[row.category()] += row.count();
    EXPECT_NE(row.has_count(), row.no_data());
    if (!row.no_data()) continue;
    ++no_data;
    EXPECT_EQ(row.month().year() * 100 + row.month().month(), 201604);
  }
  EXPECT_EQ(no_data, 18 * 14);
  const std::map<std::string, std::uint64_t> wards_expected = {
      {"E05000026", 7799}, {"E05000027", 2574}, {"E05000028", 3509}, {"E05000029", 2456},
      {"E05000030", 2249}, {"E05000031", 2923}, {"E05000032", 3156}, {"E05000033", 2464},
      {"E05000034", 2813}, {"E05000035", 2218}, {"E05000036", 2517}, {"E05000037", 1635},
      {"E05000038", 3296}, {"E05000039", 5243}, {"E05000040", 2425}, {"E05000041", 3279},
      {"E05000042", 2667}, {"UNLOCATED", 4}};
  EXPECT_EQ(by_area, wards_expected);
  EXPECT_EQ(by_category.at("violent-crime"), 13'372);
  EXPECT_EQ(by_category.at("anti-social-behaviour"), 11'955);
  EXPECT_EQ(by_category.at("possession-of-weapons"), 308);

  v1::GetRanksRequest ranks;
  ranks.set_measure("severity");
  ranks.mutable_areas()->set_kind("ward");
  const auto ranked = house.Ask<v1::GetRanksResponse>("GetRanks", ranks);
  ASSERT_TRUE(ranked.ok()) << ranked.status();
  ASSERT_THAT(ranked->periods(), SizeIs(5));
  EXPECT_EQ(ranked->periods(0).undefined().reason(), v1::Undefined::MISSING_PERIOD);  // 2016H1
  for (int i = 1; i < 5; ++i) EXPECT_THAT(ranked->periods(i).rows(), SizeIs(17));

  v1::CheckBaselineRequest check;
  check.mutable_request()->set_site_id("gascoigne");
  check.mutable_request()->add_areas("E05000032");
  const auto checked = house.Ask<v1::CheckBaselineResponse>("CheckBaseline", check);
  ASSERT_TRUE(checked.ok()) << checked.status();
  EXPECT_EQ(checked->found().window().from().month(), 5);  // behind the month without data
  EXPECT_EQ(checked->found().gates_size(), 10);
  EXPECT_FALSE(checked->would_lock());
}

}  // namespace
}  // namespace holdfast::metrics
