#include "security/json_web_keys.h"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "security/token_fixtures.h"

namespace holdfast::security {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using Kind = TestKey::Kind;

std::string Set(const std::string& keys) {
  return R"({"keys":[)" + keys + "]}";
}
std::string Key(Kind kind, const std::string& more) {
  return "{" + TestKeyOf(kind).JwkMembers() + more + "}";
}
std::string Named(const std::string& id) {
  return R"(,"kid":")" + id + '"';
}

void ExpectRefused(const std::string& json, const std::string& why) {
  const auto keys = ParseJsonWebKeys(json);
  ASSERT_FALSE(keys.ok()) << json;
  EXPECT_EQ(keys.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(keys.status().message()), HasSubstr(why));
}

TEST(JsonWebKeys, AreReadWithTheAlgorithmThatTheyArePinnedTo) {
  const auto keys =
      ParseJsonWebKeys(Set(Key(Kind::kP256, Named("e") + R"(,"alg":"ES256")") + "," +
                           Key(Kind::kRsa2048, Named("r") + R"(,"use":"sig")") + "," +
                           Key(Kind::kRsa2048, Named("v") + R"(,"key_ops":["verify"])")));
  ASSERT_TRUE(keys.ok()) << keys.status();
  ASSERT_EQ(keys->size(), 3U);
  EXPECT_EQ(keys->at("e").algorithm, Algorithm::kEs256);
  EXPECT_EQ(keys->at("r").algorithm, std::nullopt);
  EXPECT_TRUE(keys->at("e").key->Equals(*TestKeyOf(Kind::kP256).Public()));
  EXPECT_TRUE(keys->at("r").key->Verify(Algorithm::kPs256, "x",
                                        TestKeyOf(Kind::kRsa2048).Sign(Algorithm::kPs256, "x")));
}

TEST(JsonWebKeys, LeaveOutWhatVerifiesNoTokenOfOurs) {
  const auto left = [](const std::string& key) { return *ParseJsonWebKeys(Set(key)); };
  EXPECT_THAT(left(Key(Kind::kRsa2048, Named("a") + R"(,"use":"enc")")), IsEmpty());
  EXPECT_THAT(left(Key(Kind::kRsa2048, Named("a") + R"(,"use":7)")), IsEmpty());
  EXPECT_THAT(left(Key(Kind::kRsa2048, Named("a") + R"(,"key_ops":["encrypt"])")), IsEmpty());
  EXPECT_THAT(left(Key(Kind::kRsa2048, Named("a") + R"(,"alg":"RS512")")), IsEmpty());
  EXPECT_THAT(left(Key(Kind::kRsa2048, Named("a") + R"(,"alg":"ES256")")), IsEmpty());
  EXPECT_THAT(left(Key(Kind::kRsa2048, "")), IsEmpty()) << "without a kid";
  EXPECT_THAT(left(Key(Kind::kRsa1024, Named("a"))), IsEmpty());
  EXPECT_THAT(left(Key(Kind::kRsaWithExponent3, Named("a"))), IsEmpty());
  EXPECT_THAT(left(Key(Kind::kP384, Named("a"))), IsEmpty());
  EXPECT_THAT(left(R"({"kty":"OKP","crv":"Ed25519","x":"AAAA","kid":"a"})"), IsEmpty());
  EXPECT_THAT(left(R"({"kty":"EC","crv":"P-256","x":"AAAA","y":"AAAA","kid":"a"})"), IsEmpty());
  EXPECT_THAT(left(""), IsEmpty());
}

TEST(JsonWebKeys, AreRefusedAsAWholeWhereOnePublishesWhatIsPrivate) {
  for (const char* name : {"d", "p", "q", "dp", "dq", "qi", "oth"}) {
    ExpectRefused(Set(Key(Kind::kP256, Named("a")) + "," +
                      Key(Kind::kRsa2048, Named("b") + ",\"" + name + R"(":"AQAB")")),
                  "private");
  }
  ExpectRefused(Set(R"({"kty":"oct","k":"AAAA","kid":"a"})"), "private");
}

TEST(JsonWebKeys, AreRefusedWhereAKeyIdStandsTwiceEvenAmongThoseThatAreLeftOut) {
  ExpectRefused(Set(Key(Kind::kP256, Named("a")) + "," + Key(Kind::kRsa2048, Named("a"))), "twice");
  ExpectRefused(
      Set(Key(Kind::kP256, Named("a")) + "," + Key(Kind::kRsa2048, Named("a") + R"(,"use":"enc")")),
      "twice");
}

TEST(JsonWebKeys, AreRefusedWhereTheyAreTooManyOrTooLargeOrNoSet) {
  std::string many;
  for (int i = 0; i < 33; ++i) many += (i > 0 ? "," : "") + std::string(R"({"kty":"x"})");
  ExpectRefused(Set(many), "32 keys");
  ExpectRefused(Set("{\"x\":\"" + std::string(kMaxKeySetBytes, 'a') + "\"}"), "64 KiB");
  for (const char* json :
       {"", "[]", "{}", R"({"keys":{}})", R"({"keys":[1]})", R"({"keys":[],"keys":[]})",
        R"({"keys":[{"kid":"a","kid":"b"}]})", "<html>"}) {
    ExpectRefused(json, "no key set");
  }
}

}  // namespace
}  // namespace holdfast::security
