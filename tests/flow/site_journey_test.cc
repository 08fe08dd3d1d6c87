// From a boundary to an open CLEAR and a printed report, by the commands of the guides. Label grpc.
#include <algorithm>
#include <memory>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "holdfast/board/v1/board.pb.h"
#include "holdfast/initiative/v1/initiative.pb.h"
#include "holdfast/operations/v1/operations.pb.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "cli/report/claims.h"
#include "flow_house.h"
#include "invented_borough.h"

namespace holdfast::flow {
namespace {

namespace iv1 = initiative::v1;
namespace mv1 = metrics::v1;
using ::testing::AllOf;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;

class SiteJourney : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    const std::string folder = FreshFolder("site-files");
    house_ = std::make_unique<FlowHouse>("site");
    const InventedBorough borough = MakeBorough();
    house_->Do(kTenant,
               {"geography", "import", WriteFile(folder + "/wards.geojson", borough.wards_geojson),
                "--kind", "ward", "--vintage", "2016", "--code-property", "WD16CD",
                "--name-property", "WD16NM"});
    house_->Do(kTenant,
               {"import", "police-uk", WriteFile(folder + "/b.zip", ZipOf(borough.street))});
    house_->Do(kTenant, {"import", "run", WriteFile(folder + "/noise.csv", borough.noise_csv),
                         "--profile", "agency-series", "--agency", "council"});
    // The initiative learns by a reactor which areas there are.
    ASSERT_TRUE(Await([] {
      return house_->Run(kTenant, {"site", "create", "--name", "First", "--areas", "X16000001"})
                 .code == 0;
    }));
  }
  static void TearDownTestSuite() { house_.reset(); }

  static Said Run(const Words& words) { return house_->Run(kTenant, words); }
  static std::string Do(const Words& words) { return house_->Do(kTenant, words); }

  // With both agencies signed up, and the SRO appointed by another person.
  static std::string NewSite(const std::string& name, const std::string& area) {
    const std::string site =
        house_->Make(kTenant, {"site", "create", "--name", name, "--areas", area});
    Do({"site", "sign-up", site, "--agency", "police", "--type", "POLICE", "--on", "2018-01-01"});
    Do({"site", "sign-up", site, "--agency", "council", "--type", "COUNCIL", "--on", "2018-01-01"});
    Do({"site", "appoint", site, "--duty", "SRO", "--agency", "police", "--holder", "sro", "--on",
        "2018-01-01"});
    return site;
  }
  // None of them is the site's own.
  static void ChooseComparators(const std::string& site, const std::string& area) {
    std::vector<std::string> others;
    for (const char* code : {"X16000001", "X16000002", "X16000003", "X16000004"}) {
      if (code != area) others.emplace_back(code);
    }
    Do({"baseline", "comparators", site, "--area", others[0] + "," + others[1], "--displacement",
        others[2], "--rationale", "Best fit of the months before."});
  }
  static Words LockWords(const std::string& site) {
    return {"--as",
            "sro",
            "baseline",
            "lock",
            site,
            "--from",
            "2016-05",
            "--to",
            "2018-06",
            "--waive",
            "G2,G3,G8,G9",
            "--reason",
            "First site of the force."};
  }
  // Whose duty it is, a reactor carries from the initiative to metrics: a moment after appointing.
  static void Lock(const std::string& site) {
    Said last;
    EXPECT_TRUE(Await([&] {
      last = Run(LockWords(site));
      return last.code == 0;
    })) << last.err;
  }
  // Everything that the gate of CLEAR asks for, but the baseline.
  static void RecordEvidence(const std::string& site) {
    for (const char* criterion : {"profile-in-date", "hold-plan-approved", "lro-trained",
                                  "hold-resource-committed", "comms-plan-agreed"}) {
      Do({"gate", "evidence", site, "--criterion", criterion, "--ref",
          absl::StrCat("P-", criterion), "--observed", "2018-06-01"});
    }
  }
  static iv1::GetGateResponse GateOfClear(const std::string& site) {
    return house_->Ask<iv1::GetGateResponse>(
        kTenant, {"gate", "show", site, "CLEAR", "--for", "2018-07-01"});
  }
  static bool IsMissing(const iv1::GetGateResponse& gate, const std::string& criterion) {
    return std::ranges::any_of(gate.missing(), [&criterion](const auto& line) {
      return line.criterion().id() == criterion;
    });
  }
  static board::v1::SiteBoard BoardOf(const std::string& site) {
    return house_->Ask<board::v1::SiteBoard>(kTenant, {"board", "show", site});
  }
  static Words OpenWords(const std::string& site) {
    return {"phase", "open", site, "CLEAR", "--on", "2018-07-01", "--lead", "police"};
  }

  static constexpr char kTenant[] = "sandbox";
  static std::unique_ptr<FlowHouse> house_;
};
std::unique_ptr<FlowHouse> SiteJourney::house_;

TEST_F(SiteJourney, OpensClearOnlyAfterTheBaselineWasLocked) {
  const std::string site = NewSite("Larkhill", "X16000002");
  RecordEvidence(site);
  const Said shut = Run(OpenWords(site));
  EXPECT_EQ(shut.code, 1);
  EXPECT_THAT(shut.err, AllOf(HasSubstr("GATE_NOT_PASSED"), HasSubstr("baseline-locked"),
                              Not(HasSubstr("lro-trained"))));
  ChooseComparators(site, "X16000002");
  Lock(site);
  // A reactor carries it from metrics to the initiative.
  ASSERT_TRUE(Await([&] { return !IsMissing(GateOfClear(site), "baseline-locked"); }));
  EXPECT_EQ(GateOfClear(site).answer(), iv1::GetGateResponse::OPEN);
  const Said asked = Run({"gate", "evaluate", site, "CLEAR", "--for", "2018-07-01"});
  EXPECT_EQ(asked.code, 0);
  EXPECT_THAT(asked.err, HasSubstr("gate OPEN"));
  Do(OpenWords(site));
  ASSERT_TRUE(Await([&] { return BoardOf(site).site().phases_size() == 1; }));
  const auto board = BoardOf(site);
  EXPECT_EQ(board.site().phases(0).phase(), iv1::Phase::CLEAR);
  EXPECT_FALSE(board.site().phases(0).without_baseline());
  EXPECT_FALSE(board.site().phases(0).recorded_afterwards());
  ASSERT_EQ(board.baselines_size(), 1);
  EXPECT_FALSE(board.baselines(0).retrospective());
}

TEST_F(SiteJourney, LocksNoBaselineWhoseGatesAreNeitherMetNorWaivedByASenior) {
  const std::string site = NewSite("Eastgate", "X16000001");
  const Said bare = Run({"baseline", "lock", site, "--from", "2016-05", "--to", "2018-06"});
  EXPECT_EQ(bare.code, 1);
  EXPECT_THAT(bare.err, AllOf(HasSubstr("BASELINE_INCOMPLETE"), HasSubstr("G2"), HasSubstr("G6"),
                              HasSubstr("G8"), HasSubstr("G9")));
  Words by_trial = LockWords(site);
  by_trial[1] = "trial";
  EXPECT_THAT(Run(by_trial).err, HasSubstr("WAIVER_NOT_SENIOR"));
  ChooseComparators(site, "X16000001");
  Words never = LockWords(site);
  std::ranges::replace(never, std::string("G2,G3,G8,G9"), std::string("G5"));
  EXPECT_NE(Run(never).code, 0);
  Words over_the_gap = LockWords(site);
  std::ranges::replace(over_the_gap, std::string("2016-05"), std::string("2016-03"));
  EXPECT_THAT(Run(over_the_gap).err, AllOf(HasSubstr("MONTH_MISSING"), HasSubstr("2016-04")));
  const auto check = house_->Ask<mv1::CheckBaselineResponse>(
      kTenant, {"baseline", "check", site, "--from", "2016-05", "--to", "2018-06"});
  EXPECT_FALSE(check.would_lock());
  EXPECT_EQ(BoardOf(site).baselines_size(), 0);
}

TEST_F(SiteJourney, LetsASecondSeniorPersonOverrideAndNobodyElse) {
  const std::string site = NewSite("Millbank", "X16000003");
  RecordEvidence(site);
  const Words wanted = {"gate",        "override",        site,          "CLEAR",
                        "--criterion", "baseline-locked", "--rationale", "Risk to life.",
                        "--until",     "2099-12-31"};
  EXPECT_THAT(Run(wanted).err, HasSubstr("OVERRIDE_NOT_SENIOR"));
  Do({"gate", "evaluate", site, "CLEAR", "--for", "2018-07-01"});
  Words by_sro = {"--as", "sro"};
  by_sro.insert(by_sro.end(), wanted.begin(), wanted.end());
  Do(by_sro);
  Do(OpenWords(site));
  ASSERT_TRUE(Await([&] { return BoardOf(site).site().phases_size() == 1; }));
  const auto board = BoardOf(site);
  EXPECT_TRUE(board.site().phases(0).without_baseline());
  EXPECT_NE(board.site().phases(0).override(), 0U);
  EXPECT_EQ(board.site().overrides(0).rationale(), "Risk to life.");
  // A baseline that is built after that is retrospective for good.
  ChooseComparators(site, "X16000003");
  Lock(site);
  ASSERT_TRUE(Await([&] { return BoardOf(site).baselines_size() == 1; }));
  EXPECT_TRUE(BoardOf(site).baselines(0).retrospective());
}

TEST_F(SiteJourney, MarksAPhaseThatWasRecordedAfterwardsWhereverItIsShown) {
  const std::string site = NewSite("Northmoor", "X16000004");
  const Words past = {"phase",  "record-past", site,   "CLEAR",      "--zone",   "north",
                      "--from", "2016-10-01",  "--to", "2017-01-31", "--source", "Board minutes."};
  const Said recorded = Run(past);
  EXPECT_EQ(recorded.code, 0) << recorded.err;
  EXPECT_THAT(recorded.err, HasSubstr("BASELINE_RETROSPECTIVE"));
  ASSERT_TRUE(Await([&] { return BoardOf(site).site().phases_size() == 1; }));
  EXPECT_TRUE(BoardOf(site).site().phases(0).recorded_afterwards());
  EXPECT_THAT(Do({"board", "show", site}), HasSubstr("recorded afterwards: Board minutes."));
  EXPECT_THAT(Do({"phase", "list", site}), HasSubstr("recorded afterwards"));
  EXPECT_THAT(Do({"site", "show", site}), HasSubstr("recorded afterwards"));
  EXPECT_TRUE(absl::StrContains(
      Do({"board", "report", site, "--as-of", "2018-06-30", "-o", "html"}), "recorded afterwards"));
  ChooseComparators(site, "X16000004");
  Lock(site);
  ASSERT_TRUE(Await([&] { return BoardOf(site).baselines_size() == 1; }));
  EXPECT_TRUE(BoardOf(site).baselines(0).retrospective());

  Words future = past;
  std::ranges::replace(future, std::string("2017-01-31"), std::string("2099-01-31"));
  EXPECT_NE(Run(future).code, 0);
  Words overlapping = past;
  std::ranges::replace(overlapping, std::string("2016-10-01"), std::string("2016-12-01"));
  EXPECT_THAT(Run(overlapping).err, HasSubstr("EPISODE_OVERLAPS"));
}

TEST_F(SiteJourney, PrintsAReportWhoseEveryFigureItsCommandGivesAgain) {
  const std::string site = NewSite("Larkhill Together", "X16000002");
  RecordEvidence(site);
  ChooseComparators(site, "X16000002");
  Lock(site);
  ASSERT_TRUE(Await([&] { return !IsMissing(GateOfClear(site), "baseline-locked"); }));
  Do({"phase", "record-past", site, "HOLD", "--zone", "north", "--from", "2017-02-01", "--to",
      "2017-06-30", "--source", "Board minutes."});
  Do(OpenWords(site));
  ASSERT_TRUE(Await([&] { return BoardOf(site).site().phases_size() == 2; }));
  const std::string page = Do({"board", "report", site, "--as-of", "2018-06-30", "-o", "html"});
  // Self-contained: nothing that runs, nothing that is fetched.
  for (const char* never : {"<script", " src=", "<link", "url(h", "@import", "href=\"http"}) {
    EXPECT_FALSE(absl::StrContains(page, never)) << never;
  }
  for (const char* said : {"Larkhill Together", "First site of the force.", "Apr 2016"}) {
    EXPECT_TRUE(absl::StrContains(page, said)) << said;
  }
  const auto claims = cli::report::ReadClaims(page);
  EXPECT_GE(claims.size(), 8U);
  for (const cli::report::Claim& claim : claims) {
    SCOPED_TRACE(claim.command);
    Words words = ShellWords(claim.command);
    ASSERT_EQ(words.front(), "bin/holdfast");
    words.front() = house_->address();
    words.insert(words.begin(), "--address");
    const Said said = RunCommand(words);
    ASSERT_EQ(said.code, 0) << said.err;
    const auto held = cli::report::Contains(said.out, claim.figure);
    ASSERT_TRUE(held.ok()) << held.status();
    EXPECT_TRUE(*held) << claim.figure.substr(0, 400);
  }
}

TEST_F(SiteJourney, RebuildsEveryViewToWhatIsServed) {
  EXPECT_TRUE(house_->Ask<operations::v1::CheckedViews>(kTenant, {"projection", "rebuild", "--all"})
                  .all_equal());
  const auto verified =
      house_->Ask<operations::v1::CheckedViews>(kTenant, {"projection", "verify", "--all"});
  EXPECT_TRUE(verified.all_equal());
  EXPECT_GE(verified.views_size(), 15);
}

}  // namespace
}  // namespace holdfast::flow
