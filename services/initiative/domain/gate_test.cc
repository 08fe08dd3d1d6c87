#include "initiative/domain/gate.h"

#include <gtest/gtest.h>

#include "base/day.h"
#include "initiative/domain/lead.h"
#include "initiative/domain/site_fixtures.h"
#include "initiative/domain/zone.h"

namespace holdfast::initiative {
namespace {

using v1::CriterionResult;
using v1::GateCriterion;
using v1::Phase;
using Agency = type::v1::Agency;

const absl::CivilDay kFirstDay(2026, 3, 2);

google::protobuf::RepeatedPtrField<GateCriterion> Rows(const GateCriterion& row) {
  google::protobuf::RepeatedPtrField<GateCriterion> rows;
  *rows.Add() = row;
  return rows;
}
GateCriterion Survey() {
  return CriteriaPublished().criteria().rows(2);
}
v1::Evidence Answers(std::uint32_t number, const type::v1::Day& day, std::int64_t value) {
  v1::Evidence evidence = Recorded(number, "survey", day).evidence();
  evidence.set_value(value);
  return evidence;
}
CriterionResult One(const GateCriterion& row, const std::vector<v1::Evidence>& evidence,
                    const std::string& zone = "site") {
  GateFacts facts;
  for (const v1::Evidence& piece : evidence) facts.evidence.push_back(&piece);
  const auto results = EvaluateGate(Rows(row), row.gate(), zone, kFirstDay, facts);
  return results.empty() ? CriterionResult() : results.front();
}

TEST(Gate, AsksOnlyForItsOwnCriteria) {
  EXPECT_TRUE(EvaluateGate(Rows(Survey()), Phase::HOLD, "site", kFirstDay, {}).empty());
  EXPECT_EQ(EvaluateGate(Rows(Survey()), Phase::CLEAR, "site", kFirstDay, {}).size(), 1U);
}

TEST(Gate, WeighsTheEvidenceThatWasObservedLast) {
  const CriterionResult result =
      One(Survey(), {Answers(1, On(2026, 2, 1), 150), Answers(2, On(2026, 1, 1), 20)});
  EXPECT_EQ(result.evidence(), 1U);
  EXPECT_EQ(result.outcome(), CriterionResult::MET);
}

TEST(Gate, WeighsTheLaterRecordOfTheSameDay) {
  const CriterionResult result =
      One(Survey(), {Answers(1, On(2026, 2, 1), 150), Answers(2, On(2026, 2, 1), 20)});
  EXPECT_EQ(result.evidence(), 2U);
  EXPECT_EQ(result.outcome(), CriterionResult::VALUE_NOT_ENOUGH);
}

TEST(Gate, ComparesWithTheThresholdIncluded) {
  EXPECT_EQ(One(Survey(), {Answers(1, On(2026, 2, 1), 100)}).outcome(), CriterionResult::MET);
  EXPECT_EQ(One(Survey(), {Answers(1, On(2026, 2, 1), 99)}).outcome(),
            CriterionResult::VALUE_NOT_ENOUGH);
  GateCriterion at_most = Survey();
  at_most.set_operator_(GateCriterion::AT_MOST);
  EXPECT_EQ(One(at_most, {Answers(1, On(2026, 2, 1), 100)}).outcome(), CriterionResult::MET);
  EXPECT_EQ(One(at_most, {Answers(1, On(2026, 2, 1), 101)}).outcome(),
            CriterionResult::VALUE_NOT_ENOUGH);
}

TEST(Gate, AsksForAValueWhereItCompares) {
  EXPECT_EQ(One(Survey(), {Recorded(1, "survey", On(2026, 2, 1)).evidence()}).outcome(),
            CriterionResult::VALUE_MISSING);
}

TEST(Gate, CountsTheAgeOfEvidenceToTheFirstDayOfThePhase) {
  GateCriterion fresh = Criterion("hold-plan", Phase::CLEAR, GateCriterion::HARD);
  fresh.set_max_age_days(28);
  EXPECT_EQ(One(fresh, {Recorded(1, "hold-plan", On(2026, 2, 2)).evidence()}).outcome(),
            CriterionResult::MET);
  EXPECT_EQ(One(fresh, {Recorded(1, "hold-plan", On(2026, 2, 1)).evidence()}).outcome(),
            CriterionResult::TOO_OLD);
}

TEST(Gate, DoesNotWeighWhatWasObservedAfterTheFirstDay) {
  EXPECT_EQ(One(Survey(), {Answers(1, On(2026, 3, 3), 150)}).outcome(),
            CriterionResult::AFTER_THE_DAY);
  EXPECT_EQ(One(Survey(), {Answers(1, On(2026, 3, 2), 150)}).outcome(), CriterionResult::MET);
}

TEST(Gate, TakesEvidenceOfTheWholeSiteInEachZoneAndOfAZoneThereOnly) {
  v1::Evidence north = Answers(1, On(2026, 2, 1), 150);
  north.set_zone("North");
  EXPECT_EQ(One(Survey(), {north}, "north").outcome(), CriterionResult::MET);
  EXPECT_EQ(One(Survey(), {north}, "south").outcome(), CriterionResult::NOTHING_RECORDED);
  EXPECT_EQ(One(Survey(), {Answers(1, On(2026, 2, 1), 150)}, "south").outcome(),
            CriterionResult::MET);
}

TEST(Gate, LooksAtTheFactsOfTheSiteItself) {
  GateCriterion row = Criterion("fact", Phase::PREPARE, GateCriterion::HARD);
  GateFacts facts;
  const auto outcome = [&] {
    return EvaluateGate(Rows(row), Phase::PREPARE, "site", kFirstDay, facts).front().outcome();
  };
  row.set_kind(GateCriterion::BOUNDARY);
  EXPECT_EQ(outcome(), CriterionResult::NOTHING_RECORDED);
  facts.has_boundary = true;
  EXPECT_EQ(outcome(), CriterionResult::MET);
  row.set_kind(GateCriterion::BRAND);
  EXPECT_EQ(outcome(), CriterionResult::NOTHING_RECORDED);
  facts.has_brand = true;
  EXPECT_EQ(outcome(), CriterionResult::MET);
  row.set_kind(GateCriterion::SPONSOR);
  row.set_duty(type::v1::Duty::ELECTED_MEMBER);
  facts.sponsors = {type::v1::Duty::CHIEF_OFFICER};
  EXPECT_EQ(outcome(), CriterionResult::NOTHING_RECORDED);
  facts.sponsors.push_back(type::v1::Duty::ELECTED_MEMBER);
  EXPECT_EQ(outcome(), CriterionResult::MET);
}

TEST(Gate, TellsHardFailuresFromAdvice) {
  const auto results =
      EvaluateGate(CriteriaPublished().criteria().rows(), Phase::CLEAR, "site", kFirstDay, {});
  EXPECT_EQ(MissingOf(results), (std::vector<std::string>{"baseline-locked", "hold-plan"}));
  EXPECT_TRUE(HasUnmetWarnings(results));
  EXPECT_FALSE(HasUnmetWarnings({results.begin(), results.begin() + 2}));
}

TEST(Gate, HasWordsOfItsOwnForEachOutcome) {
  std::vector<std::string_view> words;
  for (int i = 1; i < CriterionResult::Outcome_ARRAYSIZE; ++i)
    words.push_back(OutcomeInWords(static_cast<CriterionResult::Outcome>(i)));
  std::sort(words.begin(), words.end());
  EXPECT_EQ(std::unique(words.begin(), words.end()), words.end());
}

TEST(Lead, IsOfTheClassThatLeadsThePhase) {
  EXPECT_EQ(LeadClassOf(Phase::PREPARE), Agency::POLICE_CLASS);
  EXPECT_EQ(LeadClassOf(Phase::CLEAR), Agency::POLICE_CLASS);
  EXPECT_EQ(LeadClassOf(Phase::HOLD), Agency::PARTNER_CLASS);
  EXPECT_EQ(LeadClassOf(Phase::BUILD), Agency::LOCAL_AUTHORITY_CLASS);
  EXPECT_EQ(LeadClassOf(Phase::SUSTAIN), Agency::COMMUNITY_CLASS);
  EXPECT_EQ(LeadClassOf(Phase::CODE_UNSPECIFIED), Agency::CLASS_UNSPECIFIED);
}

TEST(Lead, BelongsToTheClassOfItsType) {
  EXPECT_EQ(ClassOf(Agency::NCA_ROCU), Agency::POLICE_CLASS);
  EXPECT_EQ(ClassOf(Agency::OPCC), Agency::LOCAL_AUTHORITY_CLASS);
  EXPECT_EQ(ClassOf(Agency::PRISON), Agency::PARTNER_CLASS);
  EXPECT_EQ(ClassOf(Agency::HOUSING), Agency::PARTNER_CLASS);
  EXPECT_EQ(ClassOf(Agency::FAITH), Agency::COMMUNITY_CLASS);
  EXPECT_EQ(ClassOf(Agency::TYPE_UNSPECIFIED), Agency::CLASS_UNSPECIFIED);
}

TEST(Zone, IsTheWholeSiteWhereNoneIsNamed) {
  EXPECT_EQ(ZoneOf(""), "site");
  EXPECT_EQ(ZoneOf("north"), "north");
  EXPECT_TRUE(SameZone("Mill Lane", "mill lane"));
  EXPECT_FALSE(SameZone("Mill Lane", "Mill Lane 2"));
}

}  // namespace
}  // namespace holdfast::initiative
