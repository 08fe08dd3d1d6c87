#include "security/principal_issuer.h"

#include <gtest/gtest.h>

#include "holdfast/config/v1/config.pb.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/random.h"
#include "security/development_issuer.h"
#include "security/directory.h"

namespace holdfast::security {
namespace {

class MovableClock final : public Clock {
 public:
  absl::Time Now() const override { return now; }
  absl::Duration SinceBoot() const override { return now - absl::UnixEpoch(); }
  absl::Time now = absl::FromUnixSeconds(1'800'000'000);
};

class ChangingDirectory final : public Directory {
 public:
  std::shared_ptr<const Member> Find(std::string_view, std::string_view,
                                     std::string_view subject) const override {
    return subject == "analyst" ? member : nullptr;
  }
  bool HasTenant(std::string_view) const override { return true; }
  std::string TenantName(std::string_view) const override { return "Westmoor"; }
  std::string EnrolmentCode(std::string_view tenant, std::string_view,
                            std::string_view subject) const override {
    if (!enrols) return "";
    return std::string(tenant).append("-").append(subject).append("-code");
  }

  bool enrols = false;
  std::shared_ptr<const Member> member =
      std::make_shared<Member>(Member{"westmoor-police", "actor-1", {options::v1::Role::ANALYST}});
};

class PrincipalIssuerTest : public ::testing::Test {
 protected:
  std::string BearerOf(std::string_view subject) const {
    return "Bearer " + development_.Issue("westmoor", subject).text;
  }

  MovableClock clock_;
  SeededRandom random_{7};
  DevelopmentIssuer development_{clock_, random_};
  TokenVerifier verifier_{{development_.Trust({"westmoor"})}, clock_};
  ChangingDirectory directory_;
  std::vector<std::string> rejected_;
  PrincipalIssuer issuer_{verifier_, directory_, clock_,
                          [this](std::string_view cause) { rejected_.emplace_back(cause); }};
};

TEST_F(PrincipalIssuerTest, MakesThePrincipalFromTheDirectorysFacts) {
  const auto principal = issuer_.Admit(BearerOf("analyst"));
  ASSERT_TRUE(principal.ok()) << principal.status();
  EXPECT_EQ((*principal)->tenant(), "westmoor");
  EXPECT_EQ((*principal)->agency(), "westmoor-police");
  EXPECT_EQ((*principal)->actor_ref(), "actor-1");
  EXPECT_TRUE((*principal)->Has(options::v1::Role::ANALYST));
  EXPECT_FALSE((*principal)->Has(options::v1::Role::ADMINISTRATOR));
}

TEST_F(PrincipalIssuerTest, AnswersEveryFaultAlikeAndCountsItsCause) {
  for (const std::string& authorization :
       {std::string("Bearer x.y.z"), std::string("Basic abc"), BearerOf("stranger")}) {
    const absl::Status refused = issuer_.Admit(authorization).status();
    EXPECT_EQ(refused.code(), absl::StatusCode::kUnauthenticated);
    EXPECT_EQ(ReasonOf(refused), "TOKEN_INVALID");
    EXPECT_EQ(refused.message(), "The token does not open this. Sign in again.");
  }
  EXPECT_EQ(rejected_, (std::vector<std::string>{"malformed", "scheme", "unknown"}));
}

TEST_F(PrincipalIssuerTest, SeesAChangeOfRightsAtTheNextCall) {
  const std::string bearer = BearerOf("analyst");
  ASSERT_TRUE(issuer_.Admit(bearer).ok());
  directory_.member =
      std::make_shared<Member>(Member{"westmoor-police", "actor-1", {options::v1::Role::RECORDS}});
  const auto changed = issuer_.Admit(bearer);
  ASSERT_TRUE(changed.ok());
  EXPECT_FALSE((*changed)->Has(options::v1::Role::ANALYST));
  EXPECT_TRUE((*changed)->Has(options::v1::Role::RECORDS));
  directory_.member = nullptr;
  EXPECT_FALSE(issuer_.Admit(bearer).ok());
}

TEST_F(PrincipalIssuerTest, ForgetsWhatItRemembersWhereAKeyIsWithdrawn) {
  const std::string bearer = BearerOf("analyst");
  ASSERT_TRUE(issuer_.Admit(bearer).ok());
  verifier_.Replace({});
  EXPECT_FALSE(issuer_.Admit(bearer).ok());
  EXPECT_EQ(rejected_, std::vector<std::string>{"issuer"});
}

TEST_F(PrincipalIssuerTest, TellsAStrangerWithAGoodTokenHowToBeEnrolled) {
  directory_.enrols = true;
  const absl::Status refused = issuer_.Admit(BearerOf("stranger")).status();
  EXPECT_EQ(refused.code(), absl::StatusCode::kPermissionDenied);
  EXPECT_EQ(ReasonOf(refused), "NOT_ENROLLED");
  EXPECT_NE(std::string(refused.message()).find("westmoor-stranger-code"), std::string::npos);
  EXPECT_EQ(rejected_, std::vector<std::string>{"not_enrolled"});
  // Not to whoever has no good token.
  EXPECT_EQ(ReasonOf(issuer_.Admit("Bearer x.y.z").status()), "TOKEN_INVALID");
}

TEST_F(PrincipalIssuerTest, RefusesAMemberOfAnAgencyThatTheAudienceDoesNotSpeakFor) {
  Issuer trusted = development_.Trust({"westmoor"});
  trusted.audiences.begin()->second.agencies = {"westmoor-council"};
  verifier_.Replace({trusted});
  EXPECT_FALSE(issuer_.Admit(BearerOf("analyst")).ok());
  EXPECT_EQ(rejected_, std::vector<std::string>{"agency"});
}

TEST_F(PrincipalIssuerTest, AsksForPatienceWhileTheKeysAreBeingAskedFor) {
  class Asking final : public KeySource {
    Found Find(std::string_view) override { return {Known::kNotYet, {}}; }
  };
  Issuer trusted = development_.Trust({"westmoor"});
  trusted.keys = std::make_shared<Asking>();
  verifier_.Replace({trusted});
  const absl::Status refused = issuer_.Admit(BearerOf("analyst")).status();
  EXPECT_EQ(refused.code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(ReasonOf(refused), "PROTECTION_DOWN");
}

TEST_F(PrincipalIssuerTest, KnowsWhoCallsAndSinceWhen) {
  const auto principal = issuer_.Admit(BearerOf("analyst"));
  ASSERT_TRUE(principal.ok());
  EXPECT_EQ((*principal)->kind(), PrincipalKind::kPerson);
  EXPECT_EQ((*principal)->signed_in_at(), clock_.now);
}

TEST_F(PrincipalIssuerTest, NeverRemembersATokenPastItsOwnEnd) {
  const std::string bearer = BearerOf("analyst");
  clock_.now += DevelopmentIssuer::kLifetime - absl::Seconds(10);
  ASSERT_TRUE(issuer_.Admit(bearer).ok());
  clock_.now += absl::Seconds(80);  // past the skew, within the 60 s of remembering and 10 more
  EXPECT_FALSE(issuer_.Admit(bearer).ok());
  EXPECT_EQ(rejected_, std::vector<std::string>{"time"});
}

TEST(ConfiguredDirectory, KnowsAPersonOnlyInTheirTenantAndByTheirIssuer) {
  config::v1::Directory configured;
  config::v1::Tenant& tenant = *configured.add_tenants();
  tenant.set_slug("westmoor");
  tenant.set_name("Westmoor");
  tenant.add_agencies()->set_id("westmoor-police");
  config::v1::Member& member = *tenant.add_members();
  member.set_subject("analyst");
  member.set_actor_ref("actor-1");
  member.set_agency("westmoor-police");
  member.add_roles(options::v1::Role::ANALYST);

  const auto directory = ConfiguredDirectory::From(configured, "issuer");
  ASSERT_TRUE(directory.ok()) << directory.status();
  EXPECT_NE(directory->Find("westmoor", "issuer", "analyst"), nullptr);
  EXPECT_EQ(directory->Find("eastvale", "issuer", "analyst"), nullptr);
  EXPECT_EQ(directory->Find("westmoor", "another", "analyst"), nullptr);
  EXPECT_EQ(directory->TenantName("westmoor"), "Westmoor");

  auto of_a_provider =
      *ConfiguredDirectory::From(configured, "issuer", {{"westmoor", "https://a.example"}});
  EXPECT_NE(of_a_provider.Find("westmoor", "https://a.example", "analyst"), nullptr);
  EXPECT_EQ(of_a_provider.Find("westmoor", "https://b.example", "analyst"), nullptr);
  EXPECT_EQ(of_a_provider.Find("westmoor", "", "analyst"), nullptr);
  of_a_provider.AddHousekeeper("westmoor", "administrator", {"westmoor-police", "house", {}});
  EXPECT_NE(of_a_provider.Find("westmoor", "issuer", "administrator"), nullptr);
  EXPECT_EQ(of_a_provider.Find("westmoor", "https://a.example", "administrator"), nullptr)
      << "nobody outside can name who works for the house itself";

  *tenant.add_members() = member;
  EXPECT_FALSE(ConfiguredDirectory::From(configured, "issuer").ok());
}

}  // namespace
}  // namespace holdfast::security
