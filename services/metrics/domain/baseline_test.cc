#include "metrics/domain/baseline.h"

#include <string>

#include "gtest/gtest.h"
#include "metrics/domain/extract.h"
#include "metrics/domain/site_mirror.h"
#include "testing/scenario.h"

namespace holdfast::metrics {
namespace {

using Refusal = v1::Refusal;
using testing::Text;

constexpr testing::GivenEventsOf<Baseline> Given;

v1::LockBaseline Lock() {
  v1::LockBaseline lock = Text(R"pb(
    site_id: "larkhill"
    found {
      set { kind: "ward" vintage: "2013" }
      areas: "X001"
      window {
        from { year: 2014 month: 1 }
        to { year: 2016 month: 12 }
      }
      measures { measure_id: "crime" version: 1 }
      gates { gate: G1_SOURCES outcome: PASSED }
      gates { gate: G10_DIGESTS outcome: PASSED }
      extracts {
        dataset: "westmoor-street"
        month { year: 2016 month: 12 }
        revision: 1
        digest: "d"
      }
    }
    agencies: "police"
    agencies: "council"
  )pb");
  return lock;
}

v1::ExtractState December(const std::string& digest) {
  v1::ExtractState state;
  state.add_accepted()->set_digest(digest);
  return state;
}

v1::MirrorState Larkhill() {
  return Text(R"pb(
    site { site_id: "larkhill" }
    agencies { agency: "westmoor-police" type: POLICE }
    agencies { agency: "council" type: COUNCIL }
    agencies { agency: "residents" type: RESIDENTS }
  )pb");
}

v1::MirrorState WithSro(const std::string& actor) {
  v1::MirrorState site = Larkhill();
  site.add_holders()->set_actor_ref(actor);
  site.mutable_holders(0)->set_duty(type::v1::Duty::SRO);
  return site;
}

v1::LockBaseline LockWithoutSurvey() {
  v1::LockBaseline lock = Lock();
  v1::GateResult& gate = *lock.mutable_found()->add_gates();
  gate.set_gate(v1::Gate::G8_SURVEY);
  gate.set_outcome(v1::Gate::FAILED);
  gate.set_finding("no survey wave is recorded");
  return lock;
}

v1::LockBaseline Waiving(v1::Gate::Code gate) {
  v1::LockBaseline lock = LockWithoutSurvey();
  v1::Waiver& waiver = *lock.mutable_found()->add_waived();
  waiver.set_gate(gate);
  waiver.set_reason("The survey starts in spring.");
  lock.set_waived_by("someone");
  return lock;
}

TEST(Baseline, IsLockedWhenEveryGateIsMet) {
  const auto outcome = Given()
                           .With<SiteMirror>("larkhill", Larkhill())
                           .With<Extract>("westmoor-street.2016-12", December("d"))
                           .When(Lock());
  v1::BaselineLocked locked = Lock().found();
  locked.set_site_id("larkhill");
  locked.set_number(1);
  outcome.Then(locked);
}

TEST(Baseline, IsRetrospectiveOnceClearHasBegun) {
  v1::MirrorState site = Larkhill();
  site.add_phases()->set_phase("CLEAR");
  v1::BaselineLocked locked = Lock().found();
  locked.set_site_id("larkhill");
  locked.set_number(1);
  locked.set_retrospective(true);
  locked.add_caveats(v1::Caveat::RETROSPECTIVE);
  Given()
      .With<SiteMirror>("larkhill", site)
      .With<Extract>("westmoor-street.2016-12", December("d"))
      .When(Lock())
      .Then(locked);
}

TEST(Baseline, IsNotLockedOnDataThatMoved) {
  Given()
      .With<SiteMirror>("larkhill", Larkhill())
      .With<Extract>("westmoor-street.2016-12", December("other"))
      .When(Lock())
      .ThenRefused(Refusal::DATA_MOVED);
}

TEST(Baseline, NeedsTwelveMonths) {
  v1::LockBaseline lock = Lock();
  lock.mutable_found()->mutable_window()->mutable_from()->set_year(2016);
  lock.mutable_found()->mutable_window()->mutable_from()->set_month(2);
  Given()
      .With<SiteMirror>("larkhill", Larkhill())
      .With<Extract>("westmoor-street.2016-12", December("d"))
      .When(lock)
      .ThenRefused(Refusal::HISTORY_TOO_SHORT, "window");
}

TEST(Baseline, HasNoMonthWithoutData) {
  v1::LockBaseline lock = Lock();
  lock.add_missing_months("crime 2016-04");
  Given()
      .With<SiteMirror>("larkhill", Larkhill())
      .With<Extract>("westmoor-street.2016-12", December("d"))
      .When(lock)
      .ThenRefused(Refusal::MONTH_MISSING, "window");
}

TEST(Baseline, NeedsAMeasureOfEachAgencyButTheCommunitys) {
  v1::LockBaseline lock = Lock();
  lock.clear_agencies();
  lock.add_agencies("police");
  Given()
      .With<SiteMirror>("larkhill", Larkhill())
      .With<Extract>("westmoor-street.2016-12", December("d"))
      .When(lock)
      .ThenRefused(Refusal::AGENCY_WITHOUT_MEASURE, "measures");
  lock.add_no_data_agencies("council");
  const auto outcome = Given()
                           .With<SiteMirror>("larkhill", Larkhill())
                           .With<Extract>("westmoor-street.2016-12", December("d"))
                           .When(lock);
  EXPECT_FALSE(outcome.decision().refused);
}

TEST(Baseline, ComparesWithAreasOutsideTheSiteOnly) {
  v1::LockBaseline lock = Lock();
  lock.mutable_found()->add_comparators("X001");
  Given()
      .With<SiteMirror>("larkhill", Larkhill())
      .With<Extract>("westmoor-street.2016-12", December("d"))
      .When(lock)
      .ThenRefused(Refusal::COMPARATOR_OVERLAPS);
}

TEST(Baseline, NamesTheGatesThatAreNotMet) {
  const auto outcome = Given()
                           .With<SiteMirror>("larkhill", Larkhill())
                           .With<Extract>("westmoor-street.2016-12", December("d"))
                           .When(LockWithoutSurvey());
  outcome.ThenRefused(Refusal::BASELINE_INCOMPLETE, "waive");
  EXPECT_EQ(outcome.decision().reasons[0].rule, "G8: no survey wave is recorded");
}

TEST(Baseline, IsLockedWhereTheSroWaivesWhatIsNotMet) {
  const auto outcome = Given()
                           .With<SiteMirror>("larkhill", WithSro("someone"))
                           .With<Extract>("westmoor-street.2016-12", December("d"))
                           .When(Waiving(v1::Gate::G8_SURVEY));
  ASSERT_FALSE(outcome.decision().refused);
  const auto& locked = static_cast<const v1::BaselineLocked&>(*outcome.decision().events.front());
  EXPECT_EQ(locked.gates(2).outcome(), v1::Gate::WAIVED);
  EXPECT_EQ(locked.waived(0).by(), "someone");
  EXPECT_EQ(locked.waived(0).duty(), type::v1::Duty::SRO);
  EXPECT_EQ(locked.caveats(0), v1::Caveat::GATE_WAIVED);
}

TEST(Baseline, IsWaivedByNobodyElse) {
  Given()
      .With<SiteMirror>("larkhill", WithSro("another"))
      .With<Extract>("westmoor-street.2016-12", December("d"))
      .When(Waiving(v1::Gate::G8_SURVEY))
      .ThenRefused(Refusal::WAIVER_NOT_SENIOR, "waive");
  // Nor by one who names another in the request.
  v1::LockBaseline lock = Waiving(v1::Gate::G8_SURVEY);
  lock.set_waived_by("another");
  Given()
      .With<SiteMirror>("larkhill", WithSro("another"))
      .With<Extract>("westmoor-street.2016-12", December("d"))
      .When(lock)
      .ThenRefused(Refusal::WAIVER_NOT_SENIOR, "waive");
}

TEST(Baseline, NeverWaivesDefinitionsAndDigests) {
  for (const v1::Gate::Code gate : {v1::Gate::G5_DEFINITIONS, v1::Gate::G10_DIGESTS}) {
    Given()
        .With<SiteMirror>("larkhill", WithSro("someone"))
        .With<Extract>("westmoor-street.2016-12", December("d"))
        .When(Waiving(gate))
        .ThenRefused(Refusal::NEVER_WAIVED, "waive");
  }
}

TEST(Baseline, IsLockedOnceAndAgainWhenSuperseded) {
  v1::BaselineLocked locked;
  locked.set_number(1);
  Given(locked)
      .With<SiteMirror>("larkhill", Larkhill())
      .With<Extract>("westmoor-street.2016-12", December("d"))
      .When(Lock())
      .ThenRefused(Refusal::ALREADY_LOCKED);
  v1::SupersedeBaseline supersede = Text(R"pb(site_id: "larkhill" reason: "New boundary.")pb");
  v1::BaselineSuperseded superseded = Text(R"pb(number: 1 reason: "New boundary.")pb");
  Given(locked).When(supersede).Then(superseded);
  const auto outcome = Given(locked, superseded)
                           .With<SiteMirror>("larkhill", Larkhill())
                           .With<Extract>("westmoor-street.2016-12", December("d"))
                           .When(Lock());
  ASSERT_FALSE(outcome.decision().refused);
  EXPECT_EQ(static_cast<const v1::BaselineLocked&>(*outcome.decision().events.front()).number(), 2);
}

TEST(Baseline, FreezesItsComparatorsWithTheLock) {
  v1::ChooseComparators choose = Text(R"pb(
    site_id: "larkhill"
    set { kind: "ward" vintage: "2013" }
    codes: "X002"
    displacement_codes: "X003"
    rationale: "Closest fit before."
  )pb");
  v1::ComparatorsChosen chosen = Text(R"pb(
    set { kind: "ward" vintage: "2013" }
    codes: "X002"
    displacement_codes: "X003"
    rationale: "Closest fit before."
  )pb");
  Given().When(choose).Then(chosen);
  Given(chosen).When(choose).ThenNothingHappens();
  v1::BaselineLocked locked;
  locked.set_number(1);
  Given(chosen, locked).When(choose).ThenRefused(Refusal::ALREADY_LOCKED);
  choose.add_displacement_codes("X002");
  Given().When(choose).ThenRefused(Refusal::COMPARATOR_OVERLAPS, "displacement_codes");
}

}  // namespace
}  // namespace holdfast::metrics
