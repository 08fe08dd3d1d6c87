#include "initiative/queries.h"

#include <map>

#include <gtest/gtest.h>

#include "base/check.h"
#include "base/error.h"
#include "initiative/domain/site_fixtures.h"
#include "initiative/views/fold_fixtures.h"
#include "initiative/views/phase_timeline.h"
#include "initiative/views/reference_sets.h"
#include "initiative/views/site_list.h"
#include "initiative/views/site_page.h"

namespace holdfast::initiative {
namespace {

// Rows in memory, with the context of a call around them.
class Rows : public readmodel::Reader, public app::QueryContext {
 public:
  template <class V>
  void Put(const std::string& key, const typename V::Row& row) {
    rows_[std::string(V::kName)][key] = row.SerializeAsString();
  }

  const std::string& tenant() const override { return tenant_; }
  type::v1::AsOf as_of() const override {
    type::v1::AsOf as_of;
    as_of.add_contexts()->mutable_position()->set_seq(7);
    return as_of;
  }
  const security::VerifiedPrincipal& principal() const override {
    HOLDFAST_CHECK(false);  // no query of this context asks who calls
  }
  const readmodel::Reader& reader() const override { return *this; }
  absl::Time now() const override { return testing::kSomeday; }

 protected:
  absl::StatusOr<bool> GetRow(std::string_view view, std::string_view key,
                              google::protobuf::Message& row) const override {
    const auto& rows = Of(view);
    const auto found = rows.find(std::string(key));
    return found != rows.end() && row.ParseFromString(found->second);
  }
  absl::Status ScanRows(std::string_view view, std::string_view prefix, std::string_view after,
                        std::size_t limit, google::protobuf::Message& row,
                        absl::FunctionRef<bool(std::string_view)> each) const override {
    std::size_t given = 0;
    for (const auto& [key, bytes] : Of(view)) {
      if (!key.starts_with(prefix) || (!after.empty() && key <= after)) continue;
      if (limit != 0 && given++ == limit) break;
      row.ParseFromString(bytes);
      if (!each(key)) break;
    }
    return absl::OkStatus();
  }

 private:
  const std::map<std::string, std::string>& Of(std::string_view view) const {
    static const std::map<std::string, std::string> kNone;
    const auto found = rows_.find(std::string(view));
    return found == rows_.end() ? kNone : found->second;
  }

  std::string tenant_ = "westmoor";
  std::map<std::string, std::map<std::string, std::string>> rows_;
};

v1::SiteSummary Site(const std::string& id, const std::string& name) {
  v1::SiteSummary site;
  site.set_site_id(id);
  site.set_name(name);
  return site;
}

std::vector<std::string> IdsOf(const v1::ListSitesResponse& answer) {
  std::vector<std::string> ids;
  for (const v1::SiteSummary& site : answer.sites()) ids.push_back(site.site_id());
  return ids;
}

TEST(GetSite, AnswersThePageAndHowFreshItIs) {
  Folded<SitePage> page(kSiteId);
  page.Add(MillLaneCreated());
  Rows rows;
  rows.Put<SitePage>(kSiteId, page.row());
  v1::GetSiteRequest request;
  request.set_site_id(kSiteId);
  const auto answer = GetSite(request, rows);
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ(answer->site().name(), "Mill Lane");
  EXPECT_EQ(answer->as_of().contexts(0).position().seq(), 7U);
}

TEST(GetSite, SaysThatThereIsNone) {
  v1::GetSiteRequest request;
  request.set_site_id(kSiteId);
  const auto answer = GetSite(request, Rows());
  EXPECT_EQ(answer.status().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(ReasonOf(answer.status()), "NOT_FOUND");
}

TEST(GetGate, AnswersForTodayWhereNoDayIsAsked) {
  Folded<SitePage> page(kSiteId);
  page.Add(MillLaneCreated());
  v1::ReferenceSet criteria;
  *criteria.add_criteria() = CriteriaPublished().criteria();
  Rows rows;
  rows.Put<SitePage>(kSiteId, page.row());
  rows.Put<ReferenceSets>("gate-criteria", criteria);
  v1::GetGateRequest request;
  request.set_site_id(kSiteId);
  request.set_phase(v1::Phase::CLEAR);
  const auto answer = GetGate(request, rows);
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ(answer->answer(), v1::GetGateResponse::SHUT);
  EXPECT_EQ(answer->missing_size(), 2);
  EXPECT_TRUE(SameDay(answer->for_day(), On(2026, 3, 2)));
}

TEST(ListSites, GivesEachSiteOncePageByPage) {
  Rows rows;
  for (const char* id : {"a", "b", "c", "d", "e"}) rows.Put<SiteList>(id, Site(id, "Mill"));
  v1::ListSitesRequest request;
  request.set_page_size(2);
  std::vector<std::string> seen;
  int pages = 0;
  do {
    const auto answer = ListSites(request, rows);
    ASSERT_TRUE(answer.ok()) << answer.status();
    for (const std::string& id : IdsOf(*answer)) seen.push_back(id);
    request.set_page_token(answer->next_page_token());
    ++pages;
  } while (!request.page_token().empty());
  EXPECT_EQ(seen, (std::vector<std::string>{"a", "b", "c", "d", "e"}));
  EXPECT_EQ(pages, 3);
}

TEST(ListSites, RefusesAPageTokenOfAnotherFilter) {
  Rows rows;
  for (const char* id : {"a", "b"}) rows.Put<SiteList>(id, Site(id, "Mill"));
  v1::ListSitesRequest request;
  request.set_page_size(1);
  const auto first = ListSites(request, rows);
  ASSERT_TRUE(first.ok());
  ASSERT_FALSE(first->next_page_token().empty());
  request.set_page_token(first->next_page_token());
  request.set_text("quay");
  EXPECT_EQ(ReasonOf(ListSites(request, rows).status()), "PAGE_TOKEN_MISMATCH");
  request.set_page_token("not a token");
  EXPECT_EQ(ReasonOf(ListSites(request, rows).status()), "PAGE_TOKEN_MISMATCH");
}

TEST(ListSites, FiltersByNamePhaseAreaOverrideAndEnd) {
  Rows rows;
  v1::SiteSummary mill = Site("a", "Mill Lane");
  mill.add_open_phases()->set_phase(v1::Phase::CLEAR);
  mill.add_codes("W01");
  v1::SiteSummary quay = Site("b", "Quay");
  quay.set_brand("Milling About");
  quay.set_overrides_in_force(1);
  v1::SiteSummary closed = Site("c", "Old Mill");
  closed.set_closed(true);
  rows.Put<SiteList>("a", mill);
  rows.Put<SiteList>("b", quay);
  rows.Put<SiteList>("c", closed);
  const auto ids = [&](const v1::ListSitesRequest& request) {
    return IdsOf(*ListSites(request, rows));
  };
  using Ids = std::vector<std::string>;
  EXPECT_EQ(ids(Text("")), (Ids{"a", "b"}));
  EXPECT_EQ(ids(Text("include_closed: true")), (Ids{"a", "b", "c"}));
  EXPECT_EQ(ids(Text("text: 'MILL' include_closed: true")), (Ids{"a", "b", "c"}));
  EXPECT_EQ(ids(Text("text: 'lane'")), (Ids{"a"}));
  EXPECT_EQ(ids(Text("phase: CLEAR")), (Ids{"a"}));
  EXPECT_EQ(ids(Text("phase: HOLD")), (Ids{}));
  EXPECT_EQ(ids(Text("area_code: 'W01'")), (Ids{"a"}));
  EXPECT_EQ(ids(Text("only_under_override: true")), (Ids{"b"}));
}

TEST(ListPhases, GivesTheEpisodesOfOneSiteOrOfAll) {
  Rows rows;
  for (const char* site : {"a", "ab"}) {
    for (std::uint32_t number = 1; number <= 2; ++number) {
      v1::PhaseLine line;
      line.set_site_id(site);
      line.mutable_episode()->set_number(number);
      line.mutable_episode()->set_phase(number == 1 ? v1::Phase::CLEAR : v1::Phase::HOLD);
      if (number == 1) *line.mutable_episode()->mutable_closed_on() = On(2026, 3, 1);
      rows.Put<PhaseTimeline>(PhaseTimeline::KeyOf(site, number), line);
    }
  }
  EXPECT_EQ(ListPhases(Text(""), rows)->phases_size(), 4);
  EXPECT_EQ(ListPhases(Text("site_id: 'a'"), rows)->phases_size(), 2);
  EXPECT_EQ(ListPhases(Text("only_open: true"), rows)->phases_size(), 2);
  EXPECT_EQ(ListPhases(Text("phase: CLEAR only_open: true"), rows)->phases_size(), 0);
}

TEST(ListReferenceSets, GivesEverySet) {
  Rows rows;
  v1::ReferenceSet set;
  set.set_set("gate-criteria");
  rows.Put<ReferenceSets>("gate-criteria", set);
  const auto answer = ListReferenceSets(v1::ListReferenceSetsRequest(), rows);
  ASSERT_TRUE(answer.ok());
  ASSERT_EQ(answer->sets_size(), 1);
  EXPECT_EQ(answer->sets(0).set(), "gate-criteria");
}

}  // namespace
}  // namespace holdfast::initiative
