#include "gtest/gtest.h"
#include "metrics/domain/series.h"
#include "metrics/domain/site_mirror.h"
#include "testing/scenario.h"

namespace holdfast::metrics {
namespace {

using Refusal = v1::Refusal;
using testing::Text;

constexpr testing::GivenEventsOf<SeriesMarks> Given;
constexpr testing::GivenEventsOf<SiteMirror> GivenMirror;

v1::MarkPhase ClearOpens() {
  return Text(R"pb(
    site_id: "larkhill"
    episode_id: "1"
    phase: "CLEAR"
    zone: "north"
    from { year: 2016 month: 10 day: 1 }
  )pb");
}

v1::PhaseMarked ClearOpened() {
  return Text(R"pb(
    site_id: "larkhill"
    episode_id: "1"
    phase: "CLEAR"
    zone: "north"
    from { year: 2016 month: 10 day: 1 }
  )pb");
}

TEST(SeriesMarks, DrawAPhaseFromItsFirstDayToItsLast) {
  Given().When(ClearOpens()).Then(ClearOpened());
  Given(ClearOpened()).When(ClearOpens()).ThenNothingHappens();
  v1::MarkPhase closes = Text(R"pb(site_id: "larkhill"
                                   episode_id: "1"
                                   to { year: 2017 month: 1 day: 31 })pb");
  v1::PhaseMarked closed = ClearOpened();
  closed.mutable_to()->set_year(2017);
  closed.mutable_to()->set_month(1);
  closed.mutable_to()->set_day(31);
  const auto outcome = Given(ClearOpened()).When(closes);
  outcome.Then(closed);
  EXPECT_EQ(outcome.state().phases_size(), 1);
}

TEST(SeriesMarks, OpenAPhaseAgainThatWasCorrected) {
  v1::PhaseMarked closed = ClearOpened();
  closed.mutable_to()->set_year(2017);
  v1::MarkPhase again = Text(R"pb(
    site_id: "larkhill"
    episode_id: "1"
    from { year: 2016 month: 10 day: 1 }
  )pb");
  Given(closed).When(again).Then(ClearOpened());
}

TEST(SeriesMarks, RefuseAPhaseThatEndsBeforeItBegins) {
  v1::MarkPhase mark = ClearOpens();
  mark.mutable_to()->set_year(2015);
  Given().When(mark).ThenRefused(Refusal::DATE_ORDER, "to");
}

TEST(SeriesMarks, DrawABreakAndWithdrawIt) {
  v1::MarkBreak mark = Text(R"pb(
    site_id: "larkhill"
    break_id: "boundaries-2014"
    kind: BOUNDARY
    from { year: 2014 month: 5 day: 1 }
    text: "New ward boundaries."
  )pb");
  v1::BreakMarked marked = Text(R"pb(
    break_id: "boundaries-2014"
    kind: BOUNDARY
    from { year: 2014 month: 5 day: 1 }
    text: "New ward boundaries."
  )pb");
  Given().When(mark).Then(marked);
  Given(marked).When(mark).ThenNothingHappens();
  v1::MarkBreak other = mark;
  other.set_text("Other boundaries.");
  Given(marked).When(other).ThenRefused(Refusal::CONTENT_DIFFERS, "break_id");
  v1::WithdrawBreak withdraw =
      Text(R"pb(site_id: "larkhill" break_id: "boundaries-2014" reason: "Not here.")pb");
  v1::BreakWithdrawn withdrawn = Text(R"pb(break_id: "boundaries-2014" reason: "Not here.")pb");
  const auto outcome = Given(marked).When(withdraw);
  outcome.Then(withdrawn);
  EXPECT_TRUE(outcome.state().breaks().empty());
  Given().When(withdraw).ThenRefused(Refusal::UNKNOWN_BREAK, "break_id");
}

TEST(SiteMirror, KeepsWhatAFactDoesNotTell) {
  v1::MirrorSite created = Text(R"pb(
    site_id: "larkhill"
    site { site_id: "larkhill" name: "Larkhill Together" }
  )pb");
  v1::SiteMirrored first = Text(R"pb(site_id: "larkhill" name: "Larkhill Together")pb");
  GivenMirror().When(created).Then(first);
  v1::MirrorSite boundary = Text(R"pb(
    site_id: "larkhill"
    site {
      site_id: "larkhill"
      set { kind: "ward" vintage: "2013" }
      areas: "X002"
    }
  )pb");
  v1::SiteMirrored whole = Text(R"pb(
    site_id: "larkhill"
    name: "Larkhill Together"
    set { kind: "ward" vintage: "2013" }
    areas: "X002"
  )pb");
  GivenMirror(first).When(boundary).Then(whole);
  GivenMirror(first, whole).When(boundary).ThenNothingHappens();
}

TEST(SiteMirror, KnowsAgenciesAndDutiesWhileTheyLast) {
  v1::MirrorSite sro = Text(R"pb(
    site_id: "larkhill"
    duty_held { actor_ref: "m-1" duty: SRO }
  )pb");
  v1::MirrorDutyHeld held = Text(R"pb(actor_ref: "m-1" duty: SRO)pb");
  v1::MirrorDutyEnded ended = Text(R"pb(actor_ref: "m-1" duty: SRO)pb");
  GivenMirror().When(sro).Then(held);
  GivenMirror(held).When(sro).ThenNothingHappens();
  v1::MirrorSite over = Text(R"pb(
    site_id: "larkhill"
    duty_ended { actor_ref: "m-1" duty: SRO }
  )pb");
  const auto outcome = GivenMirror(held).When(over);
  outcome.Then(ended);
  EXPECT_TRUE(outcome.state().holders().empty());
  // A sponsor takes the place of the one before, whatever else that person holds.
  v1::MirrorDutyHeld sponsor = Text(R"pb(actor_ref: "m-1" duty: CHIEF_OFFICER sponsor: true)pb");
  v1::MirrorSite named = Text(R"pb(
    site_id: "larkhill"
    duty_held { actor_ref: "m-2" duty: CHIEF_OFFICER sponsor: true }
  )pb");
  const auto renamed = GivenMirror(held, sponsor).When(named);
  ASSERT_EQ(renamed.state().holders_size(), 2);
  EXPECT_EQ(renamed.state().holders(0).actor_ref(), "m-1");
  EXPECT_EQ(renamed.state().holders(1).actor_ref(), "m-2");
  v1::MirrorSite left = Text(R"pb(site_id: "larkhill"
                                  withdrew { agency: "council" })pb");
  GivenMirror().When(left).ThenNothingHappens();
  v1::MirrorSite nothing = Text(R"pb(site_id: "larkhill")pb");
  GivenMirror().When(nothing).ThenRefused(Refusal::REQUIRED, "fact");
}

}  // namespace
}  // namespace holdfast::metrics
