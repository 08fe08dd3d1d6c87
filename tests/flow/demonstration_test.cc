// What is planted in the demonstration, the figures find; and no more than that. Label grpc.
#include <map>
#include <memory>

#include <gmock/gmock.h>
#include <google/protobuf/struct.pb.h>
#include <google/protobuf/util/json_util.h>
#include <gtest/gtest.h>

#include "holdfast/board/v1/board.pb.h"

#include "absl/strings/str_cat.h"
#include "flow_house.h"

namespace holdfast::flow {
namespace {

namespace v1 = metrics::v1;
constexpr char kTenant[] = "westmoor";

class Demonstration : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    house_ = std::make_unique<FlowHouse>("demonstration");
    truth_file_ = FreshFolder("demonstration-truth") + "/truth.json";
    house_->Do(kTenant, {"demo", "load", "--truth", truth_file_});
    const auto parsed = google::protobuf::util::JsonStringToMessage(ReadFile(truth_file_), &truth_);
    ASSERT_TRUE(parsed.ok()) << ReadFile(truth_file_);
  }
  static void TearDownTestSuite() { house_.reset(); }

  static const google::protobuf::Struct& Site(const std::string& name) {
    return truth_.fields().at(name).struct_value();
  }
  static std::string AreasOf(const std::string& site) {
    std::string codes;
    for (const auto& code : Site(site).fields().at("areas").list_value().values()) {
      absl::StrAppend(&codes, codes.empty() ? "" : ",", code.string_value());
    }
    return codes;
  }
  static double Number(const std::string& site, const std::string& field) {
    return Site(site).fields().at(field).number_value();
  }
  // The months of CLEAR against the same months a year before.
  static v1::Figure RatioOf(const std::string& site, const Words& measure) {
    Words words = {"measure", "compare",
                   "--area",  AreasOf(site),
                   "--from",  truth_.fields().at("clear_from").string_value(),
                   "--to",    truth_.fields().at("clear_to").string_value()};
    words.insert(words.end(), measure.begin(), measure.end());
    const auto answer = house_->Ask<v1::CompareAreasResponse>(kTenant, words);
    EXPECT_EQ(answer.changes(0).label(), "the same months a year before");
    return answer.changes(0).rate_ratio();
  }
  static board::v1::SiteBoard BoardOf(const std::string& name) {
    const auto sites = house_->Do(kTenant, {"site", "list", "--text", name, "-o", "csv"});
    const std::size_t line = sites.find('\n') + 1;
    const std::string id = sites.substr(line, sites.find(',', line) - line);
    return house_->Ask<board::v1::SiteBoard>(kTenant, {"board", "show", id});
  }

  static std::unique_ptr<FlowHouse> house_;
  static std::string truth_file_;
  static google::protobuf::Struct truth_;
};
std::unique_ptr<FlowHouse> Demonstration::house_;
std::string Demonstration::truth_file_;
google::protobuf::Struct Demonstration::truth_;

TEST_F(Demonstration, FindsTheFallThatWasPlantedAtLarkhill) {
  const v1::Figure ratio = RatioOf("larkhill", {"--measure", "crime"});
  EXPECT_LE(ratio.value().lower(), Number("larkhill", "rate_ratio"));
  EXPECT_GE(ratio.value().upper(), Number("larkhill", "rate_ratio"));
  EXPECT_LT(ratio.value().upper(), 1) << "a fall beyond chance";
}

TEST_F(Demonstration, FindsMoreRecordedDrugsWhileClearLasts) {
  const v1::Figure ratio = RatioOf("larkhill", {"--category", "drugs"});
  EXPECT_LE(ratio.value().lower(), Number("larkhill", "drugs_in_clear"));
  EXPECT_GE(ratio.value().upper(), Number("larkhill", "drugs_in_clear"));
}

TEST_F(Demonstration, FindsNoChangeAtFernleyAgainstTheSameMonthsOfTheYearBefore) {
  const v1::Figure ratio = RatioOf("fernley", {"--measure", "crime"});
  EXPECT_LE(ratio.value().lower(), 1);
  EXPECT_GE(ratio.value().upper(), 1);
}

TEST_F(Demonstration, ShowsItsMissingMonthAsNoData) {
  const std::string month = truth_.fields().at("missing_month").string_value();
  const auto series = house_->Ask<v1::GetSeriesResponse>(
      kTenant, {"measure", "series", "--measure", "crime", "--area", AreasOf("larkhill"), "--from",
                month, "--to", month});
  EXPECT_EQ(series.series(0).points(0).completeness(), v1::Completeness::MISSING);
  EXPECT_FALSE(series.series(0).points(0).has_count());
}

TEST_F(Demonstration, HasTwoSitesWithDifferentHistories) {
  ASSERT_TRUE(Await([] { return BoardOf("Larkhill").baselines_size() == 1; }));
  const auto larkhill = BoardOf("Larkhill");
  EXPECT_FALSE(larkhill.baselines(0).retrospective());
  bool three_years = false;
  for (const auto& gate : larkhill.baselines(0).gates()) {
    three_years =
        three_years || (gate.gate() == v1::Gate::G2_HISTORY && gate.outcome() == v1::Gate::PASSED);
  }
  EXPECT_TRUE(three_years) << "36 months lie before CLEAR";
  const auto fernley = BoardOf("Fernley");
  ASSERT_EQ(fernley.site().phases_size(), 1);
  EXPECT_TRUE(fernley.site().phases(0).recorded_afterwards());
}

TEST_F(Demonstration, AddsNothingWhenItIsLoadedAgain) {
  const std::string before = house_->Heads(kTenant);
  const std::string truth = ReadFile(truth_file_);
  house_->Do(kTenant, {"demo", "load", "--if-empty", "--truth", truth_file_});
  EXPECT_EQ(house_->Heads(kTenant), before);
  EXPECT_EQ(ReadFile(truth_file_), truth);
}

}  // namespace
}  // namespace holdfast::flow
