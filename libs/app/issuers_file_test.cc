// The file that says whom we believe: refused as a whole where anything is wrong, and read again
// when it changes.

#include "app/issuers_file.h"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "app/trusted_issuers.h"
#include "security/token_fixtures.h"
#include "testing/virtual_time.h"

namespace holdfast::app {
namespace {

using config::v1::Process;
using ::testing::HasSubstr;

constexpr char kGood[] = R"({"issuers":[{
  "issuer":"https://sign-in.example/realm",
  "algorithms":["ES256"],
  "audiences":[{"audience":"api://holdfast","tenant":"westmoor"}]
}]})";

// The good file with one text exchanged.
std::string With(const std::string& from, const std::string& to) {
  const std::string changed = absl::StrReplaceAll(kGood, {{from, to}});
  EXPECT_NE(changed, kGood) << from;
  return changed;
}
std::string More(const std::string& members) {
  return With(R"("algorithms")", members + R"(,"algorithms")");
}

void ExpectRefused(const std::string& json, const std::string& field, const std::string& why,
                   Environment environment = Process::DEVELOPMENT) {
  const auto read = ParseIssuers(json, "issuers.json", environment);
  ASSERT_FALSE(read.ok()) << json;
  EXPECT_THAT(std::string(read.status().message()), HasSubstr("issuers.json: "));
  EXPECT_THAT(std::string(read.status().message()), HasSubstr(field));
  EXPECT_THAT(std::string(read.status().message()), HasSubstr(why));
}
bool IsTaken(const std::string& json, Environment environment = Process::DEVELOPMENT) {
  const auto read = ParseIssuers(json, "issuers.json", environment);
  EXPECT_TRUE(read.ok()) << read.status();
  return read.ok();
}

TEST(Issuers, AreReadWithTheirDefaults) {
  const auto read = ParseIssuers(kGood, "issuers.json", Process::PRODUCTION);
  ASSERT_TRUE(read.ok()) << read.status();
  const config::v1::Issuer& issuer = read->issuers(0);
  EXPECT_EQ(issuer.type(), "at+jwt");
  EXPECT_EQ(issuer.subject_claim(), "sub");
  EXPECT_EQ(issuer.max_lifetime_s(), 900U);
}

TEST(Issuers, AreRefusedWhereTheyAreNoStrictJson) {
  ExpectRefused("{", "", "no JSON");
  ExpectRefused(R"({"issuers":[],"issuers":[]})", "", "a key stands twice");
  ExpectRefused(R"({"isuers":[]})", "isuers", "security.proto");
  ExpectRefused(R"({"issuers":[]})", "issuers: ", "nobody could sign in");
}

TEST(Issuers, AreRefusedWhereAFieldBreaksItsLimits) {
  ExpectRefused(With("westmoor", "West Moor"), "issuers[0].audiences[0].tenant", "");
  ExpectRefused(With("https://sign-in.example/realm", ""), "issuers[0].issuer", "");
  ExpectRefused(More(R"("max_lifetime_s":5401)"), "issuers[0].max_lifetime_s", "");
  ExpectRefused(More(R"("max_lifetime_s":59)"), "issuers[0].max_lifetime_s", "60");
}

TEST(Issuers, AreAskedOverHttpsAlone) {
  const std::string plain = With("https://sign-in.example/realm", "http://127.0.0.1:4000");
  EXPECT_TRUE(IsTaken(plain));
  ExpectRefused(plain, "issuers[0].issuer", "https", Process::PRODUCTION);
  ExpectRefused(With("https://sign-in.example", "http://sign-in.example"), "issuers[0].issuer",
                "https");
  ExpectRefused(With("https://sign-in.example", "https://a@sign-in.example"), "issuers[0].issuer",
                "user");
  ExpectRefused(More(R"("jwks_uri":"http://sign-in.example/keys")"), "issuers[0].jwks_uri",
                "https");
  ExpectRefused(More(R"("ca_file":"/none")"), "issuers[0].ca_file", "cannot be read");
}

TEST(Issuers, ArePinnedToAlgorithmsThatNobodyCanForge) {
  ExpectRefused(With("ES256", "HS256"), "issuers[0].algorithms", "RS256, PS256 and ES256");
  ExpectRefused(With("ES256", "none"), "issuers[0].algorithms", "RS256, PS256 and ES256");
  ExpectRefused(With(R"(["ES256"])", R"(["ES256","ES256"])"), "issuers[0].algorithms", "twice");
}

TEST(Issuers, OfTheTypeJwtSayWhatTellsAnAccessToken) {
  const auto plain = [](const std::string& members) { return More(R"("type":"JWT")" + members); };
  EXPECT_TRUE(IsTaken(plain(R"(,"person_claim":"scp","client_claim":"idtyp=app")")));
  EXPECT_TRUE(
      IsTaken(plain(R"(,"person_claim":"typ=Bearer,sid","client_claim":"typ=Bearer,client_id")")));
  ExpectRefused(plain(""), "issuers[0].person_claim", "identity tokens");
  ExpectRefused(plain(R"(,"person_claim":"sid")"), "issuers[0].person_claim", "identity tokens");
  ExpectRefused(plain(R"(,"person_claim":"scp","client_claim":"roles")"), "issuers[0].client_claim",
                "identity tokens");
  ExpectRefused(plain(R"(,"person_claim":"scp,")"), "issuers[0].person_claim", "write it as");
  ExpectRefused(More(R"("type":"jwt")"), "issuers[0].type", "at+jwt or JWT");
  ExpectRefused(More(R"("subject_claim":"email")"), "issuers[0].subject_claim", "sub or oid");
}

TEST(Issuers, AndTheirAudiencesStandOnce) {
  const std::string good = kGood;
  const std::string one = good.substr(good.find('[') + 1, good.rfind(']') - good.find('[') - 1);
  ExpectRefused(R"({"issuers":[)" + one + "," + one + "]}", "issuers[1].issuer", "twice");
  ExpectRefused(With(R"("audiences":[)",
                     R"("audiences":[{"audience":"api://holdfast","tenant":"eastvale"},)"),
                "issuers[0].audiences", "twice");
}

TEST(Issuers, SignPeopleInAtTheCallbackAlone) {
  const auto sign_in = [](const std::string& redirect) {
    return More(R"("sign_in":{"client_id":"holdfast","redirect_uri":")" + redirect + "\"}");
  };
  EXPECT_TRUE(IsTaken(sign_in("https://holdfast.example/auth/callback"), Process::PRODUCTION));
  EXPECT_TRUE(IsTaken(sign_in("http://127.0.0.1:8080/auth/callback")));
  for (const char* redirect :
       {"https://holdfast.example/", "https://holdfast.example/auth/callback?x=1",
        "https://holdfast.example/auth/callback/"}) {
    ExpectRefused(sign_in(redirect), "issuers[0].sign_in.redirect_uri", "/auth/callback");
  }
  ExpectRefused(sign_in("http://holdfast.example/auth/callback"), "issuers[0].sign_in.redirect_uri",
                "https");
}

TEST(Issuers, AreWrittenAsTheGuideSays) {
  std::ifstream guide("docs/guides/sign-in.md");
  ASSERT_TRUE(guide) << "run from the top of the tree";
  const std::string text((std::istreambuf_iterator<char>(guide)), std::istreambuf_iterator<char>());
  const std::size_t from = text.find("```json\n") + 8;
  const std::string secret = ::testing::TempDir() + "/guide-secret";
  std::ofstream(secret) << "secret";
  std::filesystem::permissions(secret, std::filesystem::perms::owner_read);
  const std::string json = absl::StrReplaceAll(text.substr(from, text.find("```", from) - from),
                                               {{"<directory>", "0-1"},
                                                {"<application id of the API>", "0-2"},
                                                {"<application id of the console>", "0-3"},
                                                {"/run/secrets/console-secret", secret}});
  EXPECT_TRUE(IsTaken(json, Process::PRODUCTION));
}

class IssuersFileTest : public ::testing::Test {
 protected:
  IssuersFileTest() { Write(kGood); }
  void Write(const std::string& text) const {
    std::ofstream(path_ + ".new", std::ios::binary) << text;
    std::filesystem::rename(path_ + ".new", path_);
  }
  absl::StatusOr<std::unique_ptr<IssuersFile>> Open() {
    return IssuersFile::Open(
        {path_, Process::DEVELOPMENT, strand_.get(), [this](const config::v1::Issuers& issuers) {
           taken_.push_back(issuers.issuers(0).issuer());
         }});
  }
  testing::VirtualTime time_{7};
  std::unique_ptr<Executor> strand_ = time_.NewExecutor();
  const std::string path_ = ::testing::TempDir() + "/issuers.json";
  std::vector<std::string> taken_;
};

TEST_F(IssuersFileTest, IsReadAgainWhenItChanges) {
  const auto file = Open();
  ASSERT_TRUE(file.ok()) << file.status();
  time_.RunFor(absl::Seconds(10));
  EXPECT_EQ(taken_.size(), 1U);
  Write(With("https://sign-in.example/realm", "https://other.example"));
  time_.RunFor(IssuersFile::kLook);
  EXPECT_EQ(taken_,
            (std::vector<std::string>{"https://sign-in.example/realm", "https://other.example"}));
  EXPECT_EQ((*file)->Current()->issuers(0).issuer(), "https://other.example");
}

TEST_F(IssuersFileTest, GoesOnAsItWasWhereWhatComesIsBad) {
  const auto file = Open();
  ASSERT_TRUE(file.ok()) << file.status();
  for (const std::string& bad : {std::string(), std::string("{"), With("ES256", "HS256")}) {
    Write(bad);
    time_.RunFor(IssuersFile::kLook);
  }
  std::filesystem::remove(path_);
  time_.RunFor(IssuersFile::kLook);
  EXPECT_EQ(taken_.size(), 1U);
  EXPECT_EQ((*file)->Current()->issuers(0).issuer(), "https://sign-in.example/realm");
  Write(With("realm", "back"));
  time_.RunFor(IssuersFile::kLook);
  EXPECT_EQ(taken_.size(), 2U);
}

TEST_F(IssuersFileTest, DoesNotOpenWhereItIsBad) {
  Write("{");
  EXPECT_EQ(Open().status().code(), absl::StatusCode::kInvalidArgument);
  std::filesystem::remove(path_);
  EXPECT_EQ(Open().status().code(), absl::StatusCode::kNotFound);
}

// What the verifier believes follows the file.
class TrustedIssuersTest : public ::testing::Test {
 protected:
  TrustedIssuersTest() {
    TrustedIssuers::Parts parts;
    parts.verifier = &verifier_;
    parts.clock = &time_;
    parts.executor = strand_.get();
    parts.fetch = [this](const std::string& address) -> absl::StatusOr<std::string> {
      asked_.push_back(address);
      return R"({"keys":[{)" + key_.JwkMembers() + R"(,"kid":"k1"}]})";
    };
    trusted_ = std::make_unique<TrustedIssuers>(std::move(parts));
  }
  void Take(const std::string& json) {
    trusted_->Take(*ParseIssuers(json, "issuers.json", Process::DEVELOPMENT));
    time_.RunFor(absl::Milliseconds(1));
  }
  std::string Token() const {
    const std::int64_t now = absl::ToUnixSeconds(time_.Now());
    security::TokenDraft draft;
    draft.header = {{"alg", R"("ES256")"}, {"typ", R"("at+jwt")"}, {"kid", R"("k1")"}};
    draft.claims = {{"iss", R"("https://sign-in.example/realm")"},
                    {"aud", R"("api://holdfast")"},
                    {"sub", R"("7")"},
                    {"iat", absl::StrCat(now)},
                    {"exp", absl::StrCat(now + 600)}};
    draft.key = &key_;
    return draft.Text();
  }
  testing::VirtualTime time_{7};
  std::unique_ptr<Executor> strand_ = time_.NewExecutor();
  const security::TestKey& key_ = security::TestKeyOf(security::TestKey::Kind::kP256);
  security::TokenVerifier verifier_{{}, time_};
  std::vector<std::string> asked_;
  std::unique_ptr<TrustedIssuers> trusted_;
};

TEST_F(TrustedIssuersTest, AreBelievedFromTheMomentThatTheFileNamesThem) {
  EXPECT_FALSE(verifier_.Verify(Token()).has_value());
  Take(More(R"("jwks_uri":"https://sign-in.example/keys")"));
  const auto verified = verifier_.Verify(Token());
  ASSERT_TRUE(verified.has_value()) << security::NameOf(verified.error());
  EXPECT_EQ(verified->tenant, "westmoor");
  Take(With("https://sign-in.example/realm", "https://other.example"));
  EXPECT_FALSE(verifier_.Verify(Token()).has_value());
}

TEST_F(TrustedIssuersTest, KeepTheirKeysWhereOnlyTheRestOfTheFileChanges) {
  const std::string keys = R"("jwks_uri":"https://sign-in.example/keys")";
  Take(More(keys));
  Take(More(keys + R"(,"max_lifetime_s":600)"));
  EXPECT_EQ(asked_.size(), 1U);
  EXPECT_TRUE(verifier_.Verify(Token()).has_value());
}

}  // namespace
}  // namespace holdfast::app
