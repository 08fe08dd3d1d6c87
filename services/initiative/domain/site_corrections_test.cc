#include <gtest/gtest.h>

#include "initiative/domain/site.h"
#include "initiative/domain/site_fixtures.h"

namespace holdfast::initiative {
namespace {

constexpr testing::GivenEventsOf<Site> Given;
using Refusal = v1::Refusal;
using v1::Phase;

v1::CorrectSite Rename() {
  return Text(R"pb(reason: "misspelt" name: "Mill Lane and Quay")pb");
}
v1::SiteCorrected Renamed() {
  return Text(R"pb(field: "name" reason: "misspelt" name: "Mill Lane and Quay")pb");
}
v1::CorrectSite MoveTo(const type::v1::Day& opened_on) {
  v1::CorrectSite command = Text(R"pb(reason: "wrong week"
                                      episode: { episode: 1 })pb");
  *command.mutable_episode()->mutable_opened_on() = opened_on;
  return command;
}

TEST(SiteCorrection, OfTheNameHappensOnce) {
  const auto outcome = Given(MillLaneCreated()).When(Rename());
  outcome.Then(Renamed());
  EXPECT_EQ(outcome.state().name(), "Mill Lane and Quay");
  Given(MillLaneCreated(), Renamed()).When(Rename()).ThenNothingHappens();
}

TEST(SiteCorrection, NeedsAReasonAndSomethingToCorrect) {
  v1::CorrectSite unexplained = Rename();
  unexplained.clear_reason();
  Given(MillLaneCreated()).When(unexplained).ThenRefused(Refusal::REQUIRED, "reason");
  v1::CorrectSite empty = Rename();
  empty.clear_to();
  Given(MillLaneCreated()).When(empty).ThenRefused(Refusal::REQUIRED, "to");
  v1::CorrectSite nameless = Rename();
  nameless.set_name("");
  Given(MillLaneCreated()).When(nameless).ThenRefused(Refusal::REQUIRED, "name");
}

TEST(SiteCorrection, ReachesAClosedSite) {
  v1::SiteClosed closed = Text(R"pb(closed_on: { year: 2026 month: 3 day: 2 }
                                    reason: "done")pb");
  Given(MillLaneCreated(), closed).When(Rename()).Then(Renamed());
}

TEST(SiteCorrection, MovesTheFirstDayOfAnOpenEpisode) {
  v1::SiteCorrected moved = Text(R"pb(field: "episode"
                                      reason: "wrong week"
                                      episode: {
                                        episode: 1
                                        opened_on: { year: 2026 month: 2 day: 20 }
                                      })pb");
  const auto outcome = Given(MillLaneCreated(), Opened(1, Phase::HOLD, On(2026, 3, 1)))
                           .When(MoveTo(On(2026, 2, 20)));
  outcome.Then(moved);
  EXPECT_TRUE(SameDay(outcome.state().episodes(0).opened_on(), On(2026, 2, 20)));
  Given(MillLaneCreated(), Opened(1, Phase::HOLD, On(2026, 2, 20)))
      .When(MoveTo(On(2026, 2, 20)))
      .ThenNothingHappens();
}

TEST(SiteCorrection, MovesBothDaysOfAClosedEpisode) {
  v1::CorrectSite move = MoveTo(On(2026, 1, 1));
  *move.mutable_episode()->mutable_closed_on() = On(2026, 2, 1);
  const auto outcome = Given(MillLaneCreated(), Opened(1, Phase::HOLD, On(2026, 1, 2)),
                             Closed(1, Phase::HOLD, On(2026, 2, 2)))
                           .When(move);
  EXPECT_TRUE(SameDay(outcome.state().episodes(0).opened_on(), On(2026, 1, 1)));
  EXPECT_TRUE(SameDay(outcome.state().episodes(0).closed_on(), On(2026, 2, 1)));
  Given(MillLaneCreated(), Opened(1, Phase::HOLD, On(2026, 1, 1)),
        Closed(1, Phase::HOLD, On(2026, 2, 1)))
      .When(move)
      .ThenNothingHappens();
}

TEST(SiteCorrection, DoesNotCloseOrReopenAnEpisode) {
  v1::CorrectSite closing = MoveTo(On(2026, 1, 1));
  *closing.mutable_episode()->mutable_closed_on() = On(2026, 2, 1);
  Given(MillLaneCreated(), Opened(1, Phase::HOLD, On(2026, 1, 1)))
      .When(closing)
      .ThenRefused(Refusal::WRONG_STATE, "episode.closed_on");
  Given(MillLaneCreated(), Opened(1, Phase::HOLD, On(2026, 1, 1)),
        Closed(1, Phase::HOLD, On(2026, 2, 1)))
      .When(MoveTo(On(2026, 1, 2)))
      .ThenRefused(Refusal::REQUIRED, "episode.closed_on");
}

TEST(SiteCorrection, KeepsTheRulesOfDays) {
  Given(MillLaneCreated(), Opened(1, Phase::HOLD, On(2026, 3, 1)))
      .When(MoveTo(On(2026, 3, 3)))
      .ThenRefused(Refusal::IN_FUTURE, "episode.opened_on");
  v1::CorrectSite reversed = MoveTo(On(2026, 2, 2));
  *reversed.mutable_episode()->mutable_closed_on() = On(2026, 2, 1);
  Given(MillLaneCreated(), Opened(1, Phase::HOLD, On(2026, 1, 1)),
        Closed(1, Phase::HOLD, On(2026, 2, 1)))
      .When(reversed)
      .ThenRefused(Refusal::DATE_ORDER, "episode.closed_on");
  v1::CorrectSite late = MoveTo(On(2026, 2, 2));
  *late.mutable_episode()->mutable_closed_on() = On(2026, 3, 3);
  Given(MillLaneCreated(), Opened(1, Phase::HOLD, On(2026, 1, 1)),
        Closed(1, Phase::HOLD, On(2026, 2, 1)))
      .When(late)
      .ThenRefused(Refusal::IN_FUTURE, "episode.closed_on");
  v1::CorrectSite dayless = MoveTo(On(2026, 1, 1));
  dayless.mutable_episode()->clear_opened_on();
  Given(MillLaneCreated(), Opened(1, Phase::HOLD, On(2026, 1, 1)))
      .When(dayless)
      .ThenRefused(Refusal::REQUIRED, "episode.opened_on");
  Given(MillLaneCreated())
      .When(MoveTo(On(2026, 1, 1)))
      .ThenRefused(Refusal::UNKNOWN_CODE, "episode.episode");
}

TEST(SiteCorrection, KeepsEpisodesApartAndThePastPast) {
  v1::CorrectSite move = MoveTo(On(2026, 1, 1));
  *move.mutable_episode()->mutable_closed_on() = On(2026, 2, 12);
  Given(MillLaneCreated(), Opened(1, Phase::HOLD, On(2026, 1, 1)),
        Closed(1, Phase::HOLD, On(2026, 2, 1)), Opened(2, Phase::HOLD, On(2026, 2, 10)))
      .When(move)
      .ThenRefused(Refusal::EPISODE_OVERLAPS, "episode.opened_on");
  v1::PastPhaseRecorded past = Text(R"pb(episode: 1
                                         phase: CLEAR
                                         zone: "site"
                                         opened_on: { year: 2016 month: 10 day: 1 }
                                         closed_on: { year: 2017 month: 1 day: 31 })pb");
  v1::CorrectSite to_today = MoveTo(On(2016, 10, 1));
  *to_today.mutable_episode()->mutable_closed_on() = On(2026, 3, 2);
  Given(MillLaneCreated(), past).When(to_today).ThenRefused(Refusal::NOT_PAST, "episode.closed_on");
}

}  // namespace
}  // namespace holdfast::initiative
