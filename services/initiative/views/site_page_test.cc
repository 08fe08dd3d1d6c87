#include "initiative/views/site_page.h"

#include <gtest/gtest.h>

#include "initiative/domain/site_fixtures.h"
#include "initiative/views/fold_fixtures.h"

namespace holdfast::initiative {
namespace {

Folded<SitePage> MillLane() {
  Folded<SitePage> page(kSiteId);
  page.Add(MillLaneCreated());
  return page;
}
v1::GateEvaluated Evaluated(std::uint32_t gate) {
  v1::GateEvaluated evaluated =
      Text(R"pb(phase: CLEAR
                zone: "site"
                for_day: { year: 2026 month: 3 day: 2 }
                criteria_version: 1
                results: { criterion: "baseline-locked" level: HARD outcome: MET evidence: 1 }
                results: { criterion: "survey" level: WARNING outcome: MET evidence: 2 }
                requested_by: "ann")pb");
  evaluated.set_gate(gate);
  return evaluated;
}
v1::GatePassed Passed(std::uint32_t gate) {
  v1::GatePassed passed = Text(R"pb(phase: CLEAR
                                    zone: "site"
                                    valid_until: { year: 2026 month: 3 day: 30 })pb");
  passed.set_gate(gate);
  return passed;
}

TEST(SitePageView, ShowsWhoWhereAndUnderWhichName) {
  Folded<SitePage> page = MillLane();
  page.Add(v1::BoundarySet(Text(R"pb(set: { kind: "ward" vintage: "2013" }
                                     codes: "W01")pb")),
           CouncilSignedUp(), v1::SponsorNamed(Text(R"pb(duty: SRO holder_ref: "sue")pb")),
           v1::SponsorNamed(Text(R"pb(duty: SRO holder_ref: "sam")pb")),
           v1::BrandNamed(Text(R"pb(brand: "Better Together" chosen_by: RESIDENTS)pb")),
           v1::SiteCorrected(Text(R"pb(field: "name" name: "Mill Lane and Quay")pb")));
  const v1::SitePage& row = page.row();
  EXPECT_EQ(row.site_id(), kSiteId);
  EXPECT_EQ(row.name(), "Mill Lane and Quay");
  EXPECT_EQ(row.brand(), "Better Together");
  EXPECT_EQ(row.codes(0), "W01");
  ASSERT_EQ(row.sponsors_size(), 1);
  EXPECT_EQ(row.sponsors(0).holder_ref(), "sam");
  EXPECT_EQ(row.agencies(0).agency(), "westmoor-council");
  EXPECT_EQ(row.version(), 7U);
}

TEST(SitePageView, KeepsAnAgencyThatWentAndWelcomesItBack) {
  Folded<SitePage> page = MillLane();
  page.Add(CouncilSignedUp(),
           v1::AgencyWithdrawn(Text(R"pb(agency: "westmoor-council"
                                         withdrawn_on: { year: 2026 month: 4 day: 1 })pb")));
  ASSERT_EQ(page.row().agencies_size(), 1);
  EXPECT_TRUE(page.row().agencies(0).has_withdrawn_on());
  page.Add(CouncilSignedUp());
  ASSERT_EQ(page.row().agencies_size(), 1);
  EXPECT_FALSE(page.row().agencies(0).has_withdrawn_on());
}

TEST(SitePageView, ShowsEpisodesIncludingThoseRecordedAfterwards) {
  Folded<SitePage> page = MillLane();
  page.Add(v1::PastPhaseRecorded(Text(R"pb(episode: 1
                                           phase: CLEAR
                                           zone: "north"
                                           opened_on: { year: 2016 month: 10 day: 1 }
                                           closed_on: { year: 2017 month: 1 day: 31 }
                                           source: "minutes")pb")),
           Opened(2, v1::Phase::HOLD, On(2026, 3, 1)), Closed(2, v1::Phase::HOLD, On(2026, 3, 2)),
           v1::SiteCorrected(Text(R"pb(field: "episode"
                                       episode: {
                                         episode: 2
                                         opened_on: { year: 2026 month: 2 day: 28 }
                                         closed_on: { year: 2026 month: 3 day: 2 }
                                       })pb")));
  const v1::SitePage& row = page.row();
  ASSERT_EQ(row.episodes_size(), 2);
  EXPECT_TRUE(row.episodes(0).recorded_afterwards());
  EXPECT_EQ(row.episodes(0).source(), "minutes");
  EXPECT_FALSE(row.episodes(1).recorded_afterwards());
  EXPECT_EQ(row.episodes(1).opened_on().day(), 28);
  EXPECT_EQ(row.episodes(1).closed_on().day(), 2);
  EXPECT_EQ(row.episodes(1).corrections(), 1U);
  EXPECT_TRUE(row.baseline_retrospective());
}

TEST(SitePageView, KeepsTheLatestEvaluationAndThoseThatAPhaseOpenedOn) {
  Folded<SitePage> page = MillLane();
  page.Add(Evaluated(1), Passed(1), Evaluated(2), Passed(2));
  ASSERT_EQ(page.row().gates_size(), 1);
  EXPECT_EQ(page.row().gates(0).number(), 2U);
  v1::PhaseOpened opened = Opened(1, v1::Phase::CLEAR, On(2026, 3, 2));
  opened.set_gate(2);
  page.Add(opened, Evaluated(3));
  ASSERT_EQ(page.row().gates_size(), 2);
  EXPECT_TRUE(page.row().gates(0).passed());
  EXPECT_FALSE(page.row().gates(1).passed());
}

TEST(SitePageView, ShowsThatAPassFellWithItsEvidence) {
  Folded<SitePage> page = MillLane();
  page.Add(BaselineRecorded(), Evaluated(1), Passed(1),
           v1::EvidenceWithdrawn(Text(R"pb(evidence: 2 reason: "wrong")pb")));
  EXPECT_EQ(page.row().gates(0).fallen_with(), 0U);
  page.Add(v1::EvidenceWithdrawn(Text(R"pb(evidence: 1 reason: "wrong")pb")));
  EXPECT_EQ(page.row().gates(0).fallen_with(), 1U);
  EXPECT_TRUE(page.row().evidence(0).withdrawn());
  EXPECT_EQ(page.row().evidence(0).recorded_by(), "ann");
}

TEST(SitePageView, ShowsAnOverrideAndItsEnd) {
  Folded<SitePage> page = MillLane();
  page.Add(v1::GateOverridden(Text(R"pb(override: 1
                                        phase: CLEAR
                                        zone: "site"
                                        criteria: "baseline-locked"
                                        rationale: "violence is imminent"
                                        overridden_by: "sue"
                                        duty: SRO)pb")));
  ASSERT_EQ(page.row().overrides_size(), 1);
  EXPECT_EQ(page.row().overrides(0).rationale(), "violence is imminent");
  EXPECT_FALSE(page.row().overrides(0).ended());
  page.Add(v1::OverrideEnded(Text(R"pb(override: 1)pb")));
  EXPECT_TRUE(page.row().overrides(0).ended());
}

TEST(SitePageView, ShowsTheTeamWithoutTouchingTheVersionOfTheSite) {
  Folded<SitePage> page = MillLane();
  page.Add(Appointed(type::v1::Duty::SRO, "sue"), Appointed(type::v1::Duty::LRO, "lou"));
  EXPECT_EQ(page.row().officers_size(), 2);
  EXPECT_EQ(page.row().version(), 1U);
  page.Add(v1::OfficerStoodDown(Text(R"pb(duty: SRO holder_ref: "sue")pb")));
  ASSERT_EQ(page.row().officers_size(), 1);
  EXPECT_EQ(page.row().officers(0).holder_ref(), "lou");
}

TEST(SitePageView, ShowsThatASiteIsClosed) {
  Folded<SitePage> page = MillLane();
  page.Add(v1::SiteClosed(Text(R"pb(closed_on: { year: 2026 month: 5 day: 1 }
                                    reason: "done")pb")));
  EXPECT_EQ(page.row().closed_on().month(), 5);
  EXPECT_EQ(page.row().closed_reason(), "done");
}

TEST(SitePageView, DoesNotFitTheEndOfAPhaseThatItNeverSawBegin) {
  v1::SitePage row;
  v1::PhaseClosed closed;
  closed.set_episode(7);
  const Fit fit = SitePage::Apply(row, closed, EventMeta());
  ASSERT_FALSE(fit.has_value());
  EXPECT_EQ(fit.error().reason, "UNKNOWN_EPISODE");
}

TEST(SitePageView, DoesNotFitTheCorrectionOfAPhaseThatItNeverSawBegin) {
  v1::SitePage row;
  v1::SiteCorrected corrected;
  corrected.mutable_episode()->set_episode(7);
  const Fit fit = SitePage::Apply(row, corrected, EventMeta());
  ASSERT_FALSE(fit.has_value());
  EXPECT_EQ(fit.error().reason, "UNKNOWN_EPISODE");
}

}  // namespace
}  // namespace holdfast::initiative
