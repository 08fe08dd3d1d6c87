#include "cli/report/valid_time.h"

#include <optional>
#include <string>

#include "gtest/gtest.h"

namespace holdfast::cli::report {
namespace {

board::v1::PhaseBand BandOf(initiative::v1::Phase::Code phase, absl::CivilDay from) {
  board::v1::PhaseBand band;
  band.set_phase(phase);
  band.mutable_from()->set_year(static_cast<std::int32_t>(from.year()));
  band.mutable_from()->set_month(from.month());
  band.mutable_from()->set_day(from.day());
  return band;
}

void End(board::v1::PhaseBand& band, absl::CivilDay to) {
  band.mutable_to()->set_year(static_cast<std::int32_t>(to.year()));
  band.mutable_to()->set_month(to.month());
  band.mutable_to()->set_day(to.day());
}

TEST(ValidTime, AMonthCountsOnceItsLastDayIsOver) {
  EXPECT_EQ(LastEndedMonth(absl::CivilDay(2018, 6, 30)), absl::CivilMonth(2018, 6));
  EXPECT_EQ(LastEndedMonth(absl::CivilDay(2018, 6, 29)), absl::CivilMonth(2018, 5));
  EXPECT_EQ(LastEndedMonth(absl::CivilDay(2020, 2, 29)), absl::CivilMonth(2020, 2));
  EXPECT_EQ(LastEndedMonth(absl::CivilDay(2018, 1, 1)), absl::CivilMonth(2017, 12));
}

TEST(ValidTime, APhaseClosedLaterIsStillOpenAndALaterOneIsNotThere) {
  board::v1::SiteBoard board;
  auto& clear = *board.mutable_site()->add_phases();
  clear = BandOf(initiative::v1::Phase::CLEAR, absl::CivilDay(2017, 1, 1));
  End(clear, absl::CivilDay(2017, 6, 30));
  *board.mutable_site()->add_phases() =
      BandOf(initiative::v1::Phase::HOLD, absl::CivilDay(2017, 7, 1));

  const board::v1::SiteBoard before = CutTo(board, absl::CivilDay(2017, 6, 29));
  ASSERT_EQ(before.site().phases_size(), 1);
  EXPECT_FALSE(before.site().phases(0).has_to());
  const board::v1::SiteBoard on = CutTo(board, absl::CivilDay(2017, 6, 30));
  ASSERT_EQ(on.site().phases_size(), 1);
  EXPECT_TRUE(on.site().phases(0).has_to());
  EXPECT_EQ(CutTo(board, absl::CivilDay(2017, 7, 1)).site().phases_size(), 2);
  EXPECT_EQ(CutTo(board, absl::CivilDay(2016, 1, 1)).site().phases_size(), 0);
}

TEST(ValidTime, AHalfYearCountsOnceItHasEndedAndItsMonthsAreCovered) {
  const MonthSpan span{absl::CivilMonth(2016, 3), absl::CivilMonth(2018, 6)};
  const auto names = [&span](absl::CivilDay day) {
    std::string all;
    for (const HalfYear half : EndedHalfYears(span, day)) all += FormatHalfYear(half) + " ";
    return all;
  };
  EXPECT_EQ(names(absl::CivilDay(2018, 6, 30)), "2016H1 2016H2 2017H1 2017H2 2018H1 ");
  EXPECT_EQ(names(absl::CivilDay(2018, 6, 29)), "2016H1 2016H2 2017H1 2017H2 ");
  EXPECT_EQ(names(absl::CivilDay(2030, 1, 1)), "2016H1 2016H2 2017H1 2017H2 2018H1 ");
  EXPECT_EQ(names(absl::CivilDay(2016, 6, 29)), "");
}

TEST(ValidTime, ComparesTheWholeMonthsOfThePhaseThatBeganLast) {
  board::v1::SiteBoard board;
  *board.mutable_site()->add_phases() =
      BandOf(initiative::v1::Phase::PREPARE, absl::CivilDay(2017, 9, 1));
  *board.mutable_site()->add_phases() =
      BandOf(initiative::v1::Phase::CLEAR, absl::CivilDay(2017, 3, 10));
  const MonthSpan covered{absl::CivilMonth(2016, 1), absl::CivilMonth(2017, 12)};
  const std::optional<ComparedPhase> phase = PhaseToCompare(board, covered);
  ASSERT_TRUE(phase && phase->months);
  EXPECT_EQ(phase->band.phase(), initiative::v1::Phase::CLEAR);
  EXPECT_EQ(phase->months->first, absl::CivilMonth(2017, 4));
  EXPECT_EQ(phase->months->last, absl::CivilMonth(2017, 12));
  EXPECT_FALSE(phase->shortened);

  const std::optional<ComparedPhase> longer =
      PhaseToCompare(board, {absl::CivilMonth(2016, 1), absl::CivilMonth(2018, 12)});
  EXPECT_EQ(longer->months->first, absl::CivilMonth(2018, 1));
  EXPECT_TRUE(longer->shortened);

  EXPECT_FALSE(
      PhaseToCompare(board, {absl::CivilMonth(2016, 1), absl::CivilMonth(2017, 3)})->months);
  EXPECT_FALSE(PhaseToCompare(board::v1::SiteBoard(), covered));
}

}  // namespace
}  // namespace holdfast::cli::report
