// Changes, control charts and explanations over a small invented year, asked as a caller asks.
// Label grpc.

#include <memory>
#include <string>
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
using ::testing::IsEmpty;
using ::testing::SizeIs;

// 2016 and 2017 of two wards. Westgate: about 20 burglaries a month in 2016, 10 in 2017, and 60 in
// September 2017; no robbery in 2016, one a month in 2017. Larkhill: 20 burglaries a month
// throughout. No file came for April 2016.
class Figures : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    house_ = std::make_unique<House>("figures");
    ASSERT_TRUE(house_->ok());
    ASSERT_TRUE(house_->ImportWards(kTwoWards).ok());
    ASSERT_TRUE(house_
                    ->Ask<v1::PublishShippedReferenceResponse>("PublishShippedReference",
                                                               v1::PublishShippedReferenceRequest())
                    .ok());
    v1::PlanImportRequest request;
    request.set_profile("police-uk-street");
    for (int number = 0; number < 24; ++number) {
      const int year = 2016 + number / 12;
      const int month = number % 12 + 1;
      if (year == 2016 && month == 4) continue;
      const std::string name = absl::StrCat(year, month < 10 ? "-0" : "-", month);
      *request.add_files() =
          house_->Upload(name + "-westmoor-street.csv", StreetCsv(name, CrimesOf(year, month)));
    }
    const auto plan = house_->Ask<v1::ImportPlan>("PlanImport", request);
    ASSERT_TRUE(plan.ok()) << plan.status();
    const auto applied = house_->Apply(*plan);
    ASSERT_TRUE(applied.ok()) << applied.status();
    v1::ApproveImportRequest approve;
    approve.set_import_id(applied->import_id());
    approve.set_reason("September is as it was recorded.");
    const auto approved = house_->Ask<v1::ImportResult>("ApproveImport", approve);
    ASSERT_TRUE(approved.ok()) << approved.status();
  }
  static void TearDownTestSuite() { house_.reset(); }

  static House& house() { return *house_; }

  template <class Request>
  static Request Of(const std::string& measure, const std::string& area) {
    Request request;
    request.set_measure(measure);
    request.mutable_areas()->set_kind("ward");
    if (!area.empty()) request.mutable_areas()->add_codes(area);
    return request;
  }
  static v1::CompareAreasRequest Compare(const std::string& measure, const std::string& area,
                                         const type::v1::Month& from, const type::v1::Month& to) {
    auto request = Of<v1::CompareAreasRequest>(measure, area);
    *request.mutable_from() = from;
    *request.mutable_to() = to;
    return request;
  }
  static absl::StatusOr<v1::CompareAreasResponse> Ask(const v1::CompareAreasRequest& request) {
    return house().Ask<v1::CompareAreasResponse>("CompareAreas", request);
  }
  static absl::StatusOr<v1::GetControlChartResponse> Ask(
      const v1::GetControlChartRequest& request) {
    return house().Ask<v1::GetControlChartResponse>("GetControlChart", request);
  }
  static absl::StatusOr<v1::ExplainFigureResponse> Ask(const v1::ExplainFigureRequest& request) {
    return house().Ask<v1::ExplainFigureResponse>("ExplainFigure", request);
  }

 private:
  static std::vector<Crime> CrimesOf(int year, int month) {
    const int before = month < 4 ? 20 : month % 2 == 0 ? 22 : 18;
    const int west = year == 2016 ? before : month == 9 ? 60 : 10;
    std::vector<Crime> crimes(static_cast<std::size_t>(west), Crime{"", "0.050000,51.050000"});
    crimes.insert(crimes.end(), 20, Crime{"", "0.150000,51.050000"});
    if (year == 2017) crimes.push_back({"", "0.050000,51.050000", "Robbery"});
    return crimes;
  }

  static inline std::unique_ptr<House> house_;
};

TEST_F(Figures, ComparesAPeriodWithTheYearBeforeAndWithTheMonthsBefore) {
  auto request = Compare("", "X001", Month(2017, 1), Month(2017, 3));
  request.set_category("burglary");
  const auto answer = Ask(request);
  ASSERT_TRUE(answer.ok()) << answer.status();
  ASSERT_THAT(answer->changes(), SizeIs(2));
  for (const auto& change : answer->changes()) {
    EXPECT_EQ(change.count(), 30) << change.label();
    EXPECT_LT(change.rate_ratio().value().p(), 0.01);
    EXPECT_LT(change.rate_ratio().value().upper(), 1);
    EXPECT_FALSE(change.rate_ratio().provenance().extracts().empty());
  }
  const auto& year = answer->changes(0);
  EXPECT_EQ(year.comparison_count(), 60);
  EXPECT_EQ(answer->changes(1).comparison_count(), 62);
  EXPECT_EQ(year.label(), "the same months a year before");
  EXPECT_EQ(year.days(), 90);
  EXPECT_EQ(year.comparison_days(), 91);
  EXPECT_DOUBLE_EQ(year.rate_ratio().value().estimate(), (30.0 / 90) / (60.0 / 91));
  EXPECT_DOUBLE_EQ(year.percent_change().value().estimate(), 100 * ((30.0 / 90) / (60.0 / 91) - 1));
}

TEST_F(Figures, ComparesTwoAreasInTheSameMonths) {
  auto request = Compare("crime", "X001", Month(2016, 1), Month(2016, 3));
  request.mutable_comparison()->set_kind("ward");
  request.mutable_comparison()->add_codes("X002");
  const auto answer = Ask(request);
  ASSERT_TRUE(answer.ok()) << answer.status();
  ASSERT_THAT(answer->changes(), SizeIs(1));
  EXPECT_DOUBLE_EQ(answer->changes(0).rate_ratio().value().estimate(), 1);
  EXPECT_EQ(answer->changes(0).rate_ratio().value().p(), 1);
}

TEST_F(Figures, SaysOfAComparisonWithAMonthWithoutDataThatItHasNone) {
  const auto answer = Ask(Compare("crime", "X001", Month(2017, 4), Month(2017, 4)));
  ASSERT_TRUE(answer.ok()) << answer.status();
  const auto& year = answer->changes(0);
  EXPECT_EQ(year.count(), 11);
  EXPECT_FALSE(year.has_comparison_count());
  EXPECT_EQ(year.rate_ratio().undefined().reason(), v1::Undefined::MISSING_PERIOD);
  EXPECT_EQ(year.percent_change().undefined().reason(), v1::Undefined::MISSING_PERIOD);
  EXPECT_TRUE(answer->changes(1).rate_ratio().has_value());
}

TEST_F(Figures, GivesNoRatioOverABaselineOfNone) {
  auto request = Compare("", "X001", Month(2017, 1), Month(2017, 3));
  request.set_category("robbery");
  const auto answer = Ask(request);
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ(answer->changes(0).count(), 3);
  EXPECT_EQ(answer->changes(0).comparison_count(), 0);
  EXPECT_EQ(answer->changes(0).rate_ratio().undefined().reason(), v1::Undefined::ZERO_BASELINE);
  EXPECT_EQ(answer->changes(0).percent_change().undefined().reason(), v1::Undefined::ZERO_BASELINE);
}

TEST_F(Figures, RefusesAnAreaAMeasureAndAMonthThatAreNone) {
  const auto area = Ask(Compare("crime", "X009", Month(2017, 1), Month(2017, 3)));
  EXPECT_EQ(area.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(area.status().ToString(), HasSubstr("areas.codes[0]"));
  const auto measure = Ask(Compare("happiness", "X001", Month(2017, 1), Month(2017, 3)));
  EXPECT_EQ(measure.status().code(), absl::StatusCode::kNotFound);
  const auto month = Ask(Compare("crime", "X001", Month(2017, 13), Month(2017, 13)));
  EXPECT_EQ(month.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(Ask(Of<v1::GetControlChartRequest>("crime", "X009")).status().code(),
            absl::StatusCode::kInvalidArgument);
  auto explain = Of<v1::ExplainFigureRequest>("crime", "X009");
  *explain.mutable_from() = Month(2017, 1);
  EXPECT_EQ(Ask(explain).status().code(), absl::StatusCode::kInvalidArgument);
}

TEST_F(Figures, GivesSeverityAsARatioWithItsSensitivity) {
  const auto answer = Ask(Compare("severity", "X001", Month(2017, 1), Month(2017, 3)));
  ASSERT_TRUE(answer.ok()) << answer.status();
  const v1::Figure& ratio = answer->changes(0).rate_ratio();
  ASSERT_TRUE(ratio.has_value());
  EXPECT_EQ(ratio.provenance().method(), "css_ratio@1");
  EXPECT_EQ(ratio.provenance().weight_set(), "css-by-category@1");
  // No category weighs more than 3,000: both lines are the figure itself.
  ASSERT_THAT(ratio.value().sensitivity(), SizeIs(2));
  EXPECT_EQ(ratio.value().sensitivity(0).kind(), v1::SensitivityLine::WEIGHTS_CAPPED);
  EXPECT_EQ(ratio.value().sensitivity(1).kind(), v1::SensitivityLine::HEAVIEST_LEFT_OUT);
  for (const auto& line : ratio.value().sensitivity()) {
    EXPECT_EQ(line.cap(), 3000);
    EXPECT_DOUBLE_EQ(line.estimate(), ratio.value().estimate());
  }
  EXPECT_EQ(answer->changes(0).percent_change().undefined().reason(), v1::Undefined::NOT_ESTIMABLE);
}

TEST_F(Figures, HaveADigestOfAllThatTheyAreComputedFrom) {
  const auto digest = [&](const v1::CompareAreasRequest& request) {
    const auto answer = Ask(request);
    EXPECT_TRUE(answer.ok()) << answer.status();
    return answer.ok() ? answer->changes(0).rate_ratio().provenance().inputs_digest() : "";
  };
  const auto request = Compare("crime", "X001", Month(2016, 1), Month(2016, 3));
  EXPECT_EQ(digest(request), digest(request));
  auto severity = request;
  severity.set_measure("severity");
  EXPECT_NE(digest(request), digest(severity));
  // The same counts in the same days, of another ward.
  auto other = request;
  other.mutable_areas()->set_codes(0, "X002");
  EXPECT_NE(digest(request), digest(other));
  auto category = request;
  category.clear_measure();
  category.set_category("burglary");
  EXPECT_NE(digest(request), digest(category));
}

TEST_F(Figures, DrawLimitsOnTheFirstTwelveMonthsWithDataAndLeaveAGapWhereThereIsNone) {
  auto request = Of<v1::GetControlChartRequest>("", "X001");
  request.set_category("burglary");
  const auto answer = Ask(request);
  ASSERT_TRUE(answer.ok()) << answer.status();
  ASSERT_THAT(answer->points(), SizeIs(24));
  EXPECT_EQ(answer->points(3).completeness(), v1::Completeness::MISSING);
  EXPECT_FALSE(answer->points(3).has_value());
  EXPECT_THAT(answer->points(3).rules(), IsEmpty());
  EXPECT_EQ(answer->points(0).value(), 20);
  // Eleven months of 20 in the mean, and January 2017.
  EXPECT_DOUBLE_EQ(answer->mean(), (11 * 20 + 10) / 12.0);
  EXPECT_THAT(answer->points(20).rules(), Contains("OUTSIDE_LIMITS"));  // September 2017
  EXPECT_EQ(answer->method(), "spc.xmr@1");
  EXPECT_FALSE(answer->rule_set().empty());
}

TEST_F(Figures, DrawNoLimitsWhereNothingVariesAndRefuseAWindowOutsideTheSeries) {
  auto request = Of<v1::GetControlChartRequest>("", "X002");
  request.set_category("burglary");
  *request.mutable_freeze_from() = Month(2016, 5);
  *request.mutable_freeze_to() = Month(2017, 6);
  const auto flat = Ask(request);
  ASSERT_TRUE(flat.ok()) << flat.status();
  EXPECT_EQ(flat->undefined().reason(), v1::Undefined::NO_VARIATION);
  EXPECT_FALSE(flat->has_upper());
  EXPECT_THAT(flat->points(), SizeIs(24));
  *request.mutable_freeze_from() = Month(2015, 1);
  EXPECT_EQ(Ask(request).status().code(), absl::StatusCode::kInvalidArgument);
}

TEST_F(Figures, AreExplainedByTheExtractsThatTheyCameWith) {
  auto request = Of<v1::ExplainFigureRequest>("crime", "X001");
  *request.mutable_from() = Month(2016, 3);
  *request.mutable_to() = Month(2016, 5);
  const auto answer = Ask(request);
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ(answer->count(), 38);
  ASSERT_THAT(answer->facts(), SizeIs(2));  // April has none
  const v1::Explanation& march = answer->facts(0);
  EXPECT_EQ(march.stream(), "extract/westmoor-street.2016-03");
  EXPECT_EQ(march.extract().revision(), 1);
  EXPECT_EQ(march.count(), 20);
  EXPECT_EQ(march.file_name(), "2016-03-westmoor-street.csv");
  EXPECT_THAT(march.file_sha256(), SizeIs(32));
  EXPECT_EQ(march.accepted_at().context(), "metrics");
  EXPECT_GT(march.accepted_at().seq(), 0);
  EXPECT_TRUE(march.has_recorded_at());
  EXPECT_FALSE(march.actor_ref().empty());
}

TEST_F(Figures, WithoutAnExtractAreExplainedByNone) {
  auto request = Of<v1::ExplainFigureRequest>("crime", "X001");
  *request.mutable_from() = Month(2016, 4);
  const auto answer = Ask(request);
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_THAT(answer->facts(), IsEmpty());
  EXPECT_EQ(answer->count(), 0);
}

}  // namespace
}  // namespace holdfast::metrics
