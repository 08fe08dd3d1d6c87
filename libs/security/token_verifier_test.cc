#include "security/token_verifier.h"

#include <gtest/gtest.h>

#include "base/clock.h"
#include "security/base64url.h"
#include "security/signing_key.h"
#include "security/token_fixtures.h"

namespace holdfast::security {
namespace {

// An issuer whose key we hold, so that every forgery below is well signed unless it says otherwise.
class TokenVerifierTest : public ::testing::Test {
 protected:
  TokenVerifierTest() : verifier_({TrustedIssuer()}, clock_) {}

  Issuer TrustedIssuer() const {
    Issuer issuer;
    issuer.name = "https://sign-in.example";
    issuer.algorithms = {Algorithm::kEs256};
    issuer.keys = std::make_shared<FixedKeys>(
        KeySet{{"k1", {VerifyingKey::FromDer(key_->PublicDer()), std::nullopt}}});
    issuer.audiences = {{"holdfast:westmoor", {"westmoor", {"westmoor-police"}}},
                        {"holdfast:eastvale", {"eastvale", {}}}};
    return issuer;
  }

  std::string Signed(std::string_view header, std::string_view claims) const {
    const std::string head = ToBase64Url(header) + "." + ToBase64Url(claims);
    return head + "." + ToBase64Url(key_->Sign(head));
  }
  std::string WithClaims(std::string_view claims) const {
    return Signed(R"({"alg":"ES256","typ":"at+jwt","kid":"k1"})", claims);
  }
  std::string WithHeader(std::string_view header) const { return Signed(header, kGood); }

  TokenFault FaultOf(const std::string& token) const {
    const auto verified = verifier_.Verify(token);
    EXPECT_FALSE(verified.has_value());
    return verified ? TokenFault::kMalformed : verified.error();
  }

  static constexpr std::string_view kGood =
      R"({"iss":"https://sign-in.example","aud":"holdfast:westmoor","sub":"7","iat":1799999990,"exp":1800000800})";

  StoppedClock clock_;
  std::unique_ptr<SigningKey> key_ = SigningKey::GenerateP256();
  TokenVerifier verifier_;
};

TEST_F(TokenVerifierTest, AcceptsATokenOfItsIssuerAndSaysWhoseItIs) {
  const auto verified = verifier_.Verify(WithClaims(kGood));
  ASSERT_TRUE(verified.has_value()) << NameOf(verified.error());
  EXPECT_EQ(verified->tenant, "westmoor");
  EXPECT_EQ(verified->subject, "7");
  EXPECT_EQ(verified->issuer, "https://sign-in.example");
  EXPECT_EQ(verified->expires_at, absl::FromUnixSeconds(1'800'000'800));
  EXPECT_EQ(verified->agencies, std::vector<std::string>{"westmoor-police"});
  EXPECT_EQ(verified->kind, PrincipalKind::kPerson);
  EXPECT_EQ(verified->signed_in_at, std::nullopt);
}

TEST_F(TokenVerifierTest, RefusesWhatIsNotThreeStrictSegments) {
  const std::string good = WithClaims(kGood);
  EXPECT_EQ(FaultOf(""), TokenFault::kMalformed);
  EXPECT_EQ(FaultOf("a.b"), TokenFault::kMalformed);
  EXPECT_EQ(FaultOf(good + "."), TokenFault::kMalformed);
  EXPECT_EQ(FaultOf(good + "="), TokenFault::kMalformed);
  EXPECT_EQ(FaultOf(good + "\n"), TokenFault::kMalformed);
  EXPECT_EQ(FaultOf(std::string(8193, 'a')), TokenFault::kMalformed);
}

TEST_F(TokenVerifierTest, RefusesJsonThatTwoReadersCouldReadDifferently) {
  EXPECT_EQ(FaultOf(WithClaims(R"({"iss":"https://sign-in.example","iss":"x","sub":"7"})")),
            TokenFault::kMalformed);
  EXPECT_EQ(FaultOf(WithHeader(R"({"alg":"none","alg":"ES256","typ":"at+jwt","kid":"k1"})")),
            TokenFault::kMalformed);
  EXPECT_EQ(FaultOf(WithClaims(R"({"a":{"b":{"c":{"d":{"e":1}}}}})")), TokenFault::kMalformed);
  EXPECT_EQ(FaultOf(WithClaims(R"([1])")), TokenFault::kMalformed);
  EXPECT_EQ(FaultOf(WithClaims("{\"sub\":\"\xFF\"}")), TokenFault::kMalformed);
}

TEST_F(TokenVerifierTest, RefusesHeadersThatRedirectTheVerification) {
  for (const std::string_view name : {"crit", "jku", "jwk", "x5u", "x5c", "b64", "zip"}) {
    const std::string header = R"({"alg":"ES256","typ":"at+jwt","kid":"k1",")" + std::string(name) +
                               R"(":"https://elsewhere.example"})";
    EXPECT_EQ(FaultOf(WithHeader(header)), TokenFault::kHeader) << name;
  }
}

TEST_F(TokenVerifierTest, RefusesATokenOfAnotherType) {
  EXPECT_EQ(FaultOf(WithHeader(R"({"alg":"ES256","typ":"JWT","kid":"k1"})")), TokenFault::kHeader);
  EXPECT_EQ(FaultOf(WithHeader(R"({"alg":"ES256","kid":"k1"})")), TokenFault::kHeader);
}

TEST_F(TokenVerifierTest, RefusesAnAlgorithmThatItsIssuerIsNotPinnedTo) {
  for (const std::string_view name : {"none", "HS256", "RS256", "PS256", "ES384", "es256"}) {
    EXPECT_EQ(
        FaultOf(WithHeader(R"({"alg":")" + std::string(name) + R"(","typ":"at+jwt","kid":"k1"})")),
        TokenFault::kAlgorithm)
        << name;
  }
}

TEST_F(TokenVerifierTest, RefusesAnUnknownIssuerOrKey) {
  EXPECT_EQ(FaultOf(WithClaims(R"({"iss":"https://other.example","sub":"7"})")),
            TokenFault::kIssuer);
  EXPECT_EQ(FaultOf(WithClaims(R"({"sub":"7"})")), TokenFault::kIssuer);
  EXPECT_EQ(FaultOf(WithHeader(R"({"alg":"ES256","typ":"at+jwt","kid":"k2"})")), TokenFault::kKey);
  EXPECT_EQ(FaultOf(WithHeader(R"({"alg":"ES256","typ":"at+jwt"})")), TokenFault::kKey);
}

TEST_F(TokenVerifierTest, RefusesEverySignatureButTheRightOne) {
  const std::string good = WithClaims(kGood);
  const std::size_t dot = good.rfind('.');
  const std::string signature = *FromBase64Url(good.substr(dot + 1));
  const auto with = [&](const std::string& bytes) {
    return good.substr(0, dot + 1) + ToBase64Url(bytes);
  };
  std::string changed = signature;
  changed[40] = static_cast<char>(changed[40] ^ 1);
  EXPECT_EQ(FaultOf(with(changed)), TokenFault::kSignature);
  EXPECT_EQ(FaultOf(with("")), TokenFault::kSignature);
  EXPECT_EQ(FaultOf(with(signature.substr(0, 63))), TokenFault::kSignature);
  EXPECT_EQ(FaultOf(with(signature + '\0')), TokenFault::kSignature);
  EXPECT_EQ(FaultOf(with(std::string(64, '\0'))), TokenFault::kSignature);
  EXPECT_EQ(FaultOf(with(signature.substr(0, 32) + std::string(32, '\xFF'))),
            TokenFault::kSignature);

  const std::unique_ptr<SigningKey> other = SigningKey::GenerateP256();
  EXPECT_EQ(FaultOf(with(other->Sign(good.substr(0, dot)))), TokenFault::kSignature);
}

TEST_F(TokenVerifierTest, RefusesATokenWhoseClaimsWereExchangedUnderItsSignature) {
  const std::string good = WithClaims(kGood);
  std::string other = WithClaims(
      R"({"iss":"https://sign-in.example","aud":"holdfast:eastvale","sub":"7","iat":1799999990,"exp":1800000800})");
  const std::string forged = other.substr(0, other.rfind('.')) + good.substr(good.rfind('.'));
  EXPECT_EQ(FaultOf(forged), TokenFault::kSignature);
}

TEST_F(TokenVerifierTest, RefusesAudiencesThatAreNotExactlyOneOfOurs) {
  const auto with = [&](std::string_view audience) {
    return WithClaims(
        R"({"iss":"https://sign-in.example","sub":"7","iat":1799999990,"exp":1800000800,"aud":)" +
        std::string(audience) + "}");
  };
  EXPECT_EQ(FaultOf(with(R"("elsewhere")")), TokenFault::kAudience);
  EXPECT_EQ(FaultOf(with(R"([])")), TokenFault::kAudience);
  EXPECT_EQ(FaultOf(with(R"(["holdfast:westmoor","holdfast:eastvale"])")), TokenFault::kAudience);
  EXPECT_EQ(FaultOf(with("7")), TokenFault::kAudience);
  EXPECT_TRUE(verifier_.Verify(with(R"(["elsewhere","holdfast:westmoor"])")).has_value());
}

TEST_F(TokenVerifierTest, RefusesATokenOutsideItsTime) {
  const auto with = [&](std::string_view times) {
    return WithClaims(R"({"iss":"https://sign-in.example","aud":"holdfast:westmoor","sub":"7",)" +
                      std::string(times) + "}");
  };
  EXPECT_EQ(FaultOf(with(R"("iat":1799999000,"exp":1799999939)")), TokenFault::kTime);  // expired
  EXPECT_EQ(FaultOf(with(R"("iat":1800000061,"exp":1800000100)")), TokenFault::kTime);  // not yet
  EXPECT_EQ(FaultOf(with(R"("iat":1799999990,"exp":1800000891)")),
            TokenFault::kTime);  // 15 min 1 s
  EXPECT_EQ(FaultOf(with(R"("iat":1799999990,"exp":1799999990)")), TokenFault::kTime);
  EXPECT_EQ(FaultOf(with(R"("iat":1799999990)")), TokenFault::kTime);
  EXPECT_EQ(FaultOf(with(R"("exp":1800000800)")), TokenFault::kTime);
  EXPECT_EQ(FaultOf(with(R"("iat":1799999990,"exp":1800000800.5)")), TokenFault::kTime);
  EXPECT_EQ(FaultOf(with(R"("iat":1799999990,"exp":"1800000800")")), TokenFault::kTime);
  EXPECT_EQ(FaultOf(with(R"("iat":1799999990,"exp":1e300)")), TokenFault::kTime);
  EXPECT_EQ(FaultOf(with(R"("iat":1799999990,"exp":1800000800,"nbf":1800000061)")),
            TokenFault::kTime);
  EXPECT_TRUE(
      verifier_.Verify(with(R"("iat":1800000060,"exp":1800000800,"nbf":1800000060)")).has_value());
}

TEST_F(TokenVerifierTest, RefusesAnIdentityTokenAndATokenWithoutSubjectOrOfAnotherTenant) {
  const auto with = [&](std::string_view more) {
    return WithClaims(
        R"({"iss":"https://sign-in.example","aud":"holdfast:westmoor","iat":1799999990,"exp":1800000800)" +
        std::string(more) + "}");
  };
  EXPECT_EQ(FaultOf(with("")), TokenFault::kClaims);
  EXPECT_EQ(FaultOf(with(R"(,"sub":"")")), TokenFault::kClaims);
  EXPECT_EQ(FaultOf(with(R"(,"sub":7)")), TokenFault::kClaims);
  EXPECT_EQ(FaultOf(with(R"(,"sub":"7","nonce":"n")")), TokenFault::kClaims);
  EXPECT_EQ(FaultOf(with(R"(,"sub":"7","at_hash":"h")")), TokenFault::kClaims);
  EXPECT_EQ(FaultOf(with(R"(,"sub":"7","tenant":"eastvale")")), TokenFault::kClaims);
}

// The good claims with more of them.
std::string Claims(std::string_view more) {
  return R"({"iss":"https://sign-in.example","aud":"holdfast:westmoor","iat":1799999990,"exp":1800000800)" +
         std::string(more) + "}";
}

TEST_F(TokenVerifierTest, TakesTheTypeOfAnAccessTokenInEitherSpelling) {
  for (const std::string_view type : {"at+jwt", "AT+JWT", "application/at+jwt"}) {
    EXPECT_TRUE(
        verifier_
            .Verify(WithHeader(R"({"alg":"ES256","kid":"k1","typ":")" + std::string(type) + "\"}"))
            .has_value())
        << type;
  }
}

TEST_F(TokenVerifierTest, SaysWhenThePersonSignedIn) {
  const auto at = [&](std::string_view claim) {
    return verifier_.Verify(WithClaims(Claims(R"(,"sub":"7")" + std::string(claim))))->signed_in_at;
  };
  EXPECT_EQ(at(R"(,"auth_time":1799999000)"), absl::FromUnixSeconds(1'799'999'000));
  EXPECT_EQ(at(R"(,"auth_time":1800000061)"), std::nullopt) << "it has not come yet";
  EXPECT_EQ(at(R"(,"auth_time":"now")"), std::nullopt);
}

TEST_F(TokenVerifierTest, TellsAClientByItsOwnName) {
  const auto kind = [&](std::string_view claims) {
    return verifier_.Verify(WithClaims(Claims(claims)))->kind;
  };
  EXPECT_EQ(kind(R"(,"sub":"app","client_id":"app")"), PrincipalKind::kClient);
  EXPECT_EQ(kind(R"(,"sub":"7","client_id":"app")"), PrincipalKind::kPerson);
}

TEST_F(TokenVerifierTest, TellsPersonsAndClientsByTheClaimsThatTheIssuerIsPinnedTo) {
  Issuer issuer = TrustedIssuer();
  issuer.type = "jwt";
  issuer.subject_claim = "oid";
  issuer.person = *ClaimRule::Parse("scp");
  issuer.client = *ClaimRule::Parse("idtyp=app");
  const TokenVerifier verifier({issuer}, clock_);
  const auto verify = [&](std::string_view claims) {
    return verifier.Verify(Signed(R"({"alg":"ES256","typ":"JWT","kid":"k1"})", Claims(claims)));
  };
  const auto person = verify(R"(,"sub":"pairwise","oid":"o-7","scp":"access","roles":["any"])");
  ASSERT_TRUE(person.has_value()) << NameOf(person.error());
  EXPECT_EQ(person->kind, PrincipalKind::kPerson);
  EXPECT_EQ(person->subject, "o-7");
  const auto client = verify(R"(,"sub":"pairwise","oid":"o-8","idtyp":"app")");
  ASSERT_TRUE(client.has_value()) << NameOf(client.error());
  EXPECT_EQ(client->kind, PrincipalKind::kClient);
  EXPECT_EQ(verify(R"(,"sub":"pairwise","oid":"o-8","idtyp":"user")").error(), TokenFault::kKind);
  EXPECT_EQ(verify(R"(,"sub":"pairwise","oid":"o-8")").error(), TokenFault::kKind);
  EXPECT_EQ(verify(R"(,"oid":"o-8","scp":"access")").error(), TokenFault::kClaims);
}

TEST_F(TokenVerifierTest, ForgetsAnIssuerThatIsNoLongerConfigured) {
  const std::string good = WithClaims(kGood);
  const std::uint64_t before = verifier_.trust();
  verifier_.Replace({});
  EXPECT_NE(verifier_.trust(), before);
  EXPECT_EQ(FaultOf(good), TokenFault::kIssuer);
  verifier_.Replace({TrustedIssuer()});
  EXPECT_TRUE(verifier_.Verify(good).has_value());
}

TEST(VerifyingKey, ReadsTheNumbersOfAKeyAndRefusesAWeakOne) {
  using Kind = TestKey::Kind;
  EXPECT_NE(TestKeyOf(Kind::kP256).Public(), nullptr);
  EXPECT_NE(TestKeyOf(Kind::kRsa2048).Public(), nullptr);
  EXPECT_EQ(TestKeyOf(Kind::kP384).Public(), nullptr);
  EXPECT_EQ(TestKeyOf(Kind::kRsa1024).Public(), nullptr);
  EXPECT_EQ(TestKeyOf(Kind::kRsaWithExponent3).Public(), nullptr);
  EXPECT_EQ(VerifyingKey::FromPoint(std::string(32, '\1'), std::string(32, '\1')), nullptr)
      << "not on the curve";
  EXPECT_EQ(VerifyingKey::FromPoint(std::string(31, '\1'), std::string(32, '\1')), nullptr);
  EXPECT_EQ(VerifyingKey::FromRsa(std::string(1025, '\xFF'), "\1\0\1"), nullptr) << "too large";
}

TEST(ClaimRule, KnowsWhatAnIdentityTokenCarriesToo) {
  for (const char* text : {"scp", "scope", "idtyp=app", "typ=Bearer,sid", "roles,azpacr"}) {
    EXPECT_FALSE(ClaimRule::Parse(text)->IdentityTokensMayPass()) << text;
  }
  for (const char* text : {"roles", "sid", "typ", "typ=ID", "sub,name"}) {
    EXPECT_TRUE(ClaimRule::Parse(text)->IdentityTokensMayPass()) << text;
  }
  for (const char* text : {",", "scp,", "=app", "idtyp=", "s cp"}) {
    EXPECT_EQ(ClaimRule::Parse(text), std::nullopt) << text;
  }
}

TEST(ClaimRule, AsksForAllOfItsParts) {
  const auto passes = [](const char* test, std::string_view claims) {
    return ClaimRule::Parse(test)->Passes(*ParseStrictObject(claims));
  };
  EXPECT_TRUE(passes("scp", R"({"scp":"a b"})"));
  EXPECT_FALSE(passes("scp", R"({"scp":""})"));
  EXPECT_FALSE(passes("roles", R"({"roles":[]})"));
  EXPECT_FALSE(passes("scp", R"({"scp":null})"));
  EXPECT_TRUE(passes("amr=mfa", R"({"amr":["pwd","mfa"]})"));
  EXPECT_FALSE(passes("scp,amr=mfa", R"({"scp":"a","amr":["pwd"]})"));
  EXPECT_FALSE(passes("", R"({"scp":"a"})")) << "an empty test lets nobody pass";
}

TEST(VerifyingKey, IsRefusedUnlessItIsAStrongKeyAndNothingMore) {
  const std::string der = SigningKey::GenerateP256()->PublicDer();
  EXPECT_NE(VerifyingKey::FromDer(der), nullptr);
  EXPECT_EQ(VerifyingKey::FromDer(der + "x"), nullptr);
  EXPECT_EQ(VerifyingKey::FromDer(der.substr(0, der.size() - 1)), nullptr);
  std::string off_curve = der;
  off_curve.back() = static_cast<char>(off_curve.back() ^ 1);
  EXPECT_EQ(VerifyingKey::FromDer(off_curve), nullptr);
  EXPECT_EQ(VerifyingKey::FromDer(""), nullptr);
}

TEST(Base64Url, ReadsBackWhatItWroteAndNothingElse) {
  for (const std::string& bytes : {std::string(), std::string("f"), std::string("fo"),
                                   std::string("foo"), std::string("\x00\xFF\x80", 3)}) {
    EXPECT_EQ(FromBase64Url(ToBase64Url(bytes)), bytes);
  }
  EXPECT_EQ(ToBase64Url("fo"), "Zm8");
  EXPECT_EQ(FromBase64Url("Zm9"), std::nullopt);  // stray bits: "Zm8" is the only spelling
  EXPECT_EQ(FromBase64Url("Zm8="), std::nullopt);
  EXPECT_EQ(FromBase64Url("Zm+/"), std::nullopt);
  EXPECT_EQ(FromBase64Url("Z"), std::nullopt);
}

}  // namespace
}  // namespace holdfast::security
