#include "projection/views/metrics/measures_board.h"

#include <gtest/gtest.h>

namespace holdfast::projection {
namespace {

namespace v1 = metrics::v1;

EventMeta At(absl::Time recorded_at) {
  EventMeta meta;
  meta.stream_id = "mill-lane";
  meta.recorded_at = recorded_at;
  return meta;
}

TEST(MeasuresBoard, DatesABaselineByTheDayInLondonOnWhichItWasRecorded) {
  v1::BaselineLocked locked;
  locked.set_number(1);
  locked.add_waived()->set_reason("survey in the field");
  MeasuresBoard::Row row;
  MeasuresBoard::Apply(row, locked,
                       At(absl::FromUnixSeconds(1467327600)));  // 23:00 UTC on 30 June 2016
  ASSERT_EQ(row.baselines_size(), 1);
  EXPECT_EQ(row.baselines(0).locked_on().month(), 7);
  EXPECT_EQ(row.baselines(0).waived(0).reason(), "survey in the field");
}

TEST(MeasuresBoard, KeepsASupersededBaselineBesideItsSuccessor) {
  v1::BaselineLocked locked;
  locked.set_number(1);
  v1::BaselineSuperseded superseded;
  superseded.set_number(1);
  superseded.set_reason("boundary review");
  MeasuresBoard::Row row;
  MeasuresBoard::Apply(row, locked, At(absl::UnixEpoch()));
  MeasuresBoard::Apply(row, superseded, At(absl::UnixEpoch()));
  locked.set_number(2);
  MeasuresBoard::Apply(row, locked, At(absl::UnixEpoch()));
  ASSERT_EQ(row.baselines_size(), 2);
  EXPECT_TRUE(row.baselines(0).superseded());
  EXPECT_FALSE(row.baselines(1).superseded());
}

TEST(MeasuresBoard, DrawsABreakUntilItIsWithdrawn) {
  v1::BreakMarked marked;
  marked.set_break_id("system-2024");
  v1::BreakWithdrawn withdrawn;
  withdrawn.set_break_id("system-2024");
  MeasuresBoard::Row row;
  MeasuresBoard::Apply(row, marked, At(absl::UnixEpoch()));
  EXPECT_EQ(row.breaks_size(), 1);
  MeasuresBoard::Apply(row, withdrawn, At(absl::UnixEpoch()));
  EXPECT_EQ(row.breaks_size(), 0);
}

}  // namespace
}  // namespace holdfast::projection
