#include "metrics/domain/measure.h"

#include "gtest/gtest.h"
#include "metrics/domain/dataset.h"
#include "metrics/domain/period.h"
#include "testing/scenario.h"

namespace holdfast::metrics {
namespace {

using Refusal = v1::Refusal;
using testing::Text;

constexpr testing::GivenEventsOf<Measure> Given;
constexpr testing::GivenEventsOf<Dataset> GivenDataset;
constexpr testing::GivenEventsOf<Period> GivenPeriod;

v1::DefineMeasure Burglary() {
  return Text(R"pb(
    measure_id: "burglary"
    definition { title: "Burglary" unit: COUNT basket: "burglary" }
  )pb");
}

v1::MeasureDefined BurglaryDefined() {
  return Text(R"pb(
    measure_id: "burglary"
    definition { title: "Burglary" unit: COUNT basket: "burglary" }
  )pb");
}

TEST(Measure, IsDefinedOnce) {
  Given().When(Burglary()).Then(BurglaryDefined());
  Given(BurglaryDefined()).When(Burglary()).ThenNothingHappens();
  v1::DefineMeasure other = Burglary();
  other.mutable_definition()->add_basket("robbery");
  Given(BurglaryDefined()).When(other).ThenRefused(Refusal::CONTENT_DIFFERS, "measure_id");
}

TEST(Measure, CountsSomething) {
  v1::DefineMeasure empty = Burglary();
  empty.mutable_definition()->clear_basket();
  Given().When(empty).ThenRefused(Refusal::EMPTY_BASKET, "definition.basket");
  v1::DefineMeasure twice = Burglary();
  twice.mutable_definition()->add_basket("burglary");
  Given().When(twice).ThenRefused(Refusal::DUPLICATE_CODE, "definition.basket");
}

TEST(Measure, OfSeverityNamesItsWeights) {
  v1::DefineMeasure severity = Burglary();
  severity.mutable_definition()->set_unit(v1::Measure::SEVERITY);
  Given().When(severity).ThenRefused(Refusal::MISSING_WEIGHT_SET, "definition.weight_set");
}

TEST(Measure, GetsANewVersionButKeepsItsUnit) {
  v1::VersionMeasure version = Text(R"pb(
    measure_id: "burglary"
    definition { title: "Burglary" unit: COUNT basket: "burglary" basket: "robbery" }
    reason: "Robbery in homes is counted too."
  )pb");
  v1::MeasureVersioned versioned = Text(R"pb(
    version: 2
    definition { title: "Burglary" unit: COUNT basket: "burglary" basket: "robbery" }
    reason: "Robbery in homes is counted too."
  )pb");
  Given(BurglaryDefined()).When(version).Then(versioned);
  Given(BurglaryDefined(), versioned).When(version).ThenNothingHappens();
  Given().When(version).ThenRefused(Refusal::WRONG_STATE);
  version.mutable_definition()->set_unit(v1::Measure::SEVERITY);
  version.mutable_definition()->set_weight_set("weights");
  Given(BurglaryDefined()).When(version).ThenRefused(Refusal::DEFINITION_LOCKED, "definition.unit");
}

TEST(Measure, IsRetiredOnce) {
  v1::RetireMeasure retire = Text(R"pb(measure_id: "burglary" reason: "Replaced.")pb");
  v1::MeasureRetired retired = Text(R"pb(reason: "Replaced.")pb");
  Given(BurglaryDefined()).When(retire).Then(retired);
  Given(BurglaryDefined(), retired).When(retire).ThenNothingHappens();
  Given().When(retire).ThenRefused(Refusal::WRONG_STATE);
}

TEST(Dataset, IsRegisteredOnceForOneAgency) {
  v1::RegisterDataset add =
      Text(R"pb(
        dataset_id: "fly-tipping" kind: AGENCY_SERIES agency: "council" title: "Fly-tipping"
      )pb");
  v1::DatasetRegistered registered =
      Text(R"pb(
        dataset_id: "fly-tipping" kind: AGENCY_SERIES agency: "council" title: "Fly-tipping"
      )pb");
  GivenDataset().When(add).Then(registered);
  GivenDataset(registered).When(add).ThenNothingHappens();
  add.set_agency("housing");
  GivenDataset(registered).When(add).ThenRefused(Refusal::CONTENT_DIFFERS, "dataset_id");
}

TEST(Dataset, SaysWhereItHasAGap) {
  v1::DatasetRegistered registered = Text(R"pb(dataset_id: "fly-tipping")pb");
  v1::DeclareDatasetGap declare = Text(R"pb(
    dataset_id: "fly-tipping"
    from { year: 2016 month: 4 }
    to { year: 2016 month: 5 }
    reason: "System change."
  )pb");
  v1::DatasetGapDeclared declared = Text(R"pb(
    from { year: 2016 month: 4 }
    to { year: 2016 month: 5 }
    reason: "System change."
  )pb");
  GivenDataset(registered).When(declare).Then(declared);
  GivenDataset(registered, declared).When(declare).ThenNothingHappens();
  GivenDataset().When(declare).ThenRefused(Refusal::WRONG_STATE);
  declare.mutable_to()->set_month(3);
  GivenDataset(registered).When(declare).ThenRefused(Refusal::DATE_ORDER, "to");
}

TEST(Dataset, OfAnAgencyThatHoldsNoneIsDeclaredOnce) {
  v1::DeclareNoDataHeld declare =
      Text(R"pb(dataset_id: "faith-no-data" agency: "faith" reason: "No records.")pb");
  v1::NoDataHeldDeclared declared = Text(R"pb(agency: "faith" reason: "No records.")pb");
  v1::DatasetRegistered registered = Text(R"pb(dataset_id: "faith-no-data")pb");
  GivenDataset().When(declare).Then(declared);
  GivenDataset(declared).When(declare).ThenNothingHappens();
  GivenDataset(registered).When(declare).ThenRefused(Refusal::WRONG_STATE);
}

v1::ClosePeriod Close(const std::string& digest) {
  v1::ClosePeriod close = Text(R"pb(
    period_id: "severity.2025H2.ward.2013"
    found {
      measure_id: "severity"
      period: "2025H2"
      values { code: "X001" }
    }
  )pb");
  close.mutable_found()->set_inputs_digest(digest);
  return close;
}

TEST(Period, IsClosedOnceItHasEnded) {
  GivenPeriod().When(Close("a")).Then(Close("a").found());
  v1::ClosePeriod running = Close("a");
  running.mutable_found()->set_period("2026H1");
  GivenPeriod().When(running).ThenRefused(Refusal::NOT_ENDED);
  running.mutable_found()->set_period("2026");
  GivenPeriod().When(running).ThenRefused(Refusal::UNKNOWN_CODE, "found.period");
}

TEST(Period, IsNotClosedWithoutData) {
  v1::ClosePeriod empty = Close("a");
  empty.mutable_found()->clear_values();
  GivenPeriod().When(empty).ThenRefused(Refusal::DATA_MISSING);
}

TEST(Period, IsRestatedForAReasonWhenTheDataChanged) {
  GivenPeriod(Close("a").found()).When(Close("a")).ThenNothingHappens();
  GivenPeriod(Close("a").found()).When(Close("b")).ThenRefused(Refusal::REQUIRED, "reason");
  v1::ClosePeriod corrected = Close("b");
  corrected.set_reason("Late records.");
  v1::PeriodRestated restated = Text(R"pb(
    measure_id: "severity"
    period: "2025H2"
    values { code: "X001" }
    inputs_digest: "b"
    reason: "Late records."
  )pb");
  restated.mutable_set();
  const auto outcome = GivenPeriod(Close("a").found()).When(corrected);
  outcome.Then(restated);
  EXPECT_EQ(outcome.state().restated(), 1);
}

}  // namespace
}  // namespace holdfast::metrics
