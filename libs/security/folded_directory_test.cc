// Rights as facts: what a door answers after each of them.
#include "security/folded_directory.h"

#include <gtest/gtest.h>

#include "holdfast/journal/v1/journal.pb.h"

#include "base/clock.h"
#include "base/error.h"

namespace holdfast::security {
namespace {

namespace dv1 = directory::v1;
using options::v1::Role;

constexpr char kIssuer[] = "https://login.example";

class MovableClock final : public Clock {
 public:
  absl::Time Now() const override { return now; }
  absl::Duration SinceBoot() const override { return now - absl::UnixEpoch(); }
  absl::Time now = absl::FromUnixSeconds(1'772'445'600);  // 2 March 2026, 10:00 in London
};

class OneConfigured final : public Directory {
 public:
  std::shared_ptr<const Member> Find(std::string_view tenant, std::string_view,
                                     std::string_view) const override {
    return tenant == "westmoor" ? member : nullptr;
  }
  bool HasTenant(std::string_view tenant) const override { return tenant == "westmoor"; }
  std::string TenantName(std::string_view) const override { return "Configured"; }
  std::shared_ptr<const Member> member = std::make_shared<Member>(Member{"police", "old", {}});
};

class FoldedDirectoryTest : public ::testing::Test {
 protected:
  template <class... E>
  void Add(const std::string& tenant, const std::string& stream, const E&... events) {
    journal::v1::Commit commit;
    commit.set_tenant(tenant);
    commit.set_stream(stream);
    commit.set_seq(++seq_[tenant]);
    (AddEvent(commit, events), ...);
    directory_.Apply(commit);
  }
  static void AddEvent(journal::v1::Commit& commit, const google::protobuf::Message& event) {
    journal::v1::EventRecord& record = *commit.add_events();
    record.set_type(event.GetDescriptor()->full_name());
    record.set_payload(event.SerializeAsString());
  }

  void Register(const std::string& slug = "westmoor") {
    dv1::TenantRegistered registered;
    registered.set_slug(slug);
    registered.set_name("Westmoor");
    Add("operator", "tenant/" + slug, registered);
  }
  void Enrol(const std::string& tenant, const std::string& id, const std::string& subject) {
    dv1::AgencyRegistered agency;
    agency.set_type(type::v1::Agency::POLICE);
    agency.set_regime(type::v1::Agency::LED_PART3);
    Add(tenant, "agency/police", agency);
    dv1::MemberEnrolled enrolled;
    enrolled.set_agency("police");
    enrolled.set_subject_mac(macs_.Of(tenant, kIssuer, subject));
    Add(tenant, "member/" + id, enrolled);
  }
  void Grant(const std::string& tenant, const std::string& id, Role::Code role, int until_day = 0) {
    dv1::RoleGranted granted;
    granted.set_role(role);
    if (until_day != 0) {
      granted.mutable_until()->set_year(2026);
      granted.mutable_until()->set_month(3);
      granted.mutable_until()->set_day(until_day);
    }
    Add(tenant, "member/" + id, granted);
  }
  std::shared_ptr<const Member> Find(const std::string& subject,
                                     const std::string& tenant = "westmoor") const {
    return directory_.Find(tenant, kIssuer, subject);
  }

  MovableClock clock_;
  SubjectMacs macs_{[](std::string_view tenant) { return "secret of " + std::string(tenant); }};
  OneConfigured configured_;
  std::map<std::string, std::uint64_t> seq_;
  FoldedDirectory directory_{{&macs_, &clock_, &configured_, false, {}}};
};

TEST_F(FoldedDirectoryTest, AsksTheConfigurationOnlyAboutATenantOfWhichNoFactTells) {
  EXPECT_EQ(Find("ann"), configured_.member);
  EXPECT_EQ(directory_.TenantName("westmoor"), "Configured");
  EXPECT_TRUE(directory_.HasTenant("westmoor"));
  Register();
  EXPECT_EQ(Find("ann"), nullptr);
  EXPECT_EQ(directory_.TenantName("westmoor"), "Westmoor");
  EXPECT_FALSE(directory_.HasTenant("eastvale"));
}

TEST_F(FoldedDirectoryTest, KnowsAMemberAndTheirAgency) {
  Register();
  Enrol("westmoor", "m-1", "ann");
  Grant("westmoor", "m-1", Role::OFFICER);
  const auto ann = Find("ann");
  ASSERT_NE(ann, nullptr);
  EXPECT_EQ(ann->actor_ref, "m-1");
  EXPECT_EQ(ann->agency, "police");
  EXPECT_EQ(ann->agency_type, type::v1::Agency::POLICE);
  EXPECT_EQ(ann->regime, type::v1::Agency::LED_PART3);
  EXPECT_EQ(ann->roles, std::vector<Role::Code>{Role::OFFICER});
  EXPECT_TRUE(ann->areas.empty());
  EXPECT_EQ(ann->kind, PrincipalKind::kPerson);
  EXPECT_FALSE(ann->operates);
  EXPECT_EQ(Find("ann"), ann);  // the same one, until something changes
  EXPECT_EQ(Find("bob"), nullptr);
  EXPECT_EQ(directory_.Find("westmoor", "https://other.example", "ann"), nullptr);
}

TEST_F(FoldedDirectoryTest, TakesARightAwayAtOnce) {
  Register();
  Enrol("westmoor", "m-1", "ann");
  Grant("westmoor", "m-1", Role::OFFICER);
  const auto before = Find("ann");
  dv1::RoleRevoked revoked;
  revoked.set_role(Role::OFFICER);
  Add("westmoor", "member/m-1", revoked);
  EXPECT_NE(Find("ann"), before);
  EXPECT_TRUE(Find("ann")->roles.empty());
  Add("westmoor", "member/m-1", dv1::MemberSuspended());
  EXPECT_EQ(Find("ann"), nullptr);
  Add("westmoor", "member/m-1", dv1::MemberResumed());
  EXPECT_NE(Find("ann"), nullptr);
  Add("westmoor", "member/m-1", dv1::MemberLeft());
  EXPECT_EQ(Find("ann"), nullptr);
}

TEST_F(FoldedDirectoryTest, EndsARoleWithItsLastDay) {
  Register();
  Enrol("westmoor", "m-1", "ann");
  Grant("westmoor", "m-1", Role::OFFICER, 3);
  EXPECT_EQ(Find("ann")->roles.size(), 1U);
  clock_.now += absl::Hours(24);
  EXPECT_EQ(Find("ann")->roles.size(), 1U);  // on its last day
  clock_.now += absl::Hours(24);
  EXPECT_TRUE(Find("ann")->roles.empty());
}

TEST_F(FoldedDirectoryTest, KnowsWhatNarrowsAMember) {
  Register();
  Enrol("westmoor", "m-1", "ann");
  dv1::AreasSet areas;
  areas.add_areas("ward@2013:E1");
  dv1::ClearanceSet clearance;
  clearance.set_clearance(dv1::Clearance::SC);
  dv1::CompartmentProposed proposed;
  proposed.set_compartment("red");
  Add("westmoor", "member/m-1", areas, clearance, proposed);
  EXPECT_TRUE(Find("ann")->compartments.empty());  // one person is not enough
  dv1::CompartmentJoined joined;
  joined.set_compartment("red");
  dv1::TrainingRecorded trained;
  trained.set_course("sources");
  trained.mutable_valid_to()->set_year(2027);
  trained.mutable_valid_to()->set_month(1);
  trained.mutable_valid_to()->set_day(1);
  Add("westmoor", "member/m-1", joined, trained);
  const auto ann = Find("ann");
  EXPECT_EQ(ann->areas, std::vector<std::string>{"ward@2013:E1"});
  EXPECT_EQ(ann->clearance, dv1::Clearance::SC);
  EXPECT_EQ(ann->compartments, std::vector<std::string>{"red"});
  EXPECT_EQ(ann->training, (std::vector<Training>{{"sources", absl::CivilDay(2027, 1, 1)}}));
  dv1::CompartmentLeft left;
  left.set_compartment("red");
  Add("westmoor", "member/m-1", left);
  EXPECT_TRUE(Find("ann")->compartments.empty());
}

TEST_F(FoldedDirectoryTest, LetsNobodyOfASuspendedOrClosedTenantIn) {
  Register();
  Enrol("westmoor", "m-1", "ann");
  EXPECT_NE(Find("ann"), nullptr);
  Add("operator", "tenant/westmoor", dv1::TenantSuspended());
  EXPECT_EQ(Find("ann"), nullptr);
  EXPECT_FALSE(directory_.HasTenant("westmoor"));
  Add("operator", "tenant/westmoor", dv1::TenantResumed());
  EXPECT_NE(Find("ann"), nullptr);
  Add("operator", "tenant/westmoor", dv1::TenantClosed());
  EXPECT_EQ(Find("ann"), nullptr);
}

TEST_F(FoldedDirectoryTest, KeepsTenantsApart) {
  Register();
  Register("eastvale");
  Enrol("westmoor", "m-1", "ann");
  EXPECT_EQ(Find("ann", "eastvale"), nullptr);
  // The MAC of one tenant means nothing in another.
  dv1::MemberEnrolled copied;
  copied.set_agency("police");
  copied.set_subject_mac(macs_.Of("westmoor", kIssuer, "ann"));
  Add("eastvale", "member/m-9", copied);
  EXPECT_EQ(Find("ann", "eastvale"), nullptr);
}

TEST_F(FoldedDirectoryTest, ClosesATenantWhoseFactsItCannotRead) {
  Register();
  Enrol("westmoor", "m-1", "ann");
  journal::v1::Commit commit;
  commit.set_tenant("westmoor");
  commit.set_stream("member/m-1");
  commit.set_seq(++seq_["westmoor"]);
  commit.add_events()->set_type("holdfast.directory.v1.RightsNarrowed");
  directory_.Apply(commit);
  EXPECT_EQ(Find("ann"), nullptr);
}

TEST_F(FoldedDirectoryTest, HearsOfTenantsFromTheOperatorAlone) {
  dv1::TenantRegistered registered;
  registered.set_name("Forged");
  Add("eastvale", "tenant/northmoor", registered);
  EXPECT_FALSE(directory_.HasTenant("northmoor"));
}

TEST_F(FoldedDirectoryTest, KnowsAClientAsOne) {
  Register();
  dv1::ClientRegistered client;
  client.set_agency("police");
  client.set_subject_mac(macs_.Of("westmoor", kIssuer, "feed"));
  client.add_roles(Role::INTEGRATOR);
  client.add_areas(kEveryArea);
  Add("westmoor", "client/c-1", client);
  ASSERT_NE(Find("feed"), nullptr);
  EXPECT_EQ(Find("feed")->kind, PrincipalKind::kClient);
  EXPECT_EQ(Find("feed")->roles, std::vector<Role::Code>{Role::INTEGRATOR});
  dv1::ClientChanged changed;
  changed.add_roles(Role::ANALYST);
  Add("westmoor", "client/c-1", changed);
  EXPECT_EQ(Find("feed")->roles, std::vector<Role::Code>{Role::ANALYST});
  Add("westmoor", "client/c-1", dv1::ClientSuspended());
  EXPECT_EQ(Find("feed"), nullptr);
  Add("westmoor", "client/c-1", dv1::ClientResumed());
  EXPECT_NE(Find("feed"), nullptr);
  Add("westmoor", "client/c-1", dv1::ClientRetired());
  EXPECT_EQ(Find("feed"), nullptr);
}

TEST_F(FoldedDirectoryTest, LetsOnlyTheOperatorsPeopleOperate) {
  Enrol("operator", "o-1", "olga");
  Grant("operator", "o-1", Role::ADMINISTRATOR);
  ASSERT_NE(Find("olga", "operator"), nullptr);
  EXPECT_TRUE(Find("olga", "operator")->operates);
  Register();
  Enrol("westmoor", "m-1", "ann");
  Grant("westmoor", "m-1", Role::ADMINISTRATOR);
  EXPECT_FALSE(Find("ann")->operates);
}

TEST_F(FoldedDirectoryTest, FindsTheTenantOfAPublicSlug) {
  Register();
  dv1::PublicSlugSet slug;
  slug.set_slug("larkhill");
  slug.set_site_id("s1");
  Add("operator", "tenant/westmoor", slug);
  ASSERT_TRUE(directory_.FindPublic("larkhill").has_value());
  EXPECT_EQ(directory_.FindPublic("larkhill")->tenant, "westmoor");
  EXPECT_EQ(directory_.FindPublic("larkhill")->site_id, "s1");
  EXPECT_FALSE(directory_.FindPublic("millhill").has_value());
  Add("operator", "tenant/westmoor", dv1::TenantSuspended());
  EXPECT_FALSE(directory_.FindPublic("larkhill").has_value());
}

TEST_F(FoldedDirectoryTest, SaysHowFarItsFactsGo) {
  EXPECT_EQ(directory_.EpochOf("westmoor"), PolicyEpoch());
  Register();
  Enrol("westmoor", "m-1", "ann");
  const PolicyEpoch epoch = directory_.EpochOf("westmoor");
  EXPECT_EQ(epoch, (PolicyEpoch{2, 1}));
  EXPECT_TRUE(epoch.Covers({2, 1}));
  EXPECT_TRUE(epoch.Covers({1, 1}));
  EXPECT_FALSE(epoch.Covers({3, 0}));
  EXPECT_FALSE(epoch.Covers({0, 2}));
}

TEST_F(FoldedDirectoryTest, TellsWhenItHasFoldedSoFar) {
  int told = 0;
  directory_.WhenFolded("operator", 1, [&told] { ++told; });
  directory_.WhenFolded("operator", 2, [&told] { told += 10; });
  EXPECT_EQ(told, 0);
  Register();
  EXPECT_EQ(told, 1);
  Register("eastvale");
  EXPECT_EQ(told, 11);
  directory_.WhenFolded("operator", 2, [&told] { told += 100; });
  EXPECT_EQ(told, 111);
}

TEST_F(FoldedDirectoryTest, LetsNobodyWaitForWhatWillNotCome) {
  int told = 0;
  directory_.WhenFolded("operator", 9, [&told] { ++told; });
  directory_.GiveUpWaiting();
  EXPECT_EQ(told, 1);
  directory_.WhenFolded("operator", 9, [&told] { ++told; });
  EXPECT_EQ(told, 2);
}

TEST_F(FoldedDirectoryTest, AwaitsAFirstAdministratorUntilTheyAreThere) {
  dv1::TenantRegistered registered;
  registered.set_name("Westmoor");
  registered.mutable_first_administrator()->set_member_id("m-1");
  Add("operator", "tenant/westmoor", registered);
  ASSERT_EQ(directory_.Awaited().size(), 1U);
  EXPECT_EQ(directory_.Awaited()[0].tenant, "westmoor");
  Enrol("westmoor", "m-1", "ann");
  EXPECT_EQ(directory_.Awaited().size(), 1U);
  Grant("westmoor", "m-1", Role::ADMINISTRATOR);
  EXPECT_TRUE(directory_.Awaited().empty());
  dv1::RoleRevoked revoked;
  revoked.set_role(Role::ADMINISTRATOR);
  Add("westmoor", "member/m-1", revoked);
  EXPECT_TRUE(directory_.Awaited().empty());  // what was revoked stays so
}

TEST_F(FoldedDirectoryTest, KnowsWhoWasEntered) {
  EXPECT_FALSE(directory_.HasRegistered("westmoor"));
  EXPECT_TRUE(directory_.HasRegistered("operator"));
  EXPECT_FALSE(directory_.HasEntered("westmoor", "m-1"));
  Enrol("westmoor", "m-1", "ann");
  Grant("westmoor", "m-1", Role::OFFICER);
  EXPECT_FALSE(directory_.HasEntered("westmoor", "m-1"));
  Add("westmoor", "member/m-1", dv1::AreasSet());
  EXPECT_TRUE(directory_.HasEntered("westmoor", "m-1"));
  Register();
  EXPECT_TRUE(directory_.HasRegistered("westmoor"));
}

TEST_F(FoldedDirectoryTest, KnowsTheQuota) {
  Register();
  EXPECT_FALSE(directory_.QuotaOf("westmoor").has_value());
  dv1::QuotaSet set;
  set.mutable_figures()->set_cost_per_second(50);
  Add("operator", "quota/westmoor", set);
  EXPECT_EQ(directory_.QuotaOf("westmoor")->cost_per_second(), 50U);
  dv1::QuotaCorrected corrected;
  corrected.mutable_figures()->set_cost_per_second(5);
  Add("operator", "quota/westmoor", corrected);
  EXPECT_EQ(directory_.QuotaOf("westmoor")->cost_per_second(), 5U);
}

TEST_F(FoldedDirectoryTest, GivesAnEnrolmentCodeThatIsTheMac) {
  const std::string code = directory_.EnrolmentCode("westmoor", kIssuer, "ann");
  EXPECT_EQ(code.size(), 64U);
  EXPECT_NE(code, directory_.EnrolmentCode("eastvale", kIssuer, "ann"));
  EXPECT_NE(code, directory_.EnrolmentCode("westmoor", kIssuer, "bob"));
  // The lengths stand before the parts: nothing can be moved from one to the other.
  EXPECT_NE(macs_.Of("westmoor", "ab", "c"), macs_.Of("westmoor", "a", "bc"));
}

}  // namespace
}  // namespace holdfast::security
