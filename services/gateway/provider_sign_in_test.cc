// The sign-in before a provider that does what the test says; the real one stands in tests/flow.

#include "gateway/provider_sign_in.h"

#include <fstream>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "absl/strings/str_cat.h"
#include "base/clock.h"
#include "base/hash.h"
#include "base/random.h"
#include "http/message.h"
#include "security/base64url.h"

namespace holdfast::gateway {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

constexpr char kIssuer[] = "https://sign-in.example/realm";

class SetClock final : public Clock {
 public:
  absl::Time Now() const override { return now; }
  absl::Duration SinceBoot() const override { return now - absl::UnixEpoch(); }
  absl::Time now = absl::FromUnixSeconds(1'800'000'000);
};

std::string Parameter(const std::string& text, const std::string& name) {
  std::string value;
  http::QueryParameter(text, name, value);
  return value;
}

class ProviderSignInTest : public ::testing::Test {
 protected:
  ProviderSignInTest() {
    config::v1::Issuer& issuer = *issuers_.add_issuers();
    issuer.set_issuer(kIssuer);
    issuer.mutable_sign_in()->set_client_id("holdfast console");
    issuer.mutable_sign_in()->set_redirect_uri("https://holdfast.example/auth/callback");
    issuer.mutable_sign_in()->add_scopes("read");
    issuer.mutable_sign_in()->set_resource("urn:holdfast");
  }

  ProviderSignIn::Parts Parts() {
    return {[this] { return std::make_shared<const config::v1::Issuers>(issuers_); },
            [this](const http::Outgoing& outgoing, const config::v1::Issuer&) {
              return Answer(outgoing);
            },
            &clock_, &random_};
  }

  absl::StatusOr<http::Response> Answer(const http::Outgoing& outgoing) {
    asked_.push_back(outgoing);
    if (away_) return absl::UnavailableError("nobody answers");
    if (outgoing.method == "GET") {
      return http::Response{
          200,
          {},
          absl::StrCat(
              R"({"issuer":")", kIssuer,
              R"(","jwks_uri":"https://sign-in.example/keys","authorization_endpoint":"https://sign-in.example/auth",)",
              R"("token_endpoint":"https://sign-in.example/token","authorization_response_iss_parameter_supported":)",
              names_itself_ ? "true" : "false", "}")};
    }
    if (refuses_) return http::Response{400, {}, R"({"error":"invalid_grant"})"};
    return http::Response{
        200,
        {},
        absl::StrCat(R"({"access_token":"access-)", asked_.size(),
                     R"(","token_type":"bearer","expires_in":600,)", R"("refresh_token":"refresh-)",
                     asked_.size(), R"(","id_token":")", IdentityToken(), "\"}")};
  }
  std::string IdentityToken() const {
    return security::ToBase64Url("{}") + "." +
           security::ToBase64Url(absl::StrCat(
               R"({"iss":")", kIssuer,
               R"(","aud":"holdfast console","sub":"7","name":"Ada","exp":1800000600,"nonce":")",
               nonce_, "\"}")) +
           ".x";
  }

  // The browser at the provider; what it would come back with.
  std::string Begin() {
    const auto begun = sign_in_.Begin(sign_in_.Providers().at(0).id);
    EXPECT_TRUE(begun.ok()) << begun.status();
    ticket_ = begun->ticket;
    location_ = begun->location;
    const std::string query = location_.substr(location_.find('?') + 1);
    nonce_ = Parameter(query, "nonce");
    challenge_ = Parameter(query, "code_challenge");
    return absl::StrCat("code=c-1&state=", Parameter(query, "state"),
                        "&iss=https%3A%2F%2Fsign-in.example%2Frealm");
  }

  config::v1::Issuers issuers_;
  SetClock clock_;
  SeededRandom random_{7};
  bool away_ = false;
  bool refuses_ = false;
  bool names_itself_ = true;
  std::vector<http::Outgoing> asked_;
  std::string ticket_, location_, nonce_, challenge_;
  ProviderSignIn sign_in_{Parts()};
};

TEST_F(ProviderSignInTest, SendsTheBrowserToTheProviderWithAProofOfItsOwn) {
  const std::string back = Begin();
  EXPECT_THAT(
      location_,
      StartsWith("https://sign-in.example/auth?response_type=code&client_id=holdfast%20console&"
                 "redirect_uri=https%3A%2F%2Fholdfast.example%2Fauth%2Fcallback&scope=openid%"
                 "20read&state="));
  EXPECT_THAT(location_, HasSubstr("&code_challenge_method=S256"));
  EXPECT_THAT(location_, HasSubstr("&resource=urn%3Aholdfast"));
  EXPECT_EQ(ticket_.size(), 43U) << "256 bits";
  const std::string first = location_;
  Begin();
  EXPECT_NE(location_, first) << "state, nonce and challenge are of one sign-in";
  EXPECT_EQ(sign_in_.Begin("elsewhere").status().code(), absl::StatusCode::kNotFound);
}

TEST_F(ProviderSignInTest, ExchangesTheCodeForTokensThatTheBrowserNeverSees) {
  const std::string back = Begin();
  const auto tokens = sign_in_.Finish(ticket_, back);
  ASSERT_TRUE(tokens.ok()) << tokens.status();
  EXPECT_EQ(tokens->issuer, kIssuer);
  EXPECT_THAT(tokens->access_token, StartsWith("access-"));
  EXPECT_EQ(tokens->expires_at, clock_.now + absl::Minutes(10));
  EXPECT_EQ(tokens->name, "Ada");
  const http::Outgoing& asked = asked_.back();
  EXPECT_EQ(asked.address, "https://sign-in.example/token");
  EXPECT_EQ(Parameter(asked.body, "grant_type"), "authorization_code");
  EXPECT_EQ(Parameter(asked.body, "code"), "c-1");
  EXPECT_EQ(Parameter(asked.body, "redirect_uri"), "https://holdfast.example/auth/callback");
  const std::string verifier = Parameter(asked.body, "code_verifier");
  EXPECT_EQ(security::ToBase64Url(AsBytes(Sha256Of(verifier))), challenge_);
}

TEST_F(ProviderSignInTest, TakesABrowserBackOnceAndInTimeAndInTheSameBrowser) {
  std::string back = Begin();
  EXPECT_EQ(sign_in_.Finish("another", back).status().code(), absl::StatusCode::kUnauthenticated);
  ASSERT_TRUE(sign_in_.Finish(ticket_, back).ok());
  EXPECT_EQ(sign_in_.Finish(ticket_, back).status().code(), absl::StatusCode::kUnauthenticated);
  back = Begin();
  clock_.now += ProviderSignIn::kPatience;
  EXPECT_EQ(sign_in_.Finish(ticket_, back).status().code(), absl::StatusCode::kUnauthenticated);
}

TEST_F(ProviderSignInTest, RefusesAnAnswerThatIsNotToItsOwnQuestion) {
  const auto refused = [this](const std::string& from, const std::string& to) {
    std::string back = Begin();
    back.replace(back.find(from), from.size(), to);
    const std::size_t before = asked_.size();
    const auto tokens = sign_in_.Finish(ticket_, back);
    EXPECT_EQ(asked_.size(), before) << "the code goes nowhere";
    return tokens.status().code() == absl::StatusCode::kUnauthenticated;
  };
  EXPECT_TRUE(refused("state=", "state=x"));
  EXPECT_TRUE(refused("state=", "other="));
  EXPECT_TRUE(refused("sign-in.example", "evil.example"));
  EXPECT_TRUE(refused("&iss=", "&xiss=")) << "the provider said that it names itself";
  EXPECT_TRUE(refused("code=c-1", "code="));
}

TEST_F(ProviderSignInTest, TakesAnAnswerWithoutIssuerFromAProviderThatNeverNamesItself) {
  names_itself_ = false;
  std::string back = Begin();
  back.resize(back.find("&iss="));
  EXPECT_TRUE(sign_in_.Finish(ticket_, back).ok());
}

TEST_F(ProviderSignInTest, RefusesAnIdentityTokenOfAnotherSignIn) {
  const std::string back = Begin();
  nonce_ = "another";
  EXPECT_EQ(sign_in_.Finish(ticket_, back).status().code(), absl::StatusCode::kUnauthenticated);
}

TEST_F(ProviderSignInTest, TellsARefusalFromAProviderThatIsAway) {
  std::string back = Begin();
  back.replace(0, 8, "error=access_denied");
  EXPECT_EQ(sign_in_.Finish(ticket_, back).status().code(), absl::StatusCode::kPermissionDenied);
  back = Begin();
  refuses_ = true;
  EXPECT_EQ(sign_in_.Finish(ticket_, back).status().code(), absl::StatusCode::kUnauthenticated);
  back = Begin();
  away_ = true;
  EXPECT_EQ(sign_in_.Finish(ticket_, back).status().code(), absl::StatusCode::kUnavailable);
}

TEST_F(ProviderSignInTest, RenewsByTheRefreshTokenThatItWasGivenLast) {
  const std::string back = Begin();
  const Tokens tokens = *sign_in_.Finish(ticket_, back);
  const auto renewed = sign_in_.Renew(tokens);
  ASSERT_TRUE(renewed.ok()) << renewed.status();
  EXPECT_EQ(Parameter(asked_.back().body, "grant_type"), "refresh_token");
  EXPECT_EQ(Parameter(asked_.back().body, "refresh_token"), tokens.refresh_token);
  EXPECT_NE(renewed->refresh_token, tokens.refresh_token);
  EXPECT_EQ(renewed->name, "Ada");
  Tokens without = tokens;
  without.refresh_token.clear();
  EXPECT_EQ(sign_in_.Renew(without).status().code(), absl::StatusCode::kUnauthenticated);
}

TEST_F(ProviderSignInTest, ProvesItselfWithItsSecretWhereItHasOne) {
  const std::string path = ::testing::TempDir() + "/client-secret";
  std::ofstream(path) << "s3cret+\n";
  ASSERT_EQ(::chmod(path.c_str(), 0600), 0);
  issuers_.mutable_issuers(0)->mutable_sign_in()->set_client_secret_file(path);
  const std::string back = Begin();
  ASSERT_TRUE(sign_in_.Finish(ticket_, back).ok());
  // holdfast%20console:s3cret%2B
  EXPECT_THAT(asked_.back().headers,
              ::testing::Contains(std::pair<std::string, std::string>(
                  "authorization", "Basic aG9sZGZhc3QlMjBjb25zb2xlOnMzY3JldCUyQg==")));
  EXPECT_THAT(asked_.back().body, Not(HasSubstr("s3cret")));
}

TEST_F(ProviderSignInTest, KnowsItsOwnAddressFromWhereBrowsersComeBack) {
  EXPECT_EQ(sign_in_.PublicOrigin(), "https://holdfast.example");
  EXPECT_EQ(sign_in_.Providers().at(0).name, "sign-in.example");
  issuers_.Clear();
  EXPECT_EQ(sign_in_.PublicOrigin(), "");
  EXPECT_TRUE(sign_in_.Providers().empty());
}

}  // namespace
}  // namespace holdfast::gateway
