// The gateway over real HTTP, before a whole platform in this process: what it sends with every
// answer, whom it believes, and what it refuses.

#include <cstdlib>
#include <filesystem>
#include <map>
#include <string>

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "app/in_process.h"
#include "base/clock.h"
#include "base/random.h"
#include "gateway/gateway.h"
#include "gateway/web_assets.h"
#include "testing/shed_service.h"

namespace holdfast::gateway {
namespace {

using ::testing::AllOf;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;

constexpr char kWhoAmI[] = "/holdfast.directory.v1.SessionService/GetSession";
constexpr char kJson[] = "content-type: application/json\r\n";

struct Answer {
  int status = 0;
  std::map<std::string, std::string> headers;  // names in lower case
  std::string body;
};

Answer Parse(const std::string& bytes) {
  Answer answer;
  const std::size_t end = bytes.find("\r\n\r\n");
  if (bytes.size() < 12 || end == std::string::npos) return answer;
  answer.status = std::atoi(bytes.c_str() + 9);
  for (std::size_t at = bytes.find("\r\n") + 2; at < end;) {
    const std::size_t line_end = bytes.find("\r\n", at);
    const std::size_t colon = bytes.find(": ", at);
    answer.headers[absl::AsciiStrToLower(bytes.substr(at, colon - at))] =
        bytes.substr(colon + 2, line_end - colon - 2);
    at = line_end + 2;
  }
  answer.body = bytes.substr(end + 4);
  return answer;
}

// One platform for all of them: the gateway keeps nothing that one test could leave to another but
// sessions.
class GatewayHttp : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    const std::string folder = ::testing::TempDir() + "/gateway_http";
    std::filesystem::remove_all(folder);
    auto platform = app::InProcess::Start(folder, {testing::Shed});
    ASSERT_TRUE(platform.ok()) << platform.status();
    platform_ = std::move(*platform).release();
    GatewayOptions options;
    options.port = 0;
    options.services = platform_->platform().channel();
    options.clock = &SystemClock();
    options.random = &SystemRandom();
    auto gateway = Gateway::Start(options);
    ASSERT_TRUE(gateway.ok()) << gateway.status();
    gateway_ = std::move(*gateway).release();
  }
  static void TearDownTestSuite() {
    if (gateway_ != nullptr) gateway_->Stop(absl::Seconds(5));
    delete gateway_;
    delete platform_;
  }

  // Sends a request on a connection of its own. `headers`: whole lines, each with its CRLF.
  static Answer Ask(const std::string& method, const std::string& target,
                    const std::string& headers = "", const std::string& body = "",
                    const std::string& host = "127.0.0.1") {
    const int fd = socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(gateway_->port());
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
    const std::string bytes = absl::StrCat(method, " ", target, " HTTP/1.1\r\nhost: ", host,
                                           "\r\nconnection: close\r\ncontent-length: ", body.size(),
                                           "\r\n", headers, "\r\n", body);
    EXPECT_EQ(send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL),
              static_cast<ssize_t>(bytes.size()));
    std::string out;
    char buffer[65536];
    for (ssize_t got = 0; (got = recv(fd, buffer, sizeof buffer, 0)) > 0;) {
      out.append(buffer, static_cast<std::size_t>(got));
    }
    close(fd);
    return Parse(out);
  }
  static Answer Get(const std::string& target, const std::string& headers = "") {
    return Ask("GET", target, headers);
  }
  static Answer Post(const std::string& target, const std::string& headers = "",
                     const std::string& body = "{}") {
    return Ask("POST", target, kJson + headers, body);
  }

  struct Browser {
    std::string cookie;  // the header line
    std::string csrf;    // the header line
  };
  static Browser SignIn() {
    const Answer signed_in =
        Post("/auth/development", "", R"({"tenant":"westmoor","as":"analyst"})");
    EXPECT_EQ(signed_in.status, 204) << signed_in.body;
    const std::string& set = signed_in.headers.at("set-cookie");
    Browser browser;
    browser.cookie = absl::StrCat("cookie: ", set.substr(0, set.find(';')), "\r\n");
    const std::string session = Get("/auth/session", browser.cookie).body;
    const std::size_t at = session.find("\"csrf\":\"") + 8;
    browser.csrf =
        absl::StrCat("x-holdfast-csrf: ", session.substr(at, session.find('"', at) - at), "\r\n");
    return browser;
  }
  static std::string Token(const std::string& as = "analyst") {
    const std::string issued = Post("/holdfast.directory.v1.DevelopmentIssuerService/IssueToken",
                                    "", absl::StrCat(R"({"tenant":"westmoor","as":")", as, "\"}"))
                                   .body;
    const std::size_t at = issued.find("\"token\":\"") + 9;
    return issued.substr(at, issued.find('"', at) - at);
  }
  // The first file with that ending; the console may not be built into this test.
  static std::string FileLike(std::string_view suffix) {
    for (const WebAsset& asset : WebAssets()) {
      if (asset.name.ends_with(suffix)) return absl::StrCat("/", std::string(asset.name));
    }
    return "";
  }

  static app::InProcess* platform_;
  static Gateway* gateway_;
};
app::InProcess* GatewayHttp::platform_ = nullptr;
Gateway* GatewayHttp::gateway_ = nullptr;

TEST_F(GatewayHttp, SendsItsSecurityHeadersWithEveryAnswer) {
  for (const Answer& answer :
       {Get("/"), Get("/site/x"), Get("/missing.js"), Get("/auth/session"), Get("/auth/nowhere"),
        Post("/auth/sign-out"), Post(kWhoAmI), Post("/holdfast.none.v1.None/None"),
        Ask("DELETE", "/"), Ask("GET", "/", "", "", "evil.example"),
        // What the HTTP server answers before the gateway is asked.
        Ask("G T", "/"), Get("/" + std::string(9'000, 'a')),
        Get("/", "x: " + std::string(20'000, 'a') + "\r\n")}) {
    SCOPED_TRACE(answer.status);
    const std::string& policy = answer.headers.at("content-security-policy");
    EXPECT_THAT(policy, AllOf(HasSubstr("default-src 'none'"), HasSubstr("script-src 'self'"),
                              HasSubstr("connect-src 'self'"), HasSubstr("frame-ancestors 'none'"),
                              HasSubstr("require-trusted-types-for 'script'")));
    EXPECT_THAT(policy, Not(HasSubstr("unsafe")));
    EXPECT_EQ(answer.headers.at("x-content-type-options"), "nosniff");
    EXPECT_EQ(answer.headers.at("referrer-policy"), "no-referrer");
    EXPECT_EQ(answer.headers.at("cross-origin-opener-policy"), "same-origin");
    EXPECT_EQ(answer.headers.at("cross-origin-resource-policy"), "same-origin");
    EXPECT_THAT(answer.headers.at("permissions-policy"), HasSubstr("geolocation=()"));
  }
}

TEST_F(GatewayHttp, AnswersNullWhereNobodyIsSignedIn) {
  const Answer answer = Get("/auth/session");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body, "null");
  EXPECT_EQ(answer.headers.at("content-type"), "application/json");
  EXPECT_EQ(answer.headers.at("cache-control"), "no-store");
  EXPECT_EQ(Get("/auth/session", "cookie: holdfast-dev=0123456789abcdef\r\n").body, "null");
}

TEST_F(GatewayHttp, GivesABrowserACookieThatItsScriptsCannotRead) {
  const Answer answer = Post("/auth/development", "", R"({"tenant":"westmoor","as":"analyst"})");
  ASSERT_EQ(answer.status, 204);
  const std::string& cookie = answer.headers.at("set-cookie");
  EXPECT_THAT(cookie, AllOf(StartsWith("holdfast-dev="), HasSubstr("; Path=/"),
                            HasSubstr("; HttpOnly"), HasSubstr("; SameSite=Strict")));
  EXPECT_THAT(cookie, Not(HasSubstr("Max-Age"))) << "it ends with the browser";
  const Answer session = Get("/auth/session", SignIn().cookie);
  EXPECT_THAT(session.body, AllOf(HasSubstr("\"tenant\":\"westmoor\""),
                                  HasSubstr("\"as\":\"analyst\""), Not(HasSubstr("token"))));
}

TEST_F(GatewayHttp, RefusesAnotherPageThatSignsInOrOut) {
  const std::string person = R"({"tenant":"westmoor","as":"analyst"})";
  EXPECT_EQ(Post("/auth/development", "sec-fetch-site: cross-site\r\n", person).status, 403);
  // What a form of another page can send: no JSON.
  EXPECT_EQ(Ask("POST", "/auth/development", "content-type: text/plain\r\n", person).status, 403);
  const Browser browser = SignIn();
  EXPECT_EQ(Post("/auth/sign-out", browser.cookie).status, 403);
  EXPECT_NE(Get("/auth/session", browser.cookie).body, "null");
}

TEST_F(GatewayHttp, RefusesASignInThatTheIssuerRefuses) {
  EXPECT_GE(Post("/auth/development", "", R"({"tenant":"nowhere","as":"analyst"})").status, 400);
  EXPECT_EQ(Post("/auth/development", "", "no json").status, 400);
  EXPECT_EQ(Post("/auth/development", "", R"({"tenant":"westmoor","as":"analyst"})")
                .headers.count("set-cookie"),
            1U);
}

TEST_F(GatewayHttp, BelievesACookieOnlyBesideThePagesOwnToken) {
  const Browser browser = SignIn();
  const Answer good = Post(kWhoAmI, browser.cookie + browser.csrf);
  EXPECT_EQ(good.status, 200) << good.body;
  EXPECT_THAT(good.body, HasSubstr("westmoor"));
  EXPECT_EQ(Post(kWhoAmI, browser.cookie).status, 401);
  EXPECT_EQ(Post(kWhoAmI, browser.cookie + "x-holdfast-csrf: 00\r\n").status, 401);
  EXPECT_EQ(Post(kWhoAmI, browser.cookie + SignIn().csrf).status, 401) << "another session's";
  EXPECT_EQ(Post(kWhoAmI, browser.cookie + browser.csrf + "sec-fetch-site: same-site\r\n").status,
            401);
}

TEST_F(GatewayHttp, EndsASessionWithSignOut) {
  const Browser browser = SignIn();
  const Answer out = Post("/auth/sign-out", browser.cookie + browser.csrf);
  EXPECT_EQ(out.status, 204);
  EXPECT_THAT(out.headers.at("set-cookie"),
              AllOf(StartsWith("holdfast-dev=;"), EndsWith("Max-Age=0")));
  EXPECT_EQ(Get("/auth/session", browser.cookie).body, "null");
  EXPECT_EQ(Post(kWhoAmI, browser.cookie + browser.csrf).status, 401);
}

TEST_F(GatewayHttp, PassesAnIntegratorsOwnTokenOn) {
  const Answer good = Post(kWhoAmI, absl::StrCat("authorization: Bearer ", Token(), "\r\n"));
  EXPECT_EQ(good.status, 200) << good.body;
  EXPECT_THAT(good.body, HasSubstr("\"tenant\":\"westmoor\""));
  const Answer bad = Post(kWhoAmI, "authorization: Bearer none\r\n");
  EXPECT_EQ(bad.status, 401);
  EXPECT_THAT(bad.body, HasSubstr("\"code\":\"unauthenticated\""));
  EXPECT_EQ(Post(kWhoAmI).status, 401);
}

TEST_F(GatewayHttp, CarriesABatchOfCommandsAndTheAnswerToEach) {
  constexpr char kBatch[] = "/holdfast.testing.v1.ShedService/ExecuteBatch";
  const std::string as = absl::StrCat("authorization: Bearer ", Token("coordinator"), "\r\n");
  const Answer answer = Post(
      kBatch, as,
      R"({"items":[{"commandId":"a","command":{"@type":"type.googleapis.com/)"
      R"(holdfast.testing.v1.EnrolMember","memberId":"ann"}},{"commandId":"b","command":)"
      R"({"@type":"type.googleapis.com/holdfast.testing.v1.SuspendMember","memberId":"bea"}}]})");
  EXPECT_EQ(answer.status, 200) << answer.body;
  EXPECT_THAT(answer.body, AllOf(HasSubstr("\"stream\":\"member/ann\""),
                                 HasSubstr("type.googleapis.com/google.rpc.ErrorInfo"),
                                 HasSubstr("\"reason\":\"NOT_ENROLLED\"")));
  const Answer nameless = Post(kBatch, as, R"({"items":[{}]})");
  EXPECT_EQ(nameless.status, 400);
  EXPECT_THAT(nameless.body, HasSubstr("items[0].command_id is required"));
  EXPECT_EQ(Post("/holdfast.testing.v1.ShedService/ExecuteStream", as).status, 501);
}

TEST_F(GatewayHttp, RefusesTwoAuthorizationHeaders) {
  const std::string line = absl::StrCat("authorization: Bearer ", Token(), "\r\n");
  EXPECT_EQ(Post(kWhoAmI, line + line).status, 400);
}

TEST_F(GatewayHttp, RefusesTheNameOfAnotherHost) {
  EXPECT_EQ(Ask("GET", "/auth/session", "", "", "evil.example").status, 421);
  EXPECT_EQ(Ask("GET", "/auth/session", "", "", "127.evil.example").status, 421);
  EXPECT_EQ(Ask("POST", kWhoAmI, kJson, "{}", "localhost.evil.example:80").status, 421);
  for (const char* here :
       {"127.0.0.1:8080", "localhost:8080", "holdfast.localhost", "[::1]:8080"}) {
    EXPECT_EQ(Ask("GET", "/auth/session", "", "", here).status, 200) << here;
  }
}

TEST_F(GatewayHttp, SaysWhatIsNotThereAndWhatCannotBeDone) {
  EXPECT_EQ(Get("/missing.js").status, 404);
  EXPECT_EQ(Get("/auth/nowhere").status, 404);
  EXPECT_EQ(Post("/holdfast.none.v1.None/None").status, 404);
  EXPECT_EQ(Post("/holdfast.directory.v1.SessionService/None").status, 404);
  const Answer other = Ask("DELETE", "/site/x");
  EXPECT_EQ(other.status, 405);
  EXPECT_EQ(other.headers.at("allow"), "GET, HEAD");
  EXPECT_EQ(Ask("PUT", kWhoAmI, kJson, "{}").status, 405);
  EXPECT_EQ(Ask("POST", kWhoAmI, "content-type: text/plain\r\n", "{}").status, 415);
}

TEST_F(GatewayHttp, AnswersEveryAddressOfTheConsoleWithItsPage) {
  const Answer page = Get("/");
  EXPECT_EQ(page.status, 200);
  EXPECT_EQ(Get("/site/0123").body, page.body);
  EXPECT_EQ(Get("/site/0123?measure=crime").body, page.body);
  if (WebAssets().empty()) GTEST_SKIP() << "skipped: the console was not built into this test";
  EXPECT_EQ(page.headers.at("content-type"), "text/html; charset=utf-8");
  EXPECT_EQ(page.headers.at("cache-control"), "no-cache");
  EXPECT_THAT(page.body, AllOf(HasSubstr("<div id=\"app\">"), HasSubstr(FileLike(".js")),
                               HasSubstr(FileLike(".css")), Not(HasSubstr("https://"))));
}

TEST_F(GatewayHttp, LetsABrowserKeepFilesWhoseNamesCarryTheirHash) {
  if (WebAssets().empty()) GTEST_SKIP() << "skipped: the console was not built into this test";
  for (const char* suffix : {".js", ".css"}) {
    const Answer plain = Get(FileLike(suffix));
    EXPECT_EQ(plain.status, 200);
    EXPECT_EQ(plain.headers.at("cache-control"), "public, max-age=31536000, immutable");
    EXPECT_EQ(plain.headers.at("vary"), "accept-encoding");
    EXPECT_EQ(plain.headers.count("content-encoding"), 0U);
    const Answer packed = Get(FileLike(suffix), "accept-encoding: br, gzip\r\n");
    EXPECT_EQ(packed.headers.at("content-encoding"), "gzip");
    EXPECT_THAT(packed.body, StartsWith("\x1f\x8b"));
    EXPECT_LT(packed.body.size(), plain.body.size());
  }
}

TEST_F(GatewayHttp, AnswersHeadWithTheHeadersOfGet) {
  const Answer got = Get("/");
  const Answer head = Ask("HEAD", "/");
  EXPECT_EQ(head.status, 200);
  EXPECT_THAT(head.body, IsEmpty());
  EXPECT_EQ(head.headers.at("content-length"), absl::StrCat(got.body.size()));
}

}  // namespace
}  // namespace holdfast::gateway
