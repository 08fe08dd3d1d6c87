#include "security/provider_metadata.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace holdfast::security {
namespace {

using ::testing::HasSubstr;

constexpr std::string_view kIssuer = "https://sign-in.example/realm";

std::string Document(const std::string& issuer, const std::string& more) {
  return R"({"issuer":")" + issuer + R"(",)" + more + "}";
}
constexpr char kKeys[] = R"("jwks_uri":"https://sign-in.example/keys")";

TEST(ProviderMetadata, SaysWhereKeysStandAndWhereToSignIn) {
  EXPECT_EQ(DiscoveryAddressOf("https://sign-in.example/realm/"),
            "https://sign-in.example/realm/.well-known/openid-configuration");
  const auto read = ParseProviderMetadata(
      Document(
          std::string(kIssuer),
          std::string(kKeys) +
              R"(,"authorization_endpoint":"https://sign-in.example/auth","token_endpoint":)"
              R"("https://sign-in.example/token","authorization_response_iss_parameter_supported":true)"),
      kIssuer);
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(read->jwks_uri, "https://sign-in.example/keys");
  EXPECT_EQ(read->authorization_endpoint, "https://sign-in.example/auth");
  EXPECT_EQ(read->token_endpoint, "https://sign-in.example/token");
  EXPECT_TRUE(read->names_itself);
}

TEST(ProviderMetadata, IsRefusedWhereItIsAnotherIssuersOrLeadsElsewhere) {
  const auto refused = [](const std::string& json, const char* why) {
    const auto read = ParseProviderMetadata(json, kIssuer);
    ASSERT_FALSE(read.ok()) << json;
    EXPECT_THAT(std::string(read.status().message()), HasSubstr(why)) << json;
  };
  refused(Document("https://sign-in.example/realm/", kKeys), "another issuer");
  refused(Document(std::string(kIssuer), R"("jwks_uri":"https://elsewhere.example/keys")"),
          "another host");
  refused(Document(std::string(kIssuer), R"("jwks_uri":"http://sign-in.example/keys")"),
          "another host");
  refused(Document(std::string(kIssuer), R"("jwks_uri":"https://sign-in.example:444/keys")"),
          "another host");
  refused(Document(std::string(kIssuer),
                   std::string(kKeys) + R"(,"token_endpoint":"https://elsewhere.example/token")"),
          "another host");
  refused(Document(std::string(kIssuer), R"("x":1)"), "no jwks_uri");
  refused("[]", "no JSON object");
  refused(std::string(70'000, ' '), "64 KiB");
}

TEST(OriginOf, IsOfAnAddressThatHidesNothing) {
  EXPECT_EQ(OriginOf("https://Sign-In.example:8443/a?b"), "https://sign-in.example:8443");
  EXPECT_EQ(OriginOf("http://127.0.0.1"), "http://127.0.0.1");
  for (const char* address :
       {"", "sign-in.example", "ftp://a.example", "https://", "https://user@a.example/",
        "https://a.example/#x", "https://a.example/ x", "https://a.example\\@b.example/"}) {
    EXPECT_EQ(OriginOf(address), "") << address;
  }
}

}  // namespace
}  // namespace holdfast::security
