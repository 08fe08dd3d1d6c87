#include <gtest/gtest.h>

#include "base/civil_time.h"
#include "initiative/domain/site.h"
#include "initiative/domain/site_fixtures.h"

namespace holdfast::initiative {
namespace {

constexpr testing::GivenEventsOf<Site> Given;
using Refusal = v1::Refusal;

v1::RecordEvidence RecordHoldPlan() {
  return Text(R"pb(criterion: "hold-plan"
                   ref: { system: "files" id: "paper-1" }
                   observed_on: { year: 2026 month: 2 day: 1 })pb");
}
v1::RecordEvidence RecordBaseline() {
  v1::RecordEvidence command = RecordHoldPlan();
  command.set_criterion("baseline-locked");
  return command;
}
v1::WithdrawEvidence Withdraw(std::uint32_t number) {
  v1::WithdrawEvidence command = Text(R"pb(reason: "it was of another site")pb");
  command.set_evidence(number);
  return command;
}
v1::EvidenceWithdrawn Withdrawn(std::uint32_t number) {
  v1::EvidenceWithdrawn withdrawn = Text(R"pb(reason: "it was of another site")pb");
  withdrawn.set_evidence(number);
  return withdrawn;
}
v1::EvaluateGate Evaluate() {
  return Text(R"pb(phase: CLEAR)pb");
}
v1::OverrideGate Override() {
  return Text(R"pb(phase: CLEAR
                   rationale: "violence is imminent"
                   until: { year: 2026 month: 3 day: 9 })pb");
}

// Asked for by Ann: no baseline, a Hold plan, no survey.
v1::GateEvaluated EvaluatedWithoutBaseline() {
  return Text(R"pb(gate: 1
                   phase: CLEAR
                   zone: "site"
                   for_day: { year: 2026 month: 3 day: 2 }
                   criteria_version: 1
                   results: { criterion: "baseline-locked" level: HARD outcome: NOTHING_RECORDED }
                   results: { criterion: "hold-plan" level: HARD outcome: MET evidence: 2 }
                   results: { criterion: "survey" level: WARNING outcome: NOTHING_RECORDED }
                   requested_by: "ann")pb");
}
v1::GateFailed FailedWithoutBaseline() {
  return Text(R"pb(gate: 1 phase: CLEAR zone: "site" missing: "baseline-locked")pb");
}
v1::GateEvaluated EvaluatedWell() {
  v1::GateEvaluated evaluated = EvaluatedWithoutBaseline();
  evaluated.mutable_results(0)->set_outcome(v1::CriterionResult::MET);
  evaluated.mutable_results(0)->set_evidence(1);
  return evaluated;
}
v1::GatePassed Passed() {
  return Text(R"pb(gate: 1
                   phase: CLEAR
                   zone: "site"
                   valid_until: { year: 2026 month: 3 day: 30 })pb");
}
v1::GateOverridden Overridden() {
  return Text(R"pb(override: 1
                   gate: 1
                   phase: CLEAR
                   zone: "site"
                   criteria: "baseline-locked"
                   rationale: "violence is imminent"
                   until: { year: 2026 month: 3 day: 9 }
                   overridden_by: "sue"
                   duty: SRO)pb");
}

TEST(SiteEvidence, IsRecordedOnce) {
  v1::EvidenceRecorded recorded = Recorded(1, "hold-plan", On(2026, 2, 1));
  Given(MillLaneCreated())
      .With<Reference>("gate-criteria", CriteriaPublished())
      .When(RecordHoldPlan())
      .Then(recorded);
  Given(MillLaneCreated(), recorded)
      .With<Reference>("gate-criteria", CriteriaPublished())
      .When(RecordHoldPlan())
      .ThenNothingHappens();
}

TEST(SiteEvidence, IsRecordedAgainWithAnotherValue) {
  v1::RecordEvidence valued = RecordHoldPlan();
  valued.set_value(0);
  EXPECT_EQ(Given(MillLaneCreated(), Recorded(1, "hold-plan", On(2026, 2, 1)))
                .When(valued)
                .state()
                .evidence_size(),
            2);
}

TEST(SiteEvidence, IsOfACriterionThatIsPublished) {
  v1::RecordEvidence misspelt = RecordHoldPlan();
  misspelt.set_criterion("hold-plam");
  Given(MillLaneCreated())
      .With<Reference>("gate-criteria", CriteriaPublished())
      .When(misspelt)
      .ThenRefused(Refusal::UNKNOWN_CODE, "criterion");
  Given(MillLaneCreated()).When(misspelt).ThenWarns(v1::Warning::CRITERION_UNCHECKED);
}

TEST(SiteEvidence, IsOfAPastDay) {
  v1::RecordEvidence later = RecordHoldPlan();
  *later.mutable_observed_on() = On(2026, 3, 3);
  Given(MillLaneCreated()).When(later).ThenRefused(Refusal::IN_FUTURE, "observed_on");
  later.clear_observed_on();
  Given(MillLaneCreated()).When(later).ThenRefused(Refusal::REQUIRED, "observed_on");
  Given(MillLaneCreated()).When(v1::RecordEvidence()).ThenRefused(Refusal::REQUIRED, "criterion");
}

TEST(SiteEvidence, OfABaselineAfterAClearWithoutOneIsRetrospectiveForGood) {
  v1::PhaseOpened clear = Opened(1, v1::Phase::CLEAR, On(2026, 1, 1));
  clear.set_without_baseline(true);
  v1::EvidenceRecorded recorded = Recorded(1, "baseline-locked", On(2026, 2, 1));
  recorded.mutable_evidence()->set_retrospective(true);
  Given(MillLaneCreated(), clear, Closed(1, v1::Phase::CLEAR, On(2026, 2, 1)))
      .When(RecordBaseline())
      .Then(recorded)
      .ThenWarns(v1::Warning::BASELINE_RETROSPECTIVE);
}

TEST(SiteEvidence, OfABaselineAfterAClearRecordedAfterwardsIsRetrospective) {
  v1::PastPhaseRecorded past = Text(R"pb(episode: 1
                                         phase: CLEAR
                                         zone: "north"
                                         opened_on: { year: 2016 month: 10 day: 1 }
                                         closed_on: { year: 2017 month: 1 day: 31 }
                                         source: "minutes")pb");
  Given(MillLaneCreated(), past)
      .When(RecordBaseline())
      .ThenWarns(v1::Warning::BASELINE_RETROSPECTIVE);
  EXPECT_FALSE(Warns(Given(MillLaneCreated(), past).When(RecordHoldPlan()).decision(),
                     v1::Warning::BASELINE_RETROSPECTIVE));
}

TEST(SiteEvidence, StaysRetrospectiveWhereItsReporterSaysSo) {
  v1::RecordEvidence command = RecordBaseline();
  command.set_retrospective(true);
  Given(MillLaneCreated()).When(command).ThenWarns(v1::Warning::BASELINE_RETROSPECTIVE);
}

TEST(SiteEvidence, IsWithdrawnOnceWithAReason) {
  Given(MillLaneCreated(), BaselineRecorded()).When(Withdraw(1)).Then(Withdrawn(1));
  Given(MillLaneCreated(), BaselineRecorded(), Withdrawn(1)).When(Withdraw(1)).ThenNothingHappens();
  v1::WithdrawEvidence unexplained = Withdraw(1);
  unexplained.clear_reason();
  Given(MillLaneCreated(), BaselineRecorded())
      .When(unexplained)
      .ThenRefused(Refusal::REQUIRED, "reason");
  Given(MillLaneCreated(), BaselineRecorded())
      .When(Withdraw(2))
      .ThenRefused(Refusal::UNKNOWN_CODE, "evidence");
}

TEST(SiteGate, FailsNamingWhatIsMissing) {
  Given(MillLaneCreated(), HoldPlanRecorded())
      .By("ann", "westmoor-police")
      .With<Reference>("gate-criteria", CriteriaPublished())
      .When(Evaluate())
      .Then(EvaluatedWithoutBaseline(), FailedWithoutBaseline())
      .ThenWarns(v1::Warning::GATE_WARNINGS);
}

TEST(SiteGate, PassesForTwentyEightDays) {
  Given(MillLaneCreated(), BaselineRecorded(), HoldPlanRecorded())
      .By("ann", "westmoor-police")
      .With<Reference>("gate-criteria", CriteriaPublished())
      .When(Evaluate())
      .Then(EvaluatedWell(), Passed());
}

TEST(SiteGate, EvaluatedAgainWithTheSameAnswerChangesNothing) {
  Given(MillLaneCreated(), BaselineRecorded(), HoldPlanRecorded(), EvaluatedWell(), Passed())
      .By("ann", "westmoor-police")
      .With<Reference>("gate-criteria", CriteriaPublished())
      .When(Evaluate())
      .ThenNothingHappens();
}

TEST(SiteGate, EvaluatedByAnotherPersonIsAnotherEvaluation) {
  EXPECT_EQ(
      Given(MillLaneCreated(), BaselineRecorded(), HoldPlanRecorded(), EvaluatedWell(), Passed())
          .By("bob", "westmoor-police")
          .With<Reference>("gate-criteria", CriteriaPublished())
          .When(Evaluate())
          .state()
          .last_gate(),
      2U);
}

TEST(SiteGate, PassFallsWithWithdrawnEvidence) {
  const auto outcome =
      Given(MillLaneCreated(), BaselineRecorded(), HoldPlanRecorded(), EvaluatedWell(), Passed())
          .When(Withdraw(2));
  EXPECT_FALSE(outcome.state().evaluations(0).has_valid_until());
  Given(MillLaneCreated(), BaselineRecorded(), HoldPlanRecorded(), EvaluatedWell(), Passed(),
        Withdrawn(2))
      .With<Reference>("gate-criteria", CriteriaPublished())
      .When(Open(v1::Phase::CLEAR))
      .ThenRefused(Refusal::GATE_NOT_PASSED);
}

TEST(SiteGate, PassStandsWhereOtherEvidenceIsWithdrawn) {
  v1::EvidenceRecorded other = Recorded(3, "survey", On(2026, 2, 2));
  EXPECT_TRUE(Given(MillLaneCreated(), BaselineRecorded(), HoldPlanRecorded(), other,
                    EvaluatedWell(), Passed())
                  .When(Withdraw(3))
                  .state()
                  .evaluations(0)
                  .has_valid_until());
}

TEST(SiteGate, NeedsCriteriaInForceOnTheDay) {
  Given(MillLaneCreated()).When(Evaluate()).ThenRefused(Refusal::CRITERIA_MISSING);
  v1::EvaluateGate long_ago = Evaluate();
  *long_ago.mutable_for_day() = On(2009, 12, 31);
  Given(MillLaneCreated())
      .With<Reference>("gate-criteria", CriteriaPublished())
      .When(long_ago)
      .ThenRefused(Refusal::CRITERIA_MISSING);
}

TEST(SiteGate, IsNotEvaluatedForAFutureDayOrNoPhase) {
  v1::EvaluateGate later = Evaluate();
  *later.mutable_for_day() = On(2026, 3, 3);
  Given(MillLaneCreated()).When(later).ThenRefused(Refusal::IN_FUTURE, "for_day");
  Given(MillLaneCreated()).When(v1::EvaluateGate()).ThenRefused(Refusal::REQUIRED, "phase");
}

TEST(SiteGate, WarnsOfCriteriaThatNobodyVerified) {
  v1::GateCriteriaPublished unverified = CriteriaPublished();
  unverified.mutable_criteria()->set_standing(v1::Standing::UNVERIFIED);
  Given(MillLaneCreated())
      .With<Reference>("gate-criteria", unverified)
      .When(Evaluate())
      .ThenWarns(v1::Warning::CRITERIA_UNVERIFIED);
}

TEST(SiteOverride, IsForTheSeniorResponsibleOfficerOfTheSite) {
  Given(MillLaneCreated(), HoldPlanRecorded(), EvaluatedWithoutBaseline(), FailedWithoutBaseline())
      .By("sue", "westmoor-police")
      .To(kSiteId)
      .With<Team>(kSiteId, Appointed(type::v1::Duty::SRO, "sue"))
      .When([] {
        v1::OverrideGate command = Override();
        command.set_site_id(kSiteId);
        return command;
      }())
      .Then(Overridden());
}

TEST(SiteOverride, IsForASponsoringChiefOfficer) {
  v1::SponsorNamed chief =
      Text(R"pb(duty: CHIEF_OFFICER holder_ref: "carl" agency: "westmoor-police")pb");
  v1::GateOverridden by_the_chief = Overridden();
  by_the_chief.set_overridden_by("carl");
  by_the_chief.set_duty(type::v1::Duty::CHIEF_OFFICER);
  Given(MillLaneCreated(), chief, HoldPlanRecorded(), EvaluatedWithoutBaseline(),
        FailedWithoutBaseline())
      .By("carl", "westmoor-police")
      .When(Override())
      .Then(by_the_chief);
}

TEST(SiteOverride, IsForNobodyElseWhateverTheirRole) {
  Given(MillLaneCreated(), EvaluatedWithoutBaseline(), FailedWithoutBaseline())
      .By("sue", "westmoor-police")
      .When(Override())
      .ThenRefused(Refusal::OVERRIDE_NOT_SENIOR);
  v1::OverrideGate here = Override();
  here.set_site_id(kSiteId);
  Given(MillLaneCreated(), EvaluatedWithoutBaseline(), FailedWithoutBaseline())
      .By("sue", "westmoor-police")
      .To(kSiteId)
      .With<Team>(kSiteId, Appointed(type::v1::Duty::LRO, "sue"))
      .When(here)
      .ThenRefused(Refusal::OVERRIDE_NOT_SENIOR);
  Given(MillLaneCreated(), EvaluatedWithoutBaseline(), FailedWithoutBaseline())
      .By("sue", "westmoor-police")
      .To(kSiteId)
      .With<Team>("01900000-0000-7000-8000-000000000002", Appointed(type::v1::Duty::SRO, "sue"))
      .When(here)
      .ThenRefused(Refusal::OVERRIDE_NOT_SENIOR);
}

// The SRO here is a sponsor, which says the same with fewer words.
v1::SponsorNamed SueIsSro() {
  return Text(R"pb(duty: SRO holder_ref: "sue" agency: "westmoor-police")pb");
}

TEST(SiteOverride, IsNotForWhoAskedForTheEvaluation) {
  v1::GateEvaluated by_sue = EvaluatedWithoutBaseline();
  by_sue.set_requested_by("sue");
  Given(MillLaneCreated(), SueIsSro(), by_sue, FailedWithoutBaseline())
      .By("sue", "westmoor-police")
      .When(Override())
      .ThenRefused(Refusal::SAME_PERSON);
}

TEST(SiteOverride, NeedsAFailure) {
  Given(MillLaneCreated(), SueIsSro())
      .By("sue", "westmoor-police")
      .When(Override())
      .ThenRefused(Refusal::NOTHING_TO_OVERRIDE);
  Given(MillLaneCreated(), SueIsSro(), EvaluatedWell(), Passed())
      .By("sue", "westmoor-police")
      .When(Override())
      .ThenRefused(Refusal::NOTHING_TO_OVERRIDE);
  v1::OverrideGate other = Override();
  other.add_criteria("hold-plan");
  Given(MillLaneCreated(), SueIsSro(), EvaluatedWithoutBaseline(), FailedWithoutBaseline())
      .By("sue", "westmoor-police")
      .When(other)
      .ThenRefused(Refusal::NOTHING_TO_OVERRIDE, "criteria");
}

TEST(SiteOverride, NeedsARationaleAndAnEnd) {
  v1::OverrideGate unexplained = Override();
  unexplained.clear_rationale();
  Given(MillLaneCreated(), SueIsSro())
      .By("sue", "westmoor-police")
      .When(unexplained)
      .ThenRefused(Refusal::REQUIRED, "rationale");
  v1::OverrideGate endless = Override();
  endless.clear_until();
  Given(MillLaneCreated(), SueIsSro())
      .By("sue", "westmoor-police")
      .When(endless)
      .ThenRefused(Refusal::REQUIRED, "until");
  v1::OverrideGate over = Override();
  *over.mutable_until() = On(2026, 3, 1);
  Given(MillLaneCreated(), SueIsSro())
      .By("sue", "westmoor-police")
      .When(over)
      .ThenRefused(Refusal::DATE_ORDER, "until");
}

TEST(SiteOverride, IsGivenOnce) {
  Given(MillLaneCreated(), SueIsSro(), EvaluatedWithoutBaseline(), FailedWithoutBaseline(),
        Overridden())
      .By("sue", "westmoor-police")
      .When(Override())
      .ThenNothingHappens();
}

TEST(SiteOverride, EndsByItselfOnTheDayAfterItsLast) {
  const auto given =
      Given(MillLaneCreated(), EvaluatedWithoutBaseline(), FailedWithoutBaseline(), Overridden());
  const std::vector<DueAt> due = given.Due();
  ASSERT_EQ(due.size(), 1U);
  EXPECT_EQ(due[0].at, LondonMidnight(absl::CivilDay(2026, 3, 10)));
  v1::OverrideEnded ended = Text(R"pb(override: 1)pb");
  const auto outcome =
      Given(MillLaneCreated(), EvaluatedWithoutBaseline(), FailedWithoutBaseline(), Overridden())
          .WhenDue("override-ends/1");
  outcome.Then(ended);
  EXPECT_TRUE(Site::Due(outcome.state()).empty());
}

TEST(SiteOverride, DoesNotEndBeforeItsLastDayIsOver) {
  v1::NoteOverrideEnded note = Text(R"pb(override: 1)pb");
  Given(MillLaneCreated(), EvaluatedWithoutBaseline(), FailedWithoutBaseline(), Overridden())
      .At(LondonMidnight(absl::CivilDay(2026, 3, 10)) - absl::Seconds(1))
      .When(note)
      .ThenNothingHappens();
  Given(MillLaneCreated()).When(note).ThenNothingHappens();
}

}  // namespace
}  // namespace holdfast::initiative
