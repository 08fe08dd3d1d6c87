// Every way of making a token that is known to have been believed somewhere, for every kind of
// issuer that can be configured: none may be believed here.

#include <algorithm>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "base/hash.h"
#include "base/random.h"
#include "security/base64url.h"
#include "security/token_fixtures.h"
#include "security/token_verifier.h"

namespace holdfast::security {
namespace {

using Kind = TestKey::Kind;

// How an issuer may be configured, and what its good token looks like.
struct Shape {
  std::string name;
  Algorithm algorithm;
  std::string type;     // of the header
  std::string person;   // what tells its access tokens, as the issuers' file says it
  std::string subject;  // its claim
  JsonMembers claims;   // beside those that all have
};

std::vector<Shape> Shapes() {
  std::vector<Shape> shapes;
  const std::vector<std::pair<std::string, Algorithm>> algorithms = {
      {"Es256", Algorithm::kEs256}, {"Rs256", Algorithm::kRs256}, {"Ps256", Algorithm::kPs256}};
  for (const auto& [name, algorithm] : algorithms) {
    shapes.push_back({absl::StrCat("Standard", name), algorithm, "at+jwt", "", "sub", {}});
    shapes.push_back({absl::StrCat("EntraLike", name),
                      algorithm,
                      "JWT",
                      "scp",
                      "oid",
                      {{"scp", R"("access")"}, {"oid", R"("o-7")"}, {"roles", R"(["any"])"}}});
    shapes.push_back({absl::StrCat("KeycloakLike", name),
                      algorithm,
                      "JWT",
                      "typ=Bearer,sid",
                      "sub",
                      {{"typ", R"("Bearer")"}, {"sid", R"("s-1")"}}});
  }
  return shapes;
}

const TestKey& KeyOf(Algorithm algorithm, int which = 0) {
  return TestKeyOf(algorithm == Algorithm::kEs256 ? Kind::kP256 : Kind::kRsa2048, which);
}
std::string NameOf(Algorithm algorithm) {
  switch (algorithm) {
    case Algorithm::kEs256:
      return "ES256";
    case Algorithm::kRs256:
      return "RS256";
    case Algorithm::kPs256:
      return "PS256";
  }
  return "";
}
std::string Quoted(std::string_view text) {
  return absl::StrCat("\"", std::string(text), "\"");
}
std::string IssuerOf(const Shape& shape) {
  return "https://" + shape.name + ".example/realm";
}
std::string AudienceOf(const Shape& shape) {
  return "holdfast:" + shape.name;
}

Issuer Trusted(const Shape& shape) {
  Issuer issuer;
  issuer.name = IssuerOf(shape);
  issuer.type = shape.type == "JWT" ? "jwt" : shape.type;
  issuer.algorithms = {shape.algorithm};
  issuer.keys = std::make_shared<FixedKeys>(
      KeySet{{"k1", {KeyOf(shape.algorithm).Public(), shape.algorithm}},
             {"of-" + shape.name, {KeyOf(shape.algorithm, 1).Public(), std::nullopt}}});
  issuer.audiences = {{AudienceOf(shape), {"westmoor", {}}},
                      {AudienceOf(shape) + "-2", {"eastvale", {}}}};
  issuer.subject_claim = shape.subject;
  issuer.person = *ClaimRule::Parse(shape.person);
  return issuer;
}

TokenDraft Good(const Shape& shape) {
  TokenDraft draft;
  draft.header = {
      {"alg", Quoted(NameOf(shape.algorithm))}, {"typ", Quoted(shape.type)}, {"kid", Quoted("k1")}};
  draft.claims = {{"iss", Quoted(IssuerOf(shape))},
                  {"aud", Quoted(AudienceOf(shape))},
                  {"sub", Quoted("7")},
                  {"iat", "1799999990"},
                  {"exp", "1800000800"},
                  {"jti", Quoted("j")}};
  for (const auto& [name, value] : shape.claims) draft.claims[name] = value;
  draft.key = &KeyOf(shape.algorithm);
  draft.algorithm = shape.algorithm;
  return draft;
}

// A token of the forger; empty where the class says nothing about such an issuer.
using Forge = std::function<std::string(const Shape&, TokenDraft)>;
struct Class {
  std::string name;
  Forge forge;
};

Class Header(std::string name, std::string member, std::string value) {
  return {std::move(name), [member, value](const Shape&, TokenDraft draft) {
            draft.header[member] = value;
            return draft.Text();
          }};
}
Class WithoutHeader(std::string name, std::string member) {
  return {std::move(name), [member](const Shape&, TokenDraft draft) {
            draft.header.erase(member);
            return draft.Text();
          }};
}
Class Claim(std::string name, std::string member, std::string value) {
  return {std::move(name), [member, value](const Shape&, TokenDraft draft) {
            draft.claims[member] = value;
            return draft.Text();
          }};
}
Class WithoutClaim(std::string name, std::string member) {
  return {std::move(name), [member](const Shape&, TokenDraft draft) {
            draft.claims.erase(member);
            return draft.Text();
          }};
}

std::string Head(const std::string& token) {
  return token.substr(0, token.rfind('.'));
}
std::string Signature(const std::string& token) {
  return *FromBase64Url(token.substr(token.rfind('.') + 1));
}
// The good token under another signature.
Class Signed(std::string name, std::function<std::string(const Shape&, std::string)> change) {
  return {std::move(name), [change](const Shape& shape, const TokenDraft& draft) {
            const std::string token = draft.Text();
            return Head(token) + "." + ToBase64Url(change(shape, Signature(token)));
          }};
}
// The good token, its text changed.
Class Spelled(std::string name, std::function<std::string(std::string)> change) {
  return {std::move(name),
          [change](const Shape&, const TokenDraft& draft) { return change(draft.Text()); }};
}

void AddClassesOfKeys(std::vector<Class>& all) {
  all.push_back({"SignedByNobody", [](const Shape&, TokenDraft draft) {
                   draft.header["alg"] = Quoted("none");
                   return Head(draft.Text()) + ".";
                 }});
  all.push_back({"SignedByNobodyInCapitals", [](const Shape&, TokenDraft draft) {
                   draft.header["alg"] = Quoted("NONE");
                   return Head(draft.Text()) + ".";
                 }});
  all.push_back({"HmacUnderThePublicKey", [](const Shape&, TokenDraft draft) {
                   draft.header["alg"] = Quoted("HS256");
                   const std::string head = Head(draft.Text());
                   HmacSha256 mac(draft.key->PublicDer());
                   return head + "." + ToBase64Url(AsBytes(mac.Update(head).Finish()));
                 }});
  all.push_back({"OfAnotherAlgorithmThanThePinnedOne", [](const Shape& shape, TokenDraft draft) {
                   if (shape.algorithm == Algorithm::kEs256) return std::string();
                   const bool rs = shape.algorithm == Algorithm::kRs256;
                   draft.algorithm = rs ? Algorithm::kPs256 : Algorithm::kRs256;
                   draft.header["alg"] = Quoted(NameOf(draft.algorithm));
                   return draft.Text();
                 }});
  all.push_back(
      {"WhoseHeaderNamesAnotherAlgorithmThanWasUsed", [](const Shape& shape, TokenDraft draft) {
         if (shape.algorithm == Algorithm::kEs256) return std::string();
         const bool rs = shape.algorithm == Algorithm::kRs256;
         draft.algorithm = rs ? Algorithm::kPs256 : Algorithm::kRs256;
         return draft.Text();
       }});
  all.push_back({"SignedByTheForger", [](const Shape& shape, TokenDraft draft) {
                   draft.key = &KeyOf(shape.algorithm, 2);
                   return draft.Text();
                 }});
  all.push_back({"SignedByAnotherKeyOfTheIssuer", [](const Shape& shape, TokenDraft draft) {
                   draft.key = &KeyOf(shape.algorithm, 1);
                   return draft.Text();
                 }});
  all.push_back({"WithAnotherIssuersKeyId", [](const Shape& shape, TokenDraft draft) {
                   const std::string other =
                       shape.name == "StandardEs256" ? "StandardRs256" : "StandardEs256";
                   draft.header["kid"] = Quoted("of-" + other);
                   return draft.Text();
                 }});
  all.push_back({"ThatBringsItsOwnKey", [](const Shape& shape, TokenDraft draft) {
                   draft.key = &KeyOf(shape.algorithm, 2);
                   draft.header["jwk"] = "{" + draft.key->JwkMembers() + "}";
                   return draft.Text();
                 }});
  all.push_back({"SaltedShorterThanItsDigest", [](const Shape& shape, const TokenDraft& draft) {
                   if (shape.algorithm != Algorithm::kPs256) return std::string();
                   const std::string head = Head(draft.Text());
                   return head + "." + ToBase64Url(draft.key->Sign(draft.algorithm, head, 16));
                 }});
  all.push_back(Header("WithAnUnknownKeyId", "kid", Quoted("k9")));
  all.push_back(Header("WithAKeyIdThatIsAPath", "kid", Quoted("../../../dev/null")));
  all.push_back(Header("WithAKeyIdThatIsANumber", "kid", "1"));
  all.push_back(WithoutHeader("WithoutAKeyId", "kid"));
  all.push_back(WithoutHeader("WithoutAnAlgorithm", "alg"));
  all.push_back(Header("OfAnAlgorithmInLowerCase", "alg", Quoted("es256")));
  all.push_back(Header("OfALongerDigest", "alg", Quoted("ES384")));
}

void AddClassesOfHeaders(std::vector<Class>& all) {
  for (const char* name : {"crit", "jku", "x5u", "x5c", "b64", "zip", "enc", "epk"}) {
    all.push_back(Header(absl::StrCat("WithTheHeader_", name), name,
                         Quoted("https://elsewhere.example/keys")));
  }
  all.push_back(WithoutHeader("WithoutAType", "typ"));
  all.push_back(Header("OfTheTypeOfALogoutToken", "typ", Quoted("logout+jwt")));
  all.push_back(Header("OfNoType", "typ", "null"));
  all.push_back({"OfTheTypeThatOtherIssuersUse", [](const Shape& shape, TokenDraft draft) {
                   draft.header["typ"] = Quoted(shape.type == "JWT" ? "at+jwt" : "JWT");
                   return draft.Text();
                 }});
}

void AddClassesOfClaims(std::vector<Class>& all) {
  all.push_back(Claim("OfAnUnknownIssuer", "iss", Quoted("https://other.example")));
  all.push_back(WithoutClaim("WithoutAnIssuer", "iss"));
  all.push_back({"WhoseIssuerHasASlashMore", [](const Shape& shape, TokenDraft draft) {
                   draft.claims["iss"] = Quoted(IssuerOf(shape) + "/");
                   return draft.Text();
                 }});
  all.push_back({"OfTheNextIssuer", [](const Shape& shape, TokenDraft draft) {
                   const std::vector<Shape> shapes = Shapes();
                   const auto at = std::ranges::find(shapes, shape.name, &Shape::name);
                   const Shape& next = at + 1 == shapes.end() ? shapes.front() : *(at + 1);
                   draft.claims["iss"] = Quoted(IssuerOf(next));
                   return draft.Text();
                 }});
  all.push_back(WithoutClaim("WithoutAnAudience", "aud"));
  all.push_back(Claim("ForSomebodyElse", "aud", Quoted("elsewhere")));
  all.push_back(Claim("ForNobody", "aud", "[]"));
  all.push_back(Claim("ForANumber", "aud", "7"));
  all.push_back({"ForTwoTenantsAtOnce", [](const Shape& shape, TokenDraft draft) {
                   const std::string one = AudienceOf(shape);
                   draft.claims["aud"] =
                       absl::StrCat("[", Quoted(one), ",", Quoted(one + "-2"), "]");
                   return draft.Text();
                 }});
  all.push_back({"ForAnotherIssuersAudience", [](const Shape& shape, TokenDraft draft) {
                   draft.claims["aud"] =
                       Quoted(shape.name == "StandardEs256" ? "holdfast:StandardRs256"
                                                            : "holdfast:StandardEs256");
                   return draft.Text();
                 }});
  all.push_back(Claim("ThatHasExpired", "exp", "1799999939"));
  all.push_back(WithoutClaim("ThatNeverExpires", "exp"));
  all.push_back(Claim("WhoseEndIsAText", "exp", Quoted("1800000800")));
  all.push_back(Claim("WhoseEndIsAFraction", "exp", "1800000800.5"));
  all.push_back(Claim("WhoseEndIsBeyondTheCalendar", "exp", "1e300"));
  all.push_back(Claim("WhoseEndIsNegative", "exp", "-1"));
  all.push_back(Claim("ThatLivesTooLong", "exp", "1800000891"));
  all.push_back(Claim("OfTheFuture", "iat", "1800000061"));
  all.push_back(WithoutClaim("OfNoTime", "iat"));
  all.push_back(Claim("ThatIsNotYet", "nbf", "1800000061"));
  all.push_back(Claim("WhoseBeginningIsAText", "nbf", Quoted("now")));
  all.push_back(WithoutClaim("OfNobody", "sub"));
  all.push_back(Claim("OfAnEmptySubject", "sub", Quoted("")));
  all.push_back(Claim("WhoseSubjectIsANumber", "sub", "7"));
  all.push_back({"WithoutTheClaimThatNamesThePerson", [](const Shape& shape, TokenDraft draft) {
                   draft.claims.erase(shape.subject);
                   return draft.Text();
                 }});
  all.push_back({"WithoutWhatTellsAnAccessToken", [](const Shape& shape, TokenDraft draft) {
                   if (shape.person.empty()) return std::string();
                   draft.claims.erase("scp");
                   draft.claims["typ"] = Quoted("ID");
                   return draft.Text();
                 }});
  all.push_back(Claim("ThatIsAnIdentityTokenByItsNonce", "nonce", Quoted("n")));
  all.push_back(Claim("ThatIsAnIdentityTokenByItsHash", "at_hash", Quoted("h")));
  all.push_back(Claim("ThatIsAnIdentityTokenByItsCodesHash", "c_hash", Quoted("h")));
  all.push_back(Claim("OfAnotherTenant", "tenant", Quoted("eastvale")));
  all.push_back(Claim("WhoseTenantIsANumber", "tenant", "1"));
}

void AddClassesOfText(std::vector<Class>& all) {
  all.push_back({"ThatNamesItsSubjectTwice", [](const Shape&, const TokenDraft& draft) {
                   const std::string claims = ToJson(draft.claims);
                   return draft.TextOf(ToJson(draft.header), R"({"sub":"8",)" + claims.substr(1));
                 }});
  all.push_back({"ThatNamesItsAlgorithmTwice", [](const Shape&, const TokenDraft& draft) {
                   return draft.TextOf(R"({"alg":"none",)" + ToJson(draft.header).substr(1),
                                       ToJson(draft.claims));
                 }});
  all.push_back(Claim("ThatIsTooDeep", "deep", R"([[[[[]]]]])"));
  all.push_back(Claim("ThatIsNoUtf8", "sub", "\"\xFF\""));
  all.push_back({"WhoseClaimsAreAnArray", [](const Shape&, const TokenDraft& draft) {
                   return draft.TextOf(ToJson(draft.header), "[" + ToJson(draft.claims) + "]");
                 }});
  all.push_back({"WhoseClaimsGoOnBehindTheirEnd", [](const Shape&, const TokenDraft& draft) {
                   return draft.TextOf(ToJson(draft.header), ToJson(draft.claims) + "{}");
                 }});
  all.push_back({"WhoseClaimsWereExchanged", [](const Shape&, TokenDraft draft) {
                   const std::string signature = draft.Text();
                   draft.claims["sub"] = Quoted("8");
                   return Head(draft.Text()) + signature.substr(signature.rfind('.'));
                 }});
  all.push_back(Spelled("OfTwoSegments", Head));
  all.push_back(Spelled("OfFourSegments", [](std::string token) { return token + ".e30"; }));
  all.push_back(Spelled("OfFiveSegments", [](std::string token) { return token + ".e30.e30"; }));
  all.push_back(Spelled("ThatIsPadded", [](std::string token) { return token + "="; }));
  all.push_back(Spelled("ThatEndsWithALine", [](std::string token) { return token + "\n"; }));
  all.push_back(Spelled("WithASpaceBefore", [](std::string token) { return " " + token; }));
  all.push_back(Spelled("OfTheOtherAlphabet", [](std::string token) {
    token.insert(token.find('.'), "+/+/");
    return token;
  }));
  all.push_back(Spelled("ThatIsTooLong", [](std::string token) {
    return token.insert(token.find('.') + 1, std::string(8192, 'A'));
  }));
  all.push_back(Spelled("WithANulInside",
                        [](std::string token) { return token.insert(token.size() / 2, 1, '\0'); }));
  all.push_back(Spelled("ThatStandsTwice", [](std::string token) { return token + token; }));
}

void AddClassesOfSignatures(std::vector<Class>& all) {
  all.push_back(
      Signed("WithoutASignature", [](const Shape&, std::string) { return std::string(); }));
  all.push_back(Signed("WhoseSignatureIsShorter",
                       [](const Shape&, std::string signature) { return signature.substr(1); }));
  all.push_back(Signed("WhoseSignatureIsLonger",
                       [](const Shape&, std::string signature) { return signature + '\0'; }));
  all.push_back(Signed("WhoseSignatureIsOfZeros", [](const Shape&, std::string signature) {
    return std::string(signature.size(), '\0');
  }));
  all.push_back(Signed("WhoseSignatureIsOfOnes", [](const Shape&, std::string signature) {
    return std::string(signature.size(), '\xFF');
  }));
  all.push_back(Signed("WhoseSignatureHasABitFlipped", [](const Shape&, std::string signature) {
    signature.back() = static_cast<char>(signature.back() ^ 1);
    return signature;
  }));
  all.push_back(Signed("WhoseNumberIsZero", [](const Shape& shape, std::string signature) {
    if (shape.algorithm != Algorithm::kEs256) return std::string();
    return std::string(32, '\0') + signature.substr(32);
  }));
}

std::vector<Class> Classes() {
  std::vector<Class> all;
  AddClassesOfKeys(all);
  AddClassesOfHeaders(all);
  AddClassesOfClaims(all);
  AddClassesOfText(all);
  AddClassesOfSignatures(all);
  return all;
}

class ForgedTokens : public ::testing::Test {
 protected:
  ForgedTokens() : verifier_(AllIssuers(), clock_) {}
  static std::vector<Issuer> AllIssuers() {
    std::vector<Issuer> issuers;
    for (const Shape& shape : Shapes()) issuers.push_back(Trusted(shape));
    return issuers;
  }
  StoppedClock clock_;
  TokenVerifier verifier_;
};

TEST_F(ForgedTokens, AreMadeFromTokensThatAreBelieved) {
  for (const Shape& shape : Shapes()) {
    const auto verified = verifier_.Verify(Good(shape).Text());
    ASSERT_TRUE(verified.has_value()) << shape.name << ": " << NameOf(verified.error());
    EXPECT_EQ(verified->tenant, "westmoor");
    EXPECT_EQ(verified->subject, shape.subject == "oid" ? "o-7" : "7");
    EXPECT_EQ(verified->kind, PrincipalKind::kPerson);
  }
}

TEST_F(ForgedTokens, OfEveryClassAreRefusedByEveryIssuer) {
  int forged = 0;
  std::set<std::string> names;
  for (const Class& each : Classes()) {
    EXPECT_TRUE(names.insert(each.name).second) << each.name << " stands twice";
    for (const Shape& shape : Shapes()) {
      const std::string token = each.forge(shape, Good(shape));
      if (token.empty()) continue;
      ++forged;
      EXPECT_FALSE(verifier_.Verify(token).has_value()) << each.name << " of " << shape.name;
    }
  }
  RecordProperty("forged", forged);
  EXPECT_GE(forged, 240);
}

// One change of the text, as bytes get lost or as a forger tries.
std::string Mutated(std::string token, const std::string& other, Random& random) {
  const std::size_t at = random.Below(token.size());
  switch (random.Below(6)) {
    case 0:
      token[at] = static_cast<char>(random.Below(256));
      break;
    case 1:
      token[at] = static_cast<char>(token[at] ^ (1 << random.Below(7)));
      break;
    case 2:
      token.erase(at, 1 + random.Below(8));
      break;
    case 3:
      token.insert(at, 1, "ABCabc012-_.="[random.Below(13)]);
      break;
    case 4:
      std::swap(token[at], token[random.Below(token.size())]);
      break;
    default:
      token = token.substr(0, at) + other.substr(std::min(at, other.size()));
  }
  return token;
}

TEST_F(ForgedTokens, AreNotFoundByFiftyThousandRandomChanges) {
  std::vector<std::string> good;
  for (const Shape& shape : Shapes()) good.push_back(Good(shape).Text());
  SeededRandom random(20'261'128);
  int changed = 0;
  while (changed < 50'000) {
    const std::string& one = good[random.Below(good.size())];
    const std::string mutant = Mutated(one, good[random.Below(good.size())], random);
    if (std::ranges::find(good, mutant) != good.end()) continue;
    ++changed;
    ASSERT_FALSE(verifier_.Verify(mutant).has_value()) << mutant;
  }
}

}  // namespace
}  // namespace holdfast::security
