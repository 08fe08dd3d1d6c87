#include <gtest/gtest.h>

#include "base/civil_time.h"
#include "initiative/domain/site.h"
#include "initiative/domain/site_fixtures.h"

namespace holdfast::initiative {
namespace {

constexpr testing::GivenEventsOf<Site> Given;
using Refusal = v1::Refusal;
using v1::Phase;

v1::GateEvaluated HoldEvaluated() {
  return Text(R"pb(gate: 1
                   phase: HOLD
                   zone: "site"
                   for_day: { year: 2026 month: 3 day: 2 }
                   criteria_version: 1
                   results: { criterion: "patrol-plan" level: WARNING outcome: NOTHING_RECORDED }
                   requested_by: "someone")pb");
}
v1::GatePassed HoldPassed() {
  return Text(R"pb(gate: 1
                   phase: HOLD
                   zone: "site"
                   valid_until: { year: 2026 month: 3 day: 30 })pb");
}
v1::ClosePhase Close(Phase::Code phase) {
  v1::ClosePhase command;
  command.set_phase(phase);
  return command;
}
v1::RecordPastPhase PastClear() {
  return Text(R"pb(phase: CLEAR
                   zone: "north"
                   from: { year: 2016 month: 10 day: 1 }
                   to: { year: 2017 month: 1 day: 31 }
                   source: "minutes of the board")pb");
}
v1::PastPhaseRecorded PastClearRecorded() {
  return Text(R"pb(episode: 1
                   phase: CLEAR
                   zone: "north"
                   opened_on: { year: 2016 month: 10 day: 1 }
                   closed_on: { year: 2017 month: 1 day: 31 }
                   source: "minutes of the board")pb");
}
// By Sue, for the baseline that is missing.
v1::GateOverridden Overridden(const type::v1::Day& until) {
  v1::GateOverridden overridden = Text(R"pb(override: 1
                                            gate: 1
                                            phase: CLEAR
                                            zone: "site"
                                            criteria: "baseline-locked"
                                            rationale: "violence is imminent"
                                            overridden_by: "sue"
                                            duty: SRO)pb");
  *overridden.mutable_until() = until;
  return overridden;
}

TEST(SitePhase, OpensThroughItsGateInOneStep) {
  v1::PhaseOpened opened = Opened(1, Phase::HOLD, On(2026, 3, 2));
  opened.set_gate(1);
  opened.add_warnings(v1::Warning::LEAD_NOT_NAMED);
  opened.add_warnings(v1::Warning::GATE_WARNINGS);
  Given(MillLaneCreated())
      .With<Reference>("gate-criteria", CriteriaPublished())
      .When(Open(Phase::HOLD))
      .Then(HoldEvaluated(), HoldPassed(), opened)
      .ThenWarns(v1::Warning::LEAD_NOT_NAMED)
      .ThenWarns(v1::Warning::GATE_WARNINGS);
}

TEST(SitePhase, OpensOnAPassThatHolds) {
  v1::PhaseOpened opened = Opened(1, Phase::HOLD, On(2026, 3, 30));
  opened.set_gate(1);
  opened.add_warnings(v1::Warning::LEAD_NOT_NAMED);
  opened.add_warnings(v1::Warning::GATE_WARNINGS);
  Given(MillLaneCreated(), HoldEvaluated(), HoldPassed())
      .At(LondonMidnight(absl::CivilDay(2026, 3, 30)))
      .With<Reference>("gate-criteria", CriteriaPublished())
      .When(Open(Phase::HOLD))
      .Then(opened);
}

TEST(SitePhase, IsEvaluatedAnewOnceThePassIsOver) {
  const auto outcome = Given(MillLaneCreated(), HoldEvaluated(), HoldPassed())
                           .At(LondonMidnight(absl::CivilDay(2026, 3, 31)))
                           .With<Reference>("gate-criteria", CriteriaPublished())
                           .When(Open(Phase::HOLD));
  EXPECT_EQ(outcome.state().last_gate(), 2U);
  EXPECT_EQ(outcome.state().episodes_size(), 1);
}

TEST(SitePhase, ClearWithoutABaselineIsRefusedNamingWhatIsMissing) {
  const auto outcome = Given(MillLaneCreated(), HoldPlanRecorded())
                           .With<Reference>("gate-criteria", CriteriaPublished())
                           .When(Open(Phase::CLEAR));
  outcome.ThenRefused(Refusal::GATE_NOT_PASSED, "phase");
  ASSERT_EQ(outcome.decision().reasons.size(), 1U);
  EXPECT_EQ(outcome.decision().reasons[0].rule,
            "baseline-locked: The baseline-locked: nothing is recorded. Supply it.");
}

TEST(SitePhase, EveryCriterionThatIsMissingIsNamed) {
  const auto outcome = Given(MillLaneCreated())
                           .With<Reference>("gate-criteria", CriteriaPublished())
                           .When(Open(Phase::CLEAR));
  outcome.ThenRefused(Refusal::GATE_NOT_PASSED, "phase");
  EXPECT_EQ(outcome.decision().reasons.size(), 2U);
}

TEST(SitePhase, ClearOpensWithABaselineFromBefore) {
  const auto outcome = Given(MillLaneCreated(), BaselineRecorded(), HoldPlanRecorded())
                           .With<Reference>("gate-criteria", CriteriaPublished())
                           .When(Open(Phase::CLEAR));
  ASSERT_EQ(outcome.state().episodes_size(), 1);
  EXPECT_FALSE(outcome.state().baseline_retrospective());
  EXPECT_FALSE(Warns(outcome.decision(), v1::Warning::NO_BASELINE));
}

TEST(SitePhase, IsJudgedByWhatWasKnownOnItsFirstDay) {
  // The baseline speaks of a time up to 31 January 2026: it is no baseline for a CLEAR of 2025.
  v1::OpenPhase past = Open(Phase::CLEAR);
  *past.mutable_opened_on() = On(2026, 1, 30);
  Given(MillLaneCreated(), BaselineRecorded(), Recorded(2, "hold-plan", On(2026, 1, 1)))
      .With<Reference>("gate-criteria", CriteriaPublished())
      .When(past)
      .ThenRefused(Refusal::GATE_NOT_PASSED);
  *past.mutable_opened_on() = On(2026, 1, 31);
  EXPECT_EQ(Given(MillLaneCreated(), BaselineRecorded(), Recorded(2, "hold-plan", On(2026, 1, 1)))
                .With<Reference>("gate-criteria", CriteriaPublished())
                .When(past)
                .state()
                .episodes_size(),
            1);
}

TEST(SitePhase, ClearOpensUnderAnOverrideAndSaysSoForGood) {
  const auto outcome = Given(MillLaneCreated(), HoldPlanRecorded(), Overridden(On(2026, 3, 2)))
                           .With<Reference>("gate-criteria", CriteriaPublished())
                           .When(Open(Phase::CLEAR));
  outcome.ThenWarns(v1::Warning::UNDER_OVERRIDE).ThenWarns(v1::Warning::NO_BASELINE);
  ASSERT_EQ(outcome.state().episodes_size(), 1);
  EXPECT_TRUE(outcome.state().baseline_retrospective());
}

TEST(SitePhase, AnOverrideCoversOnlyWhatItNames) {
  const auto outcome = Given(MillLaneCreated(), Overridden(On(2026, 3, 9)))
                           .With<Reference>("gate-criteria", CriteriaPublished())
                           .When(Open(Phase::CLEAR));
  outcome.ThenRefused(Refusal::GATE_NOT_PASSED);
  EXPECT_EQ(outcome.decision().reasons.size(), 2U);
}

TEST(SitePhase, AnOverrideThatIsOverOpensNothing) {
  Given(MillLaneCreated(), HoldPlanRecorded(), Overridden(On(2026, 3, 1)))
      .With<Reference>("gate-criteria", CriteriaPublished())
      .When(Open(Phase::CLEAR))
      .ThenRefused(Refusal::GATE_NOT_PASSED);
}

TEST(SitePhase, WhoOverrodeTheGateDoesNotOpenThePhase) {
  Given(MillLaneCreated(), HoldPlanRecorded(), Overridden(On(2026, 3, 9)))
      .By("sue", "westmoor-police")
      .With<Reference>("gate-criteria", CriteriaPublished())
      .When(Open(Phase::CLEAR))
      .ThenRefused(Refusal::SAME_PERSON);
}

TEST(SitePhase, ClearOnARetrospectiveBaselineSaysSo) {
  v1::EvidenceRecorded baseline = BaselineRecorded();
  baseline.mutable_evidence()->set_retrospective(true);
  const auto outcome = Given(MillLaneCreated(), baseline, HoldPlanRecorded())
                           .With<Reference>("gate-criteria", CriteriaPublished())
                           .When(Open(Phase::CLEAR));
  outcome.ThenWarns(v1::Warning::BASELINE_RETROSPECTIVE);
  EXPECT_EQ(outcome.state().episodes_size(), 1);
}

TEST(SitePhase, OfOneKindIsOpenOnceInAZone) {
  Given(MillLaneCreated(), Opened(1, Phase::HOLD, On(2026, 3, 1)))
      .When(Open(Phase::HOLD))
      .ThenRefused(Refusal::EPISODE_OVERLAPS, "phase");
  Given(MillLaneCreated(), Opened(1, Phase::HOLD, On(2026, 3, 1), "North"))
      .When(Open(Phase::HOLD, "north"))
      .ThenRefused(Refusal::EPISODE_OVERLAPS, "phase");
}

TEST(SitePhase, OverlapsWithOtherPhasesAndOtherZones) {
  const auto outcome = Given(MillLaneCreated(), Opened(1, Phase::HOLD, On(2026, 3, 1)),
                             Opened(2, Phase::BUILD, On(2026, 3, 1), "north"))
                           .With<Reference>("gate-criteria", CriteriaPublished())
                           .When(Open(Phase::HOLD, "north"));
  EXPECT_EQ(outcome.state().episodes_size(), 3);
}

TEST(SitePhase, RepeatsOnceTheEpisodeBeforeItIsOver) {
  v1::OpenPhase again = Open(Phase::HOLD);
  *again.mutable_opened_on() = On(2026, 2, 9);
  Given(MillLaneCreated(), Opened(1, Phase::HOLD, On(2026, 1, 1)),
        Closed(1, Phase::HOLD, On(2026, 2, 10)))
      .With<Reference>("gate-criteria", CriteriaPublished())
      .When(again)
      .ThenRefused(Refusal::EPISODE_OVERLAPS, "opened_on");
  *again.mutable_opened_on() = On(2026, 2, 10);
  EXPECT_EQ(Given(MillLaneCreated(), Opened(1, Phase::HOLD, On(2026, 1, 1)),
                  Closed(1, Phase::HOLD, On(2026, 2, 10)))
                .With<Reference>("gate-criteria", CriteriaPublished())
                .When(again)
                .state()
                .episodes_size(),
            2);
}

TEST(SitePhase, OpenedTwiceIsOpenedOnce) {
  Given(MillLaneCreated(), Opened(1, Phase::HOLD, On(2026, 3, 2)))
      .When(Open(Phase::HOLD))
      .ThenNothingHappens();
}

TEST(SitePhase, DoesNotOpenInTheFutureOrWithoutAName) {
  v1::OpenPhase later = Open(Phase::HOLD);
  *later.mutable_opened_on() = On(2026, 3, 3);
  Given(MillLaneCreated()).When(later).ThenRefused(Refusal::IN_FUTURE, "opened_on");
  Given(MillLaneCreated()).When(v1::OpenPhase()).ThenRefused(Refusal::REQUIRED, "phase");
}

TEST(SitePhase, DoesNotOpenWhereNoCriteriaArePublished) {
  Given(MillLaneCreated()).When(Open(Phase::HOLD)).ThenRefused(Refusal::CRITERIA_MISSING);
}

TEST(SitePhase, IsLedByAnAgencyThatSignedUp) {
  v1::OpenPhase led = Open(Phase::HOLD);
  led.set_lead_agency("westmoor-council");
  Given(MillLaneCreated()).When(led).ThenRefused(Refusal::AGENCY_NOT_SIGNED_UP, "lead_agency");
}

TEST(SitePhase, WarnsWhereAnotherClassLeads) {
  v1::OpenPhase led = Open(Phase::BUILD);
  led.set_lead_agency("westmoor-police");
  const auto outcome = Given(MillLaneCreated(), PoliceSignedUp())
                           .With<Reference>("gate-criteria", CriteriaPublished())
                           .When(led);
  outcome.ThenWarns(v1::Warning::OTHER_LEAD_CLASS);
  EXPECT_EQ(outcome.state().episodes(0).lead_agency(), "westmoor-police");
  led.set_lead_agency("westmoor-council");
  EXPECT_FALSE(Warns(Given(MillLaneCreated(), CouncilSignedUp())
                         .With<Reference>("gate-criteria", CriteriaPublished())
                         .When(led)
                         .decision(),
                     v1::Warning::OTHER_LEAD_CLASS));
}

TEST(SitePhase, ClosesOnce) {
  v1::PhaseClosed closed = Closed(1, Phase::HOLD, On(2026, 3, 2));
  Given(MillLaneCreated(), Opened(1, Phase::HOLD, On(2026, 3, 1)))
      .When(Close(Phase::HOLD))
      .Then(closed);
  Given(MillLaneCreated(), Opened(1, Phase::HOLD, On(2026, 3, 1)), closed)
      .When(Close(Phase::HOLD))
      .ThenNothingHappens();
}

TEST(SitePhase, ClosesOnlyWhatIsOpenAndNotBeforeItOpened) {
  Given(MillLaneCreated()).When(Close(Phase::HOLD)).ThenRefused(Refusal::WRONG_STATE, "phase");
  v1::ClosePhase early = Close(Phase::HOLD);
  *early.mutable_closed_on() = On(2026, 2, 28);
  Given(MillLaneCreated(), Opened(1, Phase::HOLD, On(2026, 3, 1)))
      .When(early)
      .ThenRefused(Refusal::DATE_ORDER, "closed_on");
  v1::ClosePhase later = Close(Phase::HOLD);
  *later.mutable_closed_on() = On(2026, 3, 3);
  Given(MillLaneCreated(), Opened(1, Phase::HOLD, On(2026, 3, 1)))
      .When(later)
      .ThenRefused(Refusal::IN_FUTURE, "closed_on");
}

TEST(SitePastPhase, IsRecordedWithoutAGateAndOnce) {
  Given(MillLaneCreated())
      .When(PastClear())
      .Then(PastClearRecorded())
      .ThenWarns(v1::Warning::BASELINE_RETROSPECTIVE);
  Given(MillLaneCreated(), PastClearRecorded()).When(PastClear()).ThenNothingHappens();
}

TEST(SitePastPhase, MakesLaterBaselinesRetrospectiveOnlyWhereItIsClear) {
  EXPECT_TRUE(Given(MillLaneCreated(), PastClearRecorded()).state().baseline_retrospective());
  v1::RecordPastPhase hold = PastClear();
  hold.set_phase(Phase::HOLD);
  EXPECT_FALSE(Given(MillLaneCreated()).When(hold).state().baseline_retrospective());
}

TEST(SitePastPhase, EndedBeforeTheSiteWasCreated) {
  v1::RecordPastPhase until_today = PastClear();
  *until_today.mutable_to() = On(2026, 3, 2);
  Given(MillLaneCreated()).When(until_today).ThenRefused(Refusal::NOT_PAST, "to");
}

TEST(SitePastPhase, HasItsDaysInOrderAndItsSource) {
  v1::RecordPastPhase reversed = PastClear();
  *reversed.mutable_to() = On(2016, 9, 30);
  Given(MillLaneCreated()).When(reversed).ThenRefused(Refusal::DATE_ORDER, "to");
  v1::RecordPastPhase unsourced = PastClear();
  unsourced.clear_source();
  Given(MillLaneCreated()).When(unsourced).ThenRefused(Refusal::REQUIRED, "source");
  v1::RecordPastPhase endless = PastClear();
  endless.clear_to();
  Given(MillLaneCreated()).When(endless).ThenRefused(Refusal::REQUIRED, "to");
  v1::RecordPastPhase beginless = PastClear();
  beginless.clear_from();
  Given(MillLaneCreated()).When(beginless).ThenRefused(Refusal::REQUIRED, "from");
  v1::RecordPastPhase nameless = PastClear();
  nameless.clear_phase();
  Given(MillLaneCreated()).When(nameless).ThenRefused(Refusal::REQUIRED, "phase");
}

TEST(SitePastPhase, DoesNotOverlapAnotherOfItsKind) {
  v1::RecordPastPhase another = PastClear();
  *another.mutable_from() = On(2017, 1, 30);
  *another.mutable_to() = On(2017, 6, 30);
  Given(MillLaneCreated(), PastClearRecorded())
      .When(another)
      .ThenRefused(Refusal::EPISODE_OVERLAPS, "from");
  another.set_zone("south");
  EXPECT_EQ(Given(MillLaneCreated(), PastClearRecorded()).When(another).state().episodes_size(), 2);
}

}  // namespace
}  // namespace holdfast::initiative
