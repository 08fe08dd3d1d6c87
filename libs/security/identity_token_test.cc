#include "security/identity_token.h"

#include <gtest/gtest.h>

#include "security/base64url.h"

namespace holdfast::security {
namespace {

const absl::Time kNow = absl::FromUnixSeconds(1'800'000'000);

absl::StatusOr<Identity> Read(const std::string& claims) {
  const std::string token = ToBase64Url(R"({"alg":"ES256"})") + "." + ToBase64Url(claims) + "." +
                            ToBase64Url("signature");
  return ReadIdentityToken(token, {"https://sign-in.example", "holdfast", "n-1"}, kNow);
}
std::string Claims(const std::string& audience, const std::string& nonce, int expires,
                   const std::string& more) {
  return R"({"iss":"https://sign-in.example","sub":"7","aud":)" + audience + R"(,"nonce":")" +
         nonce + R"(","exp":)" + std::to_string(1'800'000'000 + expires) + more + "}";
}

TEST(IdentityToken, SaysWhoHasSignedIn) {
  const auto read =
      Read(Claims(R"("holdfast")", "n-1", 60, R"(,"name":"Ada","preferred_username":"ada")"));
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(read->subject, "7");
  EXPECT_EQ(read->name, "Ada");
  EXPECT_EQ(Read(Claims(R"(["holdfast"])", "n-1", 60, ""))->name, "");
  EXPECT_TRUE(Read(Claims(R"(["holdfast","other"])", "n-1", 60, R"(,"azp":"holdfast")")).ok());
}

TEST(IdentityToken, IsRefusedWhereItAnswersAnotherQuestion) {
  EXPECT_FALSE(Read(Claims(R"("other")", "n-1", 60, "")).ok());
  EXPECT_FALSE(Read(Claims(R"(["holdfast","other"])", "n-1", 60, "")).ok()) << "asked for by whom?";
  EXPECT_FALSE(Read(Claims(R"("holdfast")", "n-1", 60, R"(,"azp":"other")")).ok());
  EXPECT_FALSE(Read(Claims(R"("holdfast")", "n-2", 60, "")).ok());
  EXPECT_FALSE(Read(Claims(R"("holdfast")", "n-1", -61, "")).ok());
  EXPECT_FALSE(Read(R"({"iss":"https://other.example","sub":"7"})").ok());
  EXPECT_FALSE(Read("[]").ok());
  EXPECT_FALSE(ReadIdentityToken("a.b", {}, kNow).ok());
}

}  // namespace
}  // namespace holdfast::security
