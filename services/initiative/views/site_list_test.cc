#include "initiative/views/site_list.h"

#include <gtest/gtest.h>

#include "initiative/domain/site_fixtures.h"
#include "initiative/views/fold_fixtures.h"
#include "initiative/views/phase_timeline.h"
#include "initiative/views/reference_sets.h"

namespace holdfast::initiative {
namespace {

TEST(SiteListView, ShowsTheOpenPhasesOnly) {
  Folded<SiteList> list(kSiteId);
  list.Add(MillLaneCreated(), Opened(1, v1::Phase::CLEAR, On(2026, 1, 1)),
           Opened(2, v1::Phase::HOLD, On(2026, 2, 1), "north"),
           Closed(1, v1::Phase::CLEAR, On(2026, 2, 2)),
           v1::SiteCorrected(Text(R"pb(field: "episode"
                                       episode: {
                                         episode: 2
                                         opened_on: { year: 2026 month: 2 day: 3 }
                                       })pb")));
  const v1::SiteSummary& row = list.row();
  EXPECT_EQ(row.name(), "Mill Lane");
  ASSERT_EQ(row.open_phases_size(), 1);
  EXPECT_EQ(row.open_phases(0).phase(), v1::Phase::HOLD);
  EXPECT_EQ(row.open_phases(0).zone(), "north");
  EXPECT_EQ(row.open_phases(0).opened_on().day(), 3);
  EXPECT_EQ(row.episodes(), 2U);
}

TEST(SiteListView, CountsTheOverridesInForce) {
  Folded<SiteList> list(kSiteId);
  list.Add(MillLaneCreated(), v1::GateOverridden(Text(R"pb(override: 1)pb")),
           v1::GateOverridden(Text(R"pb(override: 2)pb")),
           v1::OverrideEnded(Text(R"pb(override: 1)pb")));
  EXPECT_EQ(list.row().overrides_in_force(), 1U);
  EXPECT_EQ(list.row().overrides(0), 2U);
}

TEST(SiteListView, ShowsNameBoundaryAndEnd) {
  Folded<SiteList> list(kSiteId);
  v1::PhaseOpened clear = Opened(1, v1::Phase::CLEAR, On(2026, 1, 1));
  clear.set_without_baseline(true);
  list.Add(MillLaneCreated(), v1::BoundarySet(Text(R"pb(set: { kind: "ward" vintage: "2013" }
                                                        codes: "W01")pb")),
           v1::BrandNamed(Text(R"pb(brand: "Better Together")pb")),
           v1::SiteCorrected(Text(R"pb(field: "name" name: "Quay")pb")), clear, v1::SiteClosed());
  EXPECT_EQ(list.row().name(), "Quay");
  EXPECT_EQ(list.row().brand(), "Better Together");
  EXPECT_EQ(list.row().codes(0), "W01");
  EXPECT_TRUE(list.row().closed());
  EXPECT_TRUE(list.row().baseline_retrospective());
}

TEST(PhaseTimelineView, HasARowForEachEpisodeInOrderOfRecord) {
  Folded<PhaseTimeline> timeline(kSiteId);
  timeline.Add(Opened(1, v1::Phase::CLEAR, On(2026, 1, 1)),
               Closed(1, v1::Phase::CLEAR, On(2026, 2, 2)),
               Opened(10, v1::Phase::HOLD, On(2026, 2, 2)),
               v1::SiteCorrected(Text(R"pb(field: "name" name: "Quay")pb")),
               v1::SiteCorrected(Text(R"pb(field: "episode"
                                           episode: {
                                             episode: 10
                                             opened_on: { year: 2026 month: 2 day: 3 }
                                           })pb")));
  EXPECT_EQ(timeline.size(), 2U);
  EXPECT_LT(PhaseTimeline::KeyOf(kSiteId, 2), PhaseTimeline::KeyOf(kSiteId, 10));
  const v1::PhaseLine& first = timeline.row(PhaseTimeline::KeyOf(kSiteId, 1));
  EXPECT_EQ(first.site_id(), kSiteId);
  EXPECT_TRUE(first.episode().has_closed_on());
  EXPECT_EQ(timeline.row(PhaseTimeline::KeyOf(kSiteId, 10)).episode().opened_on().day(), 3);
}

TEST(PhaseTimelineView, MarksWhatWasRecordedAfterwards) {
  Folded<PhaseTimeline> timeline(kSiteId);
  timeline.Add(v1::PastPhaseRecorded(Text(R"pb(episode: 1 phase: CLEAR source: "minutes")pb")));
  const v1::PhaseLine& line = timeline.row(PhaseTimeline::KeyOf(kSiteId, 1));
  EXPECT_TRUE(line.episode().recorded_afterwards());
  EXPECT_EQ(line.site_id(), kSiteId);
}

TEST(ReferenceSetsView, KeepsEveryVersion) {
  Folded<ReferenceSets> sets("gate-criteria");
  v1::GateCriteriaPublished second = CriteriaPublished();
  second.mutable_criteria()->set_version(2);
  sets.Add(CriteriaPublished(), second);
  EXPECT_EQ(sets.row().set(), "gate-criteria");
  ASSERT_EQ(sets.row().criteria_size(), 2);
  EXPECT_EQ(sets.row().criteria(1).version(), 2U);
  Folded<ReferenceSets> terms("police-terms");
  terms.Add(v1::PoliceTermsPublished(Text(R"pb(terms: { version: 1 terms: "OCG" })pb")));
  EXPECT_EQ(terms.row().terms(0).terms(0), "OCG");
}

}  // namespace
}  // namespace holdfast::initiative
