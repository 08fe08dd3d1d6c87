// The rows of an administrator's pages.
#include <gtest/gtest.h>

#include "directory/domain/directory_fixtures.h"
#include "directory/views/agency_list.h"
#include "directory/views/agreement_list.h"
#include "directory/views/client_list.h"
#include "directory/views/contact_point_list.h"
#include "directory/views/member_list.h"
#include "directory/views/tenant_list.h"
#include "testing/folded.h"

namespace holdfast::directory {
namespace {

using testing::Folded;

TEST(TenantListView, ShowsLifePlaceAndQuota) {
  Folded<TenantList> list("westmoor");
  list.Add(WestmoorRegistered(),
           v1::TenantSettingChanged(Text(R"pb(setting: { session_idle_s: 900 })pb")),
           v1::TenantSettingChanged(Text(R"pb(setting: { session_idle_s: 600 })pb")),
           v1::PublicSlugSet(Text(R"pb(slug: "larkhill" site_id: "s1")pb")),
           v1::PublicSlugSet(Text(R"pb(slug: "larkhill" site_id: "s2")pb")),
           v1::TenantMoveStarted(Text(R"pb(to: { context: "metrics" partition: 2 })pb")),
           v1::QuotaSet(Text(R"pb(figures: { cost_per_second: 5 })pb")),
           v1::QuotaCorrected(Text(R"pb(figures: { cost_per_second: 50 })pb")));
  EXPECT_EQ(list.row().slug(), "westmoor");
  EXPECT_EQ(list.row().moving_size(), 1);
  EXPECT_EQ(list.row().settings(0).session_idle_s(), 600U);
  EXPECT_EQ(list.row().public_slugs(0).site_id(), "s2");
  EXPECT_EQ(list.row().quota().cost_per_second(), 50U);
  list.Add(v1::TenantMoved(Text(R"pb(to: { context: "metrics" partition: 2 })pb")),
           v1::TenantMoved(Text(R"pb(to: { context: "metrics" partition: 3 })pb")),
           v1::TenantCorrected(Text(R"pb(name: "West Moor")pb")),
           v1::TenantSuspended(Text(R"pb(reason: "leaves")pb")),
           v1::TenantExported(Text(R"pb(sha256: "x")pb")));
  EXPECT_EQ(list.row().moving_size(), 0);
  ASSERT_EQ(list.row().placement_size(), 1);
  EXPECT_EQ(list.row().placement(0).partition(), 3U);
  EXPECT_EQ(list.row().name(), "West Moor");
  EXPECT_EQ(list.row().life(), v1::TenantRow::SUSPENDED);
  EXPECT_EQ(list.row().exported_sha256(), "x");
  list.Add(v1::TenantResumed());
  EXPECT_EQ(list.row().life(), v1::TenantRow::OPEN);
  EXPECT_EQ(list.row().exported_sha256(), "");
  list.Add(v1::TenantClosed());
  EXPECT_EQ(list.row().life(), v1::TenantRow::CLOSED);
}

TEST(AgencyListView, ShowsTheNewestName) {
  Folded<AgencyList> list(kPolice);
  list.Add(PoliceRegistered(), v1::AgencyChanged(Text(R"pb(name: "A" type: NCA_ROCU)pb")));
  EXPECT_EQ(list.row().name(), "A");
  EXPECT_EQ(list.row().type(), type::v1::Agency::NCA_ROCU);
  list.Add(v1::AgencyCorrected(Text(R"pb(name: "B")pb")), v1::AgencyRetired());
  EXPECT_EQ(list.row().name(), "B");
  EXPECT_TRUE(list.row().retired());
}

TEST(MemberListView, ShowsWhatAMemberMayDo) {
  Folded<MemberList> list("ann");
  list.Add(Enrolled(), Granted(options::v1::Role::OFFICER), Granted(options::v1::Role::OFFICER),
           Granted(options::v1::Role::ANALYST), v1::AreasSet(Text(R"pb(areas: "*")pb")),
           v1::ClearanceSet(Text(R"pb(clearance: SC)pb")),
           v1::CompartmentProposed(Text(R"pb(compartment: "red" proposed_by: "bob")pb")),
           v1::CompartmentProposed(Text(R"pb(compartment: "blue" proposed_by: "bob")pb")),
           v1::CompartmentJoined(Text(R"pb(compartment: "red")pb")),
           v1::CompartmentLeft(Text(R"pb(compartment: "blue")pb")),
           v1::TrainingRecorded(Text(R"pb(course: "c"
                                          valid_to: { year: 2026 })pb")),
           v1::TrainingRecorded(Text(R"pb(course: "c"
                                          valid_to: { year: 2027 })pb")),
           v1::RoleRevoked(Text(R"pb(role: ANALYST)pb")));
  const v1::MemberRow& row = list.row();
  ASSERT_EQ(row.roles_size(), 1);
  EXPECT_EQ(row.roles(0).role(), options::v1::Role::OFFICER);
  EXPECT_EQ(row.areas(0), "*");
  EXPECT_EQ(row.clearance(), v1::Clearance::SC);
  ASSERT_EQ(row.compartments_size(), 1);
  EXPECT_TRUE(row.compartments(0).joined());
  ASSERT_EQ(row.trainings_size(), 1);
  EXPECT_EQ(row.trainings(0).valid_to().year(), 2027);
  EXPECT_EQ(row.enrolled_on().year(), 2026);
}

TEST(MemberListView, ShowsWhereAMemberStands) {
  Folded<MemberList> list("ann");
  v1::MemberEnrolled named = Enrolled();
  named.mutable_name()->set_sealed("x");
  named.mutable_label()->add_owners(kPolice);
  list.Add(named, v1::MemberSuspended());
  EXPECT_EQ(list.row().life(), v1::MemberRow::SUSPENDED);
  EXPECT_EQ(list.row().name().sealed(), "x");
  list.Add(v1::MemberResumed(), v1::MemberCorrected(Text(R"pb(agency: "homes")pb")),
           v1::MemberCorrected(Text(R"pb(name: { sealed: "y" }
                                         label: { owners: "homes" })pb")));
  EXPECT_EQ(list.row().life(), v1::MemberRow::ACTIVE);
  EXPECT_EQ(list.row().agency(), "homes");
  EXPECT_EQ(list.row().name().sealed(), "y");
  EXPECT_EQ(list.row().label().owners(0), "homes");
  list.Add(v1::MemberLeft());
  EXPECT_EQ(list.row().life(), v1::MemberRow::LEFT);
}

TEST(AgreementListView, ShowsWhoHasSigned) {
  Folded<AgreementList> list("isa-1");
  list.Add(v1::AgreementRegistered(Text(R"pb(title: "t" from: "a" to: "b")pb")),
           v1::AgreementSigned(Text(R"pb(agency: "a")pb")),
           v1::AgreementSigned(Text(R"pb(agency: "b" completes: true)pb")),
           v1::AgreementExpiring());
  EXPECT_EQ(list.row().life(), v1::AgreementRow::ACTIVE);
  EXPECT_EQ(list.row().signatories_size(), 2);
  EXPECT_TRUE(list.row().expiring());
  list.Add(v1::AgreementAmended(Text(R"pb(terms: { areas: "*" })pb")),
           v1::AgreementCorrected(Text(R"pb(title: "u")pb")));
  EXPECT_EQ(list.row().life(), v1::AgreementRow::TO_SIGN);
  EXPECT_EQ(list.row().signatories_size(), 0);
  EXPECT_FALSE(list.row().expiring());
  EXPECT_EQ(list.row().title(), "u");
  list.Add(v1::AgreementEnded());
  EXPECT_EQ(list.row().life(), v1::AgreementRow::ENDED);
  list.Add(v1::AgreementExpired());
  EXPECT_EQ(list.row().life(), v1::AgreementRow::EXPIRED);
}

TEST(ClientListView, ShowsTheWebhookInUse) {
  Folded<ClientList> list("feed");
  list.Add(v1::ClientRegistered(Text(R"pb(title: "t" agency: "a" roles: INTEGRATOR)pb")),
           v1::ClientChanged(Text(R"pb(roles: ANALYST areas: "*")pb")),
           v1::ClientCorrected(Text(R"pb(title: "u")pb")),
           v1::WebhookSet(Text(R"pb(url: "https://x" types: "a.B")pb")), v1::ClientSuspended());
  EXPECT_EQ(list.row().life(), v1::ClientRow::SUSPENDED);
  EXPECT_EQ(list.row().title(), "u");
  EXPECT_EQ(list.row().roles(0), options::v1::Role::ANALYST);
  EXPECT_EQ(list.row().webhook_url(), "https://x");
  list.Add(v1::ClientResumed(), v1::WebhookDisabled());
  EXPECT_EQ(list.row().life(), v1::ClientRow::ACTIVE);
  EXPECT_EQ(list.row().webhook_types_size(), 0);
  list.Add(v1::ClientRetired());
  EXPECT_EQ(list.row().life(), v1::ClientRow::RETIRED);
}

TEST(ContactPointListView, ShowsTheNewestAddress) {
  Folded<ContactPointList> list("2-duty-inspector");
  list.Add(v1::ContactPointSet(Text(R"pb(level: 2
                                         duty: DUTY_INSPECTOR
                                         address: { sealed: "x" })pb")),
           v1::ContactPointCorrected(Text(R"pb(address: { sealed: "y" })pb")));
  EXPECT_EQ(list.row().contact_point_id(), "2-duty-inspector");
  EXPECT_EQ(list.row().address().sealed(), "y");
  list.Add(v1::ContactPointRetired());
  EXPECT_TRUE(list.row().retired());
}

}  // namespace
}  // namespace holdfast::directory
