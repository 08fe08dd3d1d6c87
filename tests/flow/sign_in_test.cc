// People and clients of a certified OpenID provider before the whole program: who is believed, for
// how long, and what a browser sees of it.

#include <array>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "app/issuers_file.h"
#include "app/trusted_issuers.h"
#include "base/clock.h"
#include "base/thread_executor.h"
#include "flow_house.h"
#include "http/fetch.h"
#include "openid_provider.h"
#include "security/token_verifier.h"
#include "standalone_process.h"

namespace holdfast::flow {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kWhoAmI[] = "/holdfast.directory.v1.SessionService/GetSession";
constexpr char kWestmoor[] = "urn:holdfast:westmoor";

std::string IssuersOf(const OpenIdProvider& provider, const std::string& redirect_uri) {
  return absl::StrCat(
      R"({"issuers":[{"issuer":")", provider.issuer(), R"(","ca_file":")", provider.ca_file(),
      R"(","algorithms":["ES256"],"audiences":[)",
      R"({"audience":"urn:holdfast:westmoor","tenant":"westmoor"},)",
      R"({"audience":"urn:holdfast:eastvale","tenant":"eastvale"}],)",
      R"("sign_in":{"client_id":"console","client_secret_file":")", provider.secret_file(),
      R"(","redirect_uri":")", redirect_uri,
      R"(","scopes":["offline_access","read"],"resource":"urn:holdfast:westmoor:60"}}]})");
}

std::string ConfigOf(const std::string& issuers_file, int port) {
  return absl::StrCat(
      R"({"listen":{"http_port":)", port,
      R"(,"grpc_port":0,"admin_port":0,"replace_taken_ports":false},)",
      R"("security":{"issuers_file":")", issuers_file, R"("},"directory":{"tenants":[)",
      R"({"slug":"westmoor","name":"Westmoor","agencies":[{"id":"police","name":"Police","type":"POLICE"}],)",
      R"("members":[{"subject":"alice","actor_ref":"a-1","agency":"police","roles":["ANALYST"]},)",
      R"({"subject":"integrator","actor_ref":"c-1","agency":"police","roles":["INTEGRATOR"]}]},)",
      R"({"slug":"eastvale","name":"Eastvale","agencies":[{"id":"police","name":"Police","type":"POLICE"}]}]}})");
}

// One provider and one program for all of them.
class SignIn : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    why_not_ = OpenIdProvider::WhyNot();
    if (StandaloneBinary().empty()) why_not_ = "holdfast-standalone is not built";
    if (!why_not_.empty()) return;
    const std::string folder = FreshFolder("sign_in");
    const int port = FreePort();
    console_ = absl::StrCat("http://127.0.0.1:", port);
    provider_ = std::make_unique<OpenIdProvider>(folder, console_ + "/auth/callback");
    issuers_ =
        WriteFile(folder + "/issuers.json", IssuersOf(*provider_, console_ + "/auth/callback"));
    const std::string config = WriteFile(folder + "/config.json", ConfigOf(issuers_, port));
    program_ = std::make_unique<StandaloneProcess>(
        std::vector<std::string>{StandaloneBinary(), "--config", config, "--data",
                                 folder + "/data"},
        folder + "/data");
    ASSERT_TRUE(program_->AwaitReady()) << program_->said();
  }
  static void TearDownTestSuite() {
    program_.reset();
    provider_.reset();
  }
  void SetUp() override {
    if (!why_not_.empty()) GTEST_SKIP() << "skipped: " << why_not_;
  }

  static http::Response Ask(const std::string& method, const std::string& path,
                            http::Headers headers, const std::string& body = "") {
    http::FetchRules rules;
    rules.plain_loopback = true;
    rules.patience = absl::Seconds(20);
    headers.emplace_back("content-type", "application/json");
    auto answer = http::Fetch({method, console_ + path, std::move(headers), body}, rules);
    EXPECT_TRUE(answer.ok()) << answer.status();
    return answer.ok() ? *std::move(answer) : http::Response{};
  }
  static http::Response AskWith(const std::string& token) {
    return Ask("POST", kWhoAmI, {{"authorization", "Bearer " + token}}, "{}");
  }
  // Of a token that the program may not know the key of yet: the first answer that decides.
  static http::Response Decided(const std::string& token) {
    http::Response answer;
    EXPECT_TRUE(Await([&] {
      answer = AskWith(token);
      return answer.status != 503;
    }));
    return answer;
  }

  static std::string ProviderId() { return Member(Ask("GET", "/auth/providers", {}).body, "id"); }
  struct Browser {
    std::string said;    // by browser.mjs
    std::string cookie;  // its session
    std::string session;
    std::string csrf;
    http::Headers headers() const { return {{"cookie", cookie}, {"x-holdfast-csrf", csrf}}; }
  };
  static Browser SignInAs(const std::string& person) {
    Browser browser;
    browser.said = provider_->Browse(console_ + "/auth/sign-in?provider=" + ProviderId(), person);
    browser.cookie = "holdfast-dev=" + Member(browser.said, "holdfast-dev");
    browser.session = Ask("GET", "/auth/session", {{"cookie", browser.cookie}}).body;
    browser.csrf = Member(browser.session, "csrf");
    return browser;
  }

  static inline std::string why_not_;
  static inline std::string console_;
  static inline std::string issuers_;
  static inline std::unique_ptr<OpenIdProvider> provider_;
  static inline std::unique_ptr<StandaloneProcess> program_;
};

TEST_F(SignIn, BelievesAClientThatHasProvedItselfByItsKey) {
  const http::Response answer = Decided(provider_->ClientToken(kWestmoor));
  EXPECT_EQ(answer.status, 200) << answer.body;
  EXPECT_THAT(answer.body, AllOf(HasSubstr("\"tenant\":\"westmoor\""), HasSubstr("INTEGRATOR")));
}

TEST_F(SignIn, RefusesATokenThatIsForSomebodyElse) {
  const http::Response elsewhere = Decided(provider_->ClientToken("urn:holdfast:elsewhere"));
  EXPECT_EQ(elsewhere.status, 401) << elsewhere.body;
  EXPECT_THAT(elsewhere.body, HasSubstr("The token does not open this."));
  const http::Response stranger = Decided(provider_->ClientToken("urn:holdfast:eastvale"));
  EXPECT_NE(stranger.status, 200) << "it is no member there";
  std::string forged = provider_->ClientToken(kWestmoor);
  forged[forged.size() / 2] = forged[forged.size() / 2] == 'A' ? 'B' : 'A';
  EXPECT_EQ(AskWith(forged).status, 401);
}

TEST_F(SignIn, GoesOnThroughARotationOfTheProvidersKey) {
  const std::string before = provider_->ClientToken(kWestmoor);
  EXPECT_EQ(Decided(before).status, 200);
  provider_->Rotate();
  const std::string after = provider_->ClientToken(kWestmoor);
  EXPECT_EQ(Decided(after).status, 200) << "an unknown key is asked for once";
  EXPECT_EQ(AskWith(before).status, 200) << "the one before is still published";
}

TEST_F(SignIn, SignsAPersonInWithoutShowingTheirBrowserAToken) {
  const Browser alice = SignInAs("alice");
  EXPECT_THAT(alice.said, HasSubstr(absl::StrCat("\"ended\":\"", console_, "/\"")));
  EXPECT_THAT(alice.said, AllOf(HasSubstr("; HttpOnly; SameSite=Strict"),
                                HasSubstr("; HttpOnly; SameSite=Lax")));
  EXPECT_THAT(alice.said, Not(HasSubstr("eyJ"))) << "a token";
  EXPECT_THAT(alice.session,
              AllOf(HasSubstr("\"tenant\":\"westmoor\""), HasSubstr("The person alice"),
                    HasSubstr("\"demonstration\":false"), Not(HasSubstr("eyJ"))));
  const http::Response answer = Ask("POST", kWhoAmI, alice.headers(), "{}");
  EXPECT_EQ(answer.status, 200) << answer.body;
  EXPECT_THAT(answer.body, HasSubstr("ANALYST"));
  EXPECT_EQ(Ask("POST", kWhoAmI, {{"cookie", alice.cookie}}, "{}").status, 401) << "no CSRF token";
  http::Headers elsewhere = alice.headers();
  elsewhere.emplace_back("sec-fetch-site", "cross-site");
  EXPECT_EQ(Ask("POST", kWhoAmI, elsewhere, "{}").status, 401);
}

TEST_F(SignIn, RenewsATokenThatIsAboutToEndWhoeverAsksAtOnce) {
  const Browser alice = SignInAs("alice");
  // Its tokens live a minute, and are renewed two minutes before their end: at each call.
  std::vector<std::thread> callers;
  std::array<int, 6> statuses{};
  for (int& status : statuses) {
    callers.emplace_back([&] { status = Ask("POST", kWhoAmI, alice.headers(), "{}").status; });
  }
  for (std::thread& caller : callers) caller.join();
  EXPECT_THAT(statuses, ::testing::Each(200));
  EXPECT_EQ(Ask("POST", kWhoAmI, alice.headers(), "{}").status, 200);
}

TEST_F(SignIn, EndsASessionWithSignOutAndBeginsAnotherWithTheNext) {
  const Browser first = SignInAs("alice");
  const Browser second = SignInAs("alice");
  EXPECT_NE(first.cookie, second.cookie);
  EXPECT_EQ(Ask("POST", "/auth/sign-out", first.headers(), "{}").status, 204);
  EXPECT_EQ(Ask("GET", "/auth/session", {{"cookie", first.cookie}}).body, "null");
  EXPECT_EQ(Ask("POST", kWhoAmI, second.headers(), "{}").status, 200);
}

TEST_F(SignIn, OpensNothingToAPersonWhomTheDirectoryDoesNotKnow) {
  const Browser mallory = SignInAs("mallory");
  EXPECT_THAT(mallory.session, HasSubstr("\"notEnrolled\":\"You"));
  EXPECT_NE(Ask("POST", kWhoAmI, mallory.headers(), "{}").status, 200);
}

TEST_F(SignIn, RefusesACallbackThatNoBrowserHereHasBegun) {
  http::FetchRules rules;
  rules.plain_loopback = true;
  rules.patience = absl::Seconds(20);
  const auto answer = http::Fetch(
      {"GET", console_ + "/auth/callback?code=c&state=s&iss=" + provider_->issuer(), {}, ""},
      rules);
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ(answer->status, 303);
  EXPECT_EQ(Ask("GET", "/auth/sign-in?provider=none", {{"sec-fetch-site", "cross-site"}}).status,
            403);
}

TEST_F(SignIn, ReadsTheIssuersAgainWithoutARestart) {
  const std::string token = provider_->ClientToken(kWestmoor);
  ASSERT_EQ(Decided(token).status, 200);
  const std::string good = ReadFile(issuers_);
  WriteFile(issuers_,
            absl::StrReplaceAll(good, {{"\"urn:holdfast:westmoor\"", "\"urn:holdfast:closed\""}}));
  EXPECT_TRUE(Await([&] { return AskWith(token).status == 401; }));
  WriteFile(issuers_, "{");  // refused: what stood before goes on
  WriteFile(issuers_, good);
  EXPECT_TRUE(Await([&] { return AskWith(token).status == 200; }));
}

// What the clock decides, by the verifier itself with the provider's real keys.
class LaterClock final : public Clock {
 public:
  absl::Time Now() const override { return SystemClock().Now() + later; }
  absl::Duration SinceBoot() const override { return SystemClock().SinceBoot() + later; }
  absl::Duration later = absl::ZeroDuration();
};

TEST_F(SignIn, BelievesATokenToItsEndAndItsKeyUntilItIsWithdrawn) {
  LaterClock clock;
  security::TokenVerifier verifier({}, clock);
  ThreadExecutor executor("issuers");
  app::TrustedIssuers::Parts parts;
  parts.verifier = &verifier;
  parts.clock = &clock;
  parts.executor = &executor;
  app::TrustedIssuers trusted(std::move(parts));
  trusted.Take(*app::ReadIssuers(issuers_, config::v1::Process::DEVELOPMENT));
  const std::string token = provider_->ClientToken(kWestmoor);
  const auto fault = [&] {
    const auto verified = verifier.Verify(token);
    return verified ? "" : std::string(security::NameOf(verified.error()));
  };
  ASSERT_TRUE(Await([&] { return fault() != "key_not_yet"; }));
  EXPECT_EQ(fault(), "");
  clock.later = absl::Minutes(10) + absl::Seconds(50);
  EXPECT_EQ(fault(), "") << "within the skew of a minute";
  clock.later = absl::Minutes(11) + absl::Seconds(1);
  EXPECT_EQ(fault(), "time");

  clock.later = absl::ZeroDuration();
  provider_->Rotate();
  provider_->Withdraw();
  // The new key is unknown, so the set is asked for; the old one is missing from it.
  const std::string next = provider_->ClientToken(kWestmoor);
  EXPECT_TRUE(Await([&] { return verifier.Verify(next).has_value(); }));
  EXPECT_EQ(fault(), "key");
}

}  // namespace
}  // namespace holdfast::flow
