#include <gtest/gtest.h>

#include "holdfast/initiative/v1/initiative.pb.h"

#include "base/civil_time.h"
#include "initiative/domain/site_fixtures.h"
#include "initiative/reactors/carry_baseline.h"
#include "initiative/reactors/mirror_areas.h"

namespace holdfast::initiative {
namespace {

metrics::v1::BaselineLocked Locked() {
  return Text(R"pb(site_id: "01900000-0000-7000-8000-000000000001"
                   number: 2
                   window: {
                     from: { year: 2023 month: 2 }
                     to: { year: 2026 month: 1 }
                   }
                   waived: { gate: G8_SURVEY reason: "no survey" }
                   caveats: SHORT_BASELINE
                   digest: "d")pb");
}
EventMeta LockedOn(absl::CivilDay day) {
  EventMeta meta;
  meta.recorded_at = LondonMidnight(day) + absl::Hours(12);
  return meta;
}
const v1::RecordEvidence& Only(const std::vector<eventsourcing::Reaction>& reactions) {
  return static_cast<const v1::RecordEvidence&>(*reactions.at(0).command);
}

TEST(CarryBaseline, RecordsEvidenceObservedOnTheLastDayOfItsWindow) {
  const auto reactions = CarryBaseline::React(Locked(), LockedOn(absl::CivilDay(2026, 3, 2)));
  ASSERT_EQ(reactions.size(), 1U);
  const v1::RecordEvidence& command = Only(reactions);
  EXPECT_EQ(command.site_id(), kSiteId);
  EXPECT_EQ(command.criterion(), "baseline-locked");
  EXPECT_EQ(command.ref().id(), "baseline/01900000-0000-7000-8000-000000000001#2");
  EXPECT_EQ(command.ref().sha256(), "d");
  EXPECT_TRUE(SameDay(command.ref().taken_on(), On(2026, 3, 2)));
  EXPECT_TRUE(SameDay(command.observed_on(), On(2026, 1, 31)));
  EXPECT_EQ(command.value(), 36);
  EXPECT_FALSE(command.retrospective());
}

TEST(CarryBaseline, TakesCaveatsAndWaiversAlong) {
  const auto reactions = CarryBaseline::React(Locked(), LockedOn(absl::CivilDay(2026, 3, 2)));
  ASSERT_EQ(Only(reactions).caveats_size(), 2);
  EXPECT_EQ(Only(reactions).caveats(0), "SHORT_BASELINE");
  EXPECT_EQ(Only(reactions).caveats(1), "WAIVED_G8_SURVEY");
}

TEST(CarryBaseline, IsNeverObservedAfterItWasLocked) {
  const auto reactions = CarryBaseline::React(Locked(), LockedOn(absl::CivilDay(2026, 1, 15)));
  EXPECT_TRUE(SameDay(Only(reactions).observed_on(), On(2026, 1, 15)));
}

TEST(CarryBaseline, StaysRetrospective) {
  metrics::v1::BaselineLocked locked = Locked();
  locked.set_retrospective(true);
  EXPECT_TRUE(
      Only(CarryBaseline::React(locked, LockedOn(absl::CivilDay(2026, 3, 2)))).retrospective());
}

TEST(MirrorGeography, TakesTheCodesOfASetOfBoundaries) {
  metrics::v1::ReferenceSetPublished published =
      Text(R"pb(kind: GEOGRAPHY
                area_set: { kind: "ward" vintage: "2013" }
                codes: "W02"
                codes: "W01")pb");
  const auto reactions = MirrorGeography::React(published, EventMeta());
  ASSERT_EQ(reactions.size(), 1U);
  const auto& command = static_cast<const v1::MirrorAreas&>(*reactions[0].command);
  EXPECT_EQ(command.areas_id(), "ward@2013");
  EXPECT_EQ(command.set().vintage(), "2013");
  EXPECT_EQ(command.codes_size(), 2);
}

TEST(MirrorGeography, LeavesOtherSetsAlone) {
  metrics::v1::ReferenceSetPublished published = Text(R"pb(kind: WEIGHTS)pb");
  EXPECT_TRUE(MirrorGeography::React(published, EventMeta()).empty());
}

}  // namespace
}  // namespace holdfast::initiative
