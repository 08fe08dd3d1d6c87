#include "initiative/views/gate_page.h"

#include <gtest/gtest.h>

#include "initiative/domain/site_fixtures.h"
#include "initiative/views/fold_fixtures.h"
#include "initiative/views/site_page.h"

namespace holdfast::initiative {
namespace {

using v1::GetGateResponse;
const absl::CivilDay kToday(2026, 3, 2);

v1::ReferenceSet Criteria() {
  v1::ReferenceSet set;
  *set.add_criteria() = CriteriaPublished().criteria();
  return set;
}
v1::GateOverridden Overridden(const type::v1::Day& until) {
  v1::GateOverridden overridden =
      Text(R"pb(override: 1 gate: 1 phase: CLEAR zone: "site" criteria: "baseline-locked")pb");
  *overridden.mutable_until() = until;
  return overridden;
}
GetGateResponse Page(const v1::SitePage& site) {
  return GatePage(site, Criteria(), v1::Phase::CLEAR, "", kToday, kToday);
}

TEST(GatePage, SaysFirstWhatIsMissing) {
  Folded<SitePage> site(kSiteId);
  site.Add(MillLaneCreated(), HoldPlanRecorded());
  const GetGateResponse page = Page(site.row());
  EXPECT_EQ(page.answer(), GetGateResponse::SHUT);
  ASSERT_EQ(page.missing_size(), 1);
  EXPECT_EQ(page.missing(0).criterion().id(), "baseline-locked");
  EXPECT_EQ(page.missing(0).outcome(), v1::CriterionResult::NOTHING_RECORDED);
  EXPECT_FALSE(page.missing(0).has_evidence());
  ASSERT_EQ(page.warnings_size(), 1);
  EXPECT_EQ(page.warnings(0).criterion().id(), "survey");
  ASSERT_EQ(page.met_size(), 1);
  EXPECT_EQ(page.met(0).evidence().number(), 2U);
  EXPECT_EQ(page.criteria_version(), 1U);
  EXPECT_EQ(page.zone(), "site");
}

TEST(GatePage, IsOpenWhereEveryHardCriterionIsMet) {
  Folded<SitePage> site(kSiteId);
  site.Add(MillLaneCreated(), BaselineRecorded(), HoldPlanRecorded());
  EXPECT_EQ(Page(site.row()).answer(), GetGateResponse::OPEN);
}

TEST(GatePage, DoesNotWeighWithdrawnEvidence) {
  Folded<SitePage> site(kSiteId);
  site.Add(MillLaneCreated(), BaselineRecorded(), HoldPlanRecorded(),
           v1::EvidenceWithdrawn(Text(R"pb(evidence: 1)pb")));
  EXPECT_EQ(Page(site.row()).answer(), GetGateResponse::SHUT);
}

TEST(GatePage, IsOpenByAnOverrideUntilItsLastDay) {
  Folded<SitePage> site(kSiteId);
  site.Add(MillLaneCreated(), HoldPlanRecorded(), Overridden(On(2026, 3, 2)));
  const GetGateResponse page = Page(site.row());
  EXPECT_EQ(page.answer(), GetGateResponse::OPEN_BY_OVERRIDE);
  EXPECT_EQ(page.missing(0).override(), 1U);
  EXPECT_EQ(page.overrides_size(), 1);
  Folded<SitePage> over(kSiteId);
  over.Add(MillLaneCreated(), HoldPlanRecorded(), Overridden(On(2026, 3, 1)));
  EXPECT_EQ(Page(over.row()).answer(), GetGateResponse::SHUT);
  EXPECT_EQ(Page(over.row()).overrides_size(), 0);
}

TEST(GatePage, IsShutWhereTheOverrideCoversOnlySome) {
  Folded<SitePage> site(kSiteId);
  site.Add(MillLaneCreated(), Overridden(On(2026, 3, 9)));
  EXPECT_EQ(Page(site.row()).answer(), GetGateResponse::SHUT);
}

TEST(GatePage, ShowsTheLatestEvaluationOfItsZone) {
  Folded<SitePage> site(kSiteId);
  site.Add(MillLaneCreated(), v1::GateEvaluated(Text(R"pb(gate: 1 phase: CLEAR zone: "north")pb")),
           v1::GateEvaluated(Text(R"pb(gate: 2 phase: CLEAR zone: "site")pb")));
  EXPECT_EQ(Page(site.row()).last().number(), 2U);
}

TEST(GatePage, SaysWhereNoCriteriaAreInForce) {
  Folded<SitePage> site(kSiteId);
  site.Add(MillLaneCreated());
  EXPECT_EQ(GatePage(site.row(), v1::ReferenceSet(), v1::Phase::CLEAR, "", kToday, kToday).answer(),
            GetGateResponse::NO_CRITERIA);
}

}  // namespace
}  // namespace holdfast::initiative
