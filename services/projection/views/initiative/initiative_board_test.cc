#include "projection/views/initiative/initiative_board.h"

#include <gtest/gtest.h>

namespace holdfast::projection {
namespace {

namespace v1 = initiative::v1;

EventMeta OfSite() {
  EventMeta meta;
  meta.stream_id = "mill-lane";
  return meta;
}

template <class... Events>
InitiativeBoard::Row Folded(const Events&... events) {
  InitiativeBoard::Row row;
  (InitiativeBoard::Apply(row, events, OfSite()), ...);
  return row;
}

v1::PhaseOpened Opened(std::uint32_t episode, v1::Phase::Code phase) {
  v1::PhaseOpened event;
  event.set_episode(episode);
  event.set_phase(phase);
  event.set_zone("site");
  event.mutable_opened_on()->set_year(2024);
  return event;
}

TEST(InitiativeBoard, DrawsABandThatStaysOpenUntilThePhaseCloses) {
  v1::PhaseClosed closed;
  closed.set_episode(1);
  closed.mutable_closed_on()->set_year(2025);
  const auto row = Folded(Opened(1, v1::Phase::CLEAR), Opened(2, v1::Phase::HOLD), closed);
  ASSERT_EQ(row.phases_size(), 2);
  EXPECT_EQ(row.phases(0).to().year(), 2025);
  EXPECT_FALSE(row.phases(1).has_to());
}

TEST(InitiativeBoard, SaysOfAPastPhaseThatItWasRecordedAfterwards) {
  v1::PastPhaseRecorded past;
  past.set_episode(1);
  past.set_source("minutes of the board");
  const auto row = Folded(past);
  EXPECT_TRUE(row.phases(0).recorded_afterwards());
  EXPECT_EQ(row.phases(0).source(), "minutes of the board");
}

TEST(InitiativeBoard, KeepsAnOverrideThatEnded) {
  v1::GateOverridden overridden;
  overridden.set_override(3);
  overridden.set_rationale("risk to life");
  v1::OverrideEnded ended;
  ended.set_override(3);
  const auto row = Folded(overridden, ended);
  ASSERT_EQ(row.overrides_size(), 1);
  EXPECT_TRUE(row.overrides(0).ended());
  EXPECT_EQ(row.overrides(0).rationale(), "risk to life");
}

TEST(InitiativeBoard, DoesNotFitTheEndOfAPhaseThatItNeverSawBegin) {
  board::v1::InitiativeBoardRow row;
  v1::PhaseClosed closed;
  closed.set_episode(7);
  const Fit fit = InitiativeBoard::Apply(row, closed, EventMeta());
  ASSERT_FALSE(fit.has_value());
  EXPECT_EQ(fit.error().reason, "UNKNOWN_EPISODE");
}

TEST(InitiativeBoard, DoesNotFitTheCorrectionOfAPhaseThatItNeverSawBegin) {
  board::v1::InitiativeBoardRow row;
  v1::SiteCorrected corrected;
  corrected.mutable_episode()->set_episode(7);
  const Fit fit = InitiativeBoard::Apply(row, corrected, EventMeta());
  ASSERT_FALSE(fit.has_value());
  EXPECT_EQ(fit.error().reason, "UNKNOWN_EPISODE");
}

TEST(InitiativeBoard, MovesABandWhenItsDaysAreCorrected) {
  v1::SiteCorrected corrected;
  corrected.mutable_episode()->set_episode(1);
  corrected.mutable_episode()->mutable_opened_on()->set_year(2023);
  const auto row = Folded(Opened(1, v1::Phase::CLEAR), corrected);
  EXPECT_EQ(row.phases(0).from().year(), 2023);
  EXPECT_FALSE(row.phases(0).has_to());
}

TEST(InitiativeBoard, ListsAnAgencyOnceAndDropsItWhenItWithdraws) {
  v1::AgencySignedUp council;
  council.set_agency("council");
  v1::AgencySignedUp housing;
  housing.set_agency("housing");
  v1::AgencyWithdrawn withdrawn;
  withdrawn.set_agency("council");
  const auto row = Folded(council, housing, council, withdrawn);
  ASSERT_EQ(row.agencies_size(), 1);
  EXPECT_EQ(row.agencies(0), "housing");
}

}  // namespace
}  // namespace holdfast::projection
