#include "projection/views/metrics/data_quality.h"

#include <gtest/gtest.h>

namespace holdfast::projection {
namespace {

namespace v1 = metrics::v1;

v1::ExtractOpened Opened(std::int32_t month, std::uint32_t revision) {
  v1::ExtractOpened event;
  event.set_dataset_id("westmoor-street");
  event.mutable_month()->set_year(2024);
  event.mutable_month()->set_month(month);
  event.set_revision(revision);
  event.set_rows(100 + revision);
  return event;
}

template <class Event>
Event Of(std::int32_t month, std::uint32_t revision) {
  Event event;
  event.set_dataset_id("westmoor-street");
  event.mutable_month()->set_year(2024);
  event.mutable_month()->set_month(month);
  event.set_revision(revision);
  return event;
}

TEST(DataQuality, KeepsMonthsInOrderHoweverTheyArrive) {
  DataQuality::Row row;
  for (const std::int32_t month : {3, 1, 2}) DataQuality::Apply(row, Opened(month, 1), EventMeta());
  ASSERT_EQ(row.months_size(), 3);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(row.months(i).month().month(), i + 1);
}

TEST(DataQuality, CountsARevisionOnlyOnceItIsAccepted) {
  DataQuality::Row row;
  DataQuality::Apply(row, Opened(1, 1), EventMeta());
  EXPECT_EQ(row.months(0).current(), 0U);
  DataQuality::Apply(row, Of<v1::ExtractQuarantined>(1, 1), EventMeta());
  EXPECT_TRUE(row.months(0).revisions(0).quarantined());
  DataQuality::Apply(row, Of<v1::ExtractAccepted>(1, 1), EventMeta());
  EXPECT_EQ(row.months(0).current(), 1U);
  EXPECT_FALSE(row.months(0).revisions(0).quarantined());
}

TEST(DataQuality, GoesBackToTheRevisionBeforeWhenOneIsReverted) {
  DataQuality::Row row;
  DataQuality::Apply(row, Opened(1, 1), EventMeta());
  DataQuality::Apply(row, Of<v1::ExtractAccepted>(1, 1), EventMeta());
  DataQuality::Apply(row, Opened(1, 2), EventMeta());
  DataQuality::Apply(row, Of<v1::ExtractAccepted>(1, 2), EventMeta());
  v1::ExtractReverted reverted = Of<v1::ExtractReverted>(1, 2);
  reverted.set_to_revision(1);
  DataQuality::Apply(row, reverted, EventMeta());
  EXPECT_EQ(row.months(0).current(), 1U);
}

TEST(DataQuality, ForgetsARevisionThatWasAbandoned) {
  DataQuality::Row row;
  DataQuality::Apply(row, Opened(1, 1), EventMeta());
  DataQuality::Apply(row, Of<v1::ExtractAbandoned>(1, 1), EventMeta());
  EXPECT_EQ(row.months(0).revisions_size(), 0);
}

}  // namespace
}  // namespace holdfast::projection
