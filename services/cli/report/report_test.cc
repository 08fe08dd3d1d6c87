#include "cli/report/report.h"

#include <set>
#include <string>
#include <vector>

#include <google/protobuf/struct.pb.h>
#include <google/protobuf/util/json_util.h>

#include "cli/report/charts.h"
#include "cli/report/claims.h"
#include "cli/report/command_line.h"
#include "cli/report/html.h"
#include "cli/report/invented_site.h"
#include "cli/report/svg.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace holdfast::cli::report {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

// What stands between `open` and the next `close`, for each `open`.
std::vector<std::string> Between(const std::string& text, const std::string& open,
                                 const std::string& close) {
  std::vector<std::string> found;
  for (std::size_t at = text.find(open); at != std::string::npos; at = text.find(open, at + 1)) {
    found.push_back(text.substr(at, text.find(close, at) - at));
  }
  return found;
}

// The page without its attributes for machines, as a reader sees it.
std::string WithoutFigures(std::string html) {
  for (std::size_t at = html.find(" data-figure=\""); at != std::string::npos;
       at = html.find(" data-figure=\"", at)) {
    html.erase(at, html.find('"', at + 14) + 1 - at);
  }
  return html;
}

// ---- the page ----

TEST(Report, RunsNothingAndFetchesNothing) {
  for (const ReportData& data : {InventedReport(), EmptyReport()}) {
    const std::string html = Render(data);
    for (const char* forbidden : {"<script", "http://", "https://", "javascript:", "@import",
                                  "<link", "<img", "<iframe", " src=", " onload", "url(\""}) {
      EXPECT_THAT(html, Not(HasSubstr(forbidden)));
    }
    EXPECT_THAT(html, HasSubstr("default-src 'none'"));
    // Fills of drawings and links stay within the page.
    for (const std::string& url : Between(html, "url(", ")")) EXPECT_EQ(url.substr(4, 1), "#");
    for (const std::string& link : Between(html, "href=\"", ">"))
      EXPECT_EQ(link.substr(6, 1), "#") << link;
  }
}

TEST(Report, NamesTheCommandThatRecomputesEachFigure) {
  const std::string html = Render(InventedReport());
  const auto figures = Between(html, "<figure", "</figure>");
  ASSERT_GE(figures.size(),
            14U);  // phases, 4 charts, changes, 2 of ranks, baseline, data, 5 tables
  for (const std::string& figure : figures) {
    EXPECT_THAT(figure, AllOf(HasSubstr("data-command=\"bin/holdfast "), HasSubstr("data-figure="),
                              HasSubstr("<figcaption"), HasSubstr("Recompute: ")))
        << figure.substr(0, 80);
  }
}

TEST(Report, PrintsTheVeryCommandThatAMachineReads) {
  const std::string html = Render(InventedReport());
  for (const Claim& claim : ReadClaims(html))
    EXPECT_THAT(html, HasSubstr("<code>" + Escape(claim.command) + "</code>"));
}

TEST(Report, ClaimsWhatTheServicesAnswered) {
  const ReportData data = InventedReport();
  const std::vector<Claim> claims = ReadClaims(Render(data));
  std::set<std::string> commands;
  for (const Claim& claim : claims) {
    commands.insert(claim.command);
    google::protobuf::Value parsed;
    EXPECT_TRUE(google::protobuf::util::JsonStringToMessage(claim.figure, &parsed).ok())
        << claim.command;
  }
  const std::string where = " --area W01,W02 --kind ward --vintage 2022";
  for (const std::string id : {"severity", "crime", "burglary", "noise"}) {
    EXPECT_EQ(commands.count("bin/holdfast measure series --measure " + id + where +
                             " --from 2023-01 --to 2025-12 --tenant eastvale -o json"),
              1U);
    EXPECT_EQ(commands.count("bin/holdfast measure xmr --measure " + id + where +
                             " --from 2023-01 --to 2025-12 --freeze-from 2023-01 --freeze-to "
                             "2024-12 --site fernley-together --tenant eastvale -o json"),
              1U);
    EXPECT_EQ(commands.count("bin/holdfast measure compare --measure " + id + where +
                             " --from 2025-07 --to 2025-12 --tenant eastvale -o json"),
              1U);
  }
  EXPECT_EQ(commands.count("bin/holdfast measure rank --measure severity --kind ward --vintage "
                           "2022 --period 2025H2 --tenant eastvale -o json"),
            1U);
  for (const char* rest : {"baseline show fernley-together", "board show fernley-together",
                           "import status --to 2025-12"}) {
    EXPECT_EQ(commands.count("bin/holdfast " + std::string(rest) + " --tenant eastvale -o json"),
              1U)
        << rest;
  }

  // A claim holds against the whole answer that it was cut from, and against no other number.
  google::protobuf::util::JsonPrintOptions options;
  options.preserve_proto_field_names = true;
  std::string answer;
  ASSERT_TRUE(
      google::protobuf::util::MessageToJsonString(data.measures[1].series.answer, &answer, options)
          .ok());
  const Claim claim = SeriesClaim(data, data.measures[1]);
  EXPECT_TRUE(*Contains(answer, claim.figure));
  metrics::v1::GetSeriesResponse other = data.measures[1].series.answer;
  other.mutable_series(0)->mutable_points(4)->set_count(99'999);
  answer.clear();
  ASSERT_TRUE(google::protobuf::util::MessageToJsonString(other, &answer, options).ok());
  EXPECT_FALSE(*Contains(answer, claim.figure));
}

TEST(Report, SaysNoDataWhereThereIsNoneAndNeverZero) {
  const std::string html = WithoutFigures(Render(InventedReport()));
  for (const std::string& row : Between(html, "<th scope=\"row\">Mar 2025</th>", "</tr>")) {
    EXPECT_THAT(row, HasSubstr("no data"));
    EXPECT_THAT(row, Not(HasSubstr(">0<")));
  }
  EXPECT_EQ(Between(html, "<th scope=\"row\">Mar 2025</th>", "</tr>").size(), 6U);
  EXPECT_THAT(html, HasSubstr("No data, which is not zero: March 2025."));
  EXPECT_THAT(html, HasSubstr("no rank: a month has no data (Mar 2025)"));
  // In each of the four charts one month is hatched, and in the ranks one half-year.
  EXPECT_EQ(Between(html, "<rect class=\"no-data\"", ">").size(), 5U);
}

TEST(Report, EscapesHostileNames) {
  const std::string hostile = "<script>alert('x')</script>\"><img src=x onerror=y>&\x01";
  ReportData data = InventedReport();
  auto& site = *data.board.answer.mutable_site();
  site.set_brand(hostile);
  site.set_name(hostile + "2");
  site.mutable_phases(0)->set_source(hostile);
  site.mutable_phases(0)->set_zone(hostile);
  site.mutable_overrides(0)->set_rationale(hostile);
  site.add_agencies(hostile);
  data.board.answer.mutable_breaks(0)->set_text(hostile);
  data.measures[0].definition.set_title(hostile);
  data.measures[0].definition.set_plain_title(hostile);
  data.areas.mutable_sets(0)->mutable_areas(0)->set_name(hostile);
  data.baseline.answer.mutable_baseline()->mutable_waived(0)->set_reason(hostile);
  data.datasets.mutable_datasets(0)->set_title(hostile);
  const std::string html = Render(data);
  for (const char* markup : {"<script", "<img", "onerror=y>", "\x01"})
    EXPECT_THAT(html, Not(HasSubstr(markup)));
  EXPECT_THAT(html, HasSubstr("&lt;script&gt;alert(&#39;x&#39;)"));
}

TEST(Report, CanBeReadWithoutSeeingIt) {
  const std::string html = Render(InventedReport());
  EXPECT_THAT(html, HasSubstr("<html lang=\"en-GB\">"));
  EXPECT_EQ(Between(html, "<h1", ">").size(), 1U);
  for (const std::string& drawing : Between(html, "<svg", "</svg>")) {
    EXPECT_THAT(drawing, AllOf(HasSubstr("role=\"img\""), HasSubstr("aria-labelledby="),
                               HasSubstr("<title id="), HasSubstr("<desc id=")));
  }
  for (const std::string& table : Between(html, "<table", "</table>")) {
    EXPECT_THAT(table, AllOf(HasSubstr("<caption>"), HasSubstr("scope=\"col\""),
                             HasSubstr("scope=\"row\"")));
  }
  // An id names one thing, and every link leads to one.
  std::set<std::string> ids;
  for (const std::string& id : Between(html, " id=\"", ">")) {
    const std::string name = id.substr(5, id.find('"', 5) - 5);
    EXPECT_TRUE(ids.insert(name).second) << name;
  }
  for (const std::string& link : Between(html, "href=\"#", "\">"))
    EXPECT_EQ(ids.count(link.substr(7)), 1U) << link;
}

TEST(Report, PrintsWhatWasOverriddenWaivedAndRecordedAfterwards) {
  const std::string html = WithoutFigures(Render(InventedReport()));
  EXPECT_THAT(html, HasSubstr("The threat to two families could not wait for the map."));
  EXPECT_THAT(html, HasSubstr("senior responsible officer (SRO) (p-0012)"));
  EXPECT_THAT(html, HasSubstr("until 31 March 2026"));
  EXPECT_THAT(html, HasSubstr("The archive begins in January 2023."));
  EXPECT_THAT(html, HasSubstr("recorded afterwards, source: Operation log of the former unit"));
  EXPECT_THAT(html, HasSubstr("metrics at position 4711, recorded on 5 January 2026"));
}

TEST(Report, SaysWhatIsMissingAndHowToSupplyIt) {
  const std::string html = Render(EmptyReport());
  EXPECT_THAT(html, HasSubstr("<code>bin/holdfast baseline lock fernley-together</code>"));
  EXPECT_THAT(html, HasSubstr("<code>bin/holdfast import police-uk FILE</code>"));
  EXPECT_THAT(html, HasSubstr("<code>bin/holdfast phase open fernley-together CLEAR</code>"));
  EXPECT_THAT(html, HasSubstr("No data of this measure is loaded up to this day."));
}

TEST(Report, IsTheSameForTheSameData) {
  EXPECT_EQ(Render(InventedReport()), Render(InventedReport()));
}

TEST(Report, AsJsonHoldsWhatWasCollected) {
  const absl::StatusOr<std::string> json = JsonOf(InventedReport());
  ASSERT_TRUE(json.ok());
  EXPECT_TRUE(*Contains(*json, R"json({"site_id": "fernley-together", "as_of": "2025-12-31",
      "measures": [{"measure": "crime", "control_chart": {"rule_set": "nhs-plot-the-dots@1"}}]})json"));
  const absl::StatusOr<std::string> empty = JsonOf(EmptyReport());
  ASSERT_TRUE(empty.ok());
  EXPECT_TRUE(*Contains(*empty, R"json({"baseline": {"missing": "No baseline is locked."}})json"));
}

// ---- claims ----

TEST(Claim, HoldsWhereTheAnswerHasMore) {
  EXPECT_TRUE(*Contains(R"({"a": 1, "b": [1, 2, 3], "c": {"d": "x"}})", R"({"b": [1, 3]})"));
  EXPECT_TRUE(*Contains(R"({"p": [{"m": 1, "n": 2}, {"m": 2}]})", R"({"p": [{"m": 2}]})"));
}

TEST(Claim, FailsOnAnotherNumberOrderOrKind) {
  EXPECT_FALSE(*Contains(R"({"a": 1})", R"({"a": 1.0000001})"));
  EXPECT_FALSE(*Contains(R"({"b": [1, 2]})", R"({"b": [2, 1]})"));
  EXPECT_FALSE(*Contains(R"({"a": "1"})", R"({"a": 1})"));
  EXPECT_FALSE(*Contains(R"({"a": 1})", R"({"b": 1})"));
  EXPECT_FALSE(*Contains(R"({"b": [1]})", R"({"b": [1, 1]})"));
  EXPECT_FALSE(Contains("no json", "{}").ok());
}

TEST(CommandLine, QuotesWhatAShellWouldRead) {
  EXPECT_EQ(ShellWord("E05000026"), "E05000026");
  EXPECT_EQ(ShellWord("a b"), "'a b'");
  EXPECT_EQ(ShellWord("it's; rm $HOME"), "'it'\\''s; rm $HOME'");
  EXPECT_EQ(ShellWord(""), "''");
}

// ---- drawing and markup ----

TEST(Drawing, BreaksTheLineWhereAMonthHasNoData) {
  ControlPicture picture;
  picture.id = "one";
  for (int i = 0; i < 5; ++i) {
    picture.points.push_back({absl::CivilMonth(2024, 1) + i,
                              i == 2 ? std::nullopt : std::optional<double>(10 + i), false});
  }
  const std::string svg = ControlChart(picture).html();
  EXPECT_EQ(Between(svg, "class=\"series\"", ">").size(), 2U);
  EXPECT_EQ(Between(svg, "class=\"point\"", ">").size(), 4U);
  EXPECT_EQ(Between(svg, "class=\"no-data\"", ">").size(), 1U);
  EXPECT_THAT(svg, HasSubstr(">no data</text>"));
}

TEST(Drawing, ScaleHasRoundTicksWithinItsEnds) {
  EXPECT_THAT(Scale(0, 97, 0, 1).Ticks(5), ::testing::ElementsAre(0, 20, 40, 60, 80));
  EXPECT_THAT(Scale(1, 24, 0, 1).Ticks(6), ::testing::ElementsAre(5, 10, 15, 20));
  EXPECT_DOUBLE_EQ(Scale(0, 10, 100, 200)(5), 150);
}

TEST(Html, LetsNoTextInUnescaped) {
  EXPECT_EQ(Text("a < b & \"c\" 'd'").html(), "a &lt; b &amp; &quot;c&quot; &#39;d&#39;");
  EXPECT_EQ(Element("p", {{"title", "\">"}}, "x").html(), "<p title=\"&quot;&gt;\">x</p>");
  EXPECT_EQ(Escape(std::string("a\0b", 3)),
            "a\xEF\xBF\xBD"
            "b");
}

}  // namespace
}  // namespace holdfast::cli::report
