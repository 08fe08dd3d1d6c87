// Who may do what, from the first facts on: through the door, as administrators and those whose
// rights they change.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "google/rpc/error.pb.h"
#include "holdfast/directory/v1/administration.pb.h"
#include "holdfast/directory/v1/directory.pb.h"
#include "holdfast/directory/v1/operator.pb.h"
#include "holdfast/initiative/v1/initiative.pb.h"

#include "absl/strings/escaping.h"
#include "base/error.h"
#include "flow_house.h"

namespace holdfast::flow {
namespace {

namespace dv1 = directory::v1;
namespace iv1 = initiative::v1;
using options::v1::Role;

const FlowHouse& House() {
  static const auto* house = new FlowHouse("directory");
  return *house;
}

absl::Status Ask(std::string_view person, const std::string& method,
                 const google::protobuf::Message& request, google::protobuf::Message& answer,
                 std::string_view tenant = "westmoor") {
  rpc::Client client = House().ClientOf(tenant, person);
  rpc::CallOptions options;
  options.purpose = "SYSTEM_INTEGRITY";
  return client.Call(method, request, answer, options);
}

absl::Status Command(std::string_view person, const std::string& method,
                     const google::protobuf::Message& request,
                     std::string_view tenant = "westmoor") {
  type::v1::Receipt receipt;
  return Ask(person, method, request, receipt, tenant);
}

std::string Own(const std::string& method) {
  return "/holdfast.directory.v1.DirectoryService/" + method;
}
std::string Operators(const std::string& method) {
  return "/holdfast.directory.v1.OperatorService/" + method;
}

absl::Status ListSites(std::string_view person) {
  iv1::ListSitesResponse sites;
  return Ask(person, "/holdfast.initiative.v1.InitiativeService/ListSites", iv1::ListSitesRequest(),
             sites);
}

// What a stranger with a valid token is shown.
std::string EnrolmentCodeOf(const absl::Status& refused) {
  google::rpc::ErrorInfo info;
  const auto payload = refused.GetPayload("type.googleapis.com/google.rpc.ErrorInfo");
  if (!payload || !info.ParseFromString(std::string(*payload))) return "";
  const auto& metadata = info.metadata();
  const auto code = metadata.find("enrolment_code");
  return code == metadata.end() ? "" : code->second;
}

dv1::GrantRole Grant(const std::string& member, Role::Code role) {
  dv1::GrantRole grant;
  grant.set_member_id(member);
  grant.set_role(role);
  return grant;
}

dv1::RevokeRole Revoke(const std::string& member, Role::Code role) {
  dv1::RevokeRole revoke;
  revoke.set_member_id(member);
  revoke.set_role(role);
  revoke.set_reason("a test");
  return revoke;
}

dv1::EnrolMember Enrol(const std::string& member, const std::string& code) {
  dv1::EnrolMember enrol;
  enrol.set_member_id(member);
  enrol.set_agency("westmoor-police");
  enrol.set_subject_mac(absl::HexStringToBytes(code));
  return enrol;
}

TEST(DirectoryJourney, ShowsAStrangerTheirEnrolmentCodeAndThenLetsThemIn) {
  const absl::Status refused = ListSites("nadia");
  ASSERT_EQ(refused.code(), absl::StatusCode::kPermissionDenied) << refused;
  const std::string code = EnrolmentCodeOf(refused);
  ASSERT_EQ(code.size(), 64U);
  ASSERT_TRUE(Command("administrator", Own("EnrolMember"), Enrol("m-nadia", code)).ok());

  // Known, and without any right.
  EXPECT_EQ(ReasonOf(ListSites("nadia")), "POLICY_DENIED");
  ASSERT_TRUE(Command("administrator", Own("GrantRole"), Grant("m-nadia", Role::OFFICER)).ok());
  EXPECT_TRUE(ListSites("nadia").ok());
  dv1::Session session;
  ASSERT_TRUE(Ask("nadia", "/holdfast.directory.v1.SessionService/GetSession",
                  dv1::GetSessionRequest(), session)
                  .ok());
  EXPECT_EQ(session.actor_ref(), "m-nadia");
  EXPECT_EQ(session.agency(), "westmoor-police");
}

TEST(DirectoryJourney, HonoursARevocationFromTheReceiptOn) {
  const std::string code = EnrolmentCodeOf(ListSites("rob"));
  ASSERT_TRUE(Command("administrator", Own("EnrolMember"), Enrol("m-rob", code)).ok());
  for (int i = 0; i < 20; ++i) {
    ASSERT_TRUE(Command("administrator", Own("GrantRole"), Grant("m-rob", Role::ANALYST)).ok());
    ASSERT_TRUE(ListSites("rob").ok());
    ASSERT_TRUE(Command("administrator", Own("RevokeRole"), Revoke("m-rob", Role::ANALYST)).ok());
    ASSERT_EQ(ReasonOf(ListSites("rob")), "POLICY_DENIED");
  }
}

TEST(DirectoryJourney, LetsNobodyRaiseThemselves) {
  dv1::Session own;
  ASSERT_TRUE(Ask("administrator", "/holdfast.directory.v1.SessionService/GetSession",
                  dv1::GetSessionRequest(), own)
                  .ok());
  const absl::Status refused =
      Command("administrator", Own("GrantRole"), Grant(own.actor_ref(), Role::SOURCE_HANDLER));
  EXPECT_EQ(ReasonOf(refused), "SELF_GRANT");
  EXPECT_EQ(ReasonOf(Command("analyst", Own("GrantRole"), Grant(own.actor_ref(), Role::ANALYST))),
            "POLICY_DENIED");
}

TEST(DirectoryJourney, HasThePeopleOfTheDemonstrationAsFacts) {
  dv1::ListMembersRequest request;
  request.set_page_size(1000);
  dv1::ListMembersResponse members;
  ASSERT_TRUE(Await([&] {
    return Ask("administrator", Own("ListMembers"), request, members, "eastvale").ok() &&
           members.members_size() == 16;
  }));
  dv1::ListAgenciesResponse agencies;
  ASSERT_TRUE(
      Ask("analyst", Own("ListAgencies"), dv1::ListAgenciesRequest(), agencies, "eastvale").ok());
  EXPECT_EQ(agencies.agencies_size(), 5);
  dv1::ListTenantsResponse tenants;
  ASSERT_TRUE(
      Ask("administrator", Operators("ListTenants"), dv1::ListTenantsRequest(), tenants).ok());
  EXPECT_GE(tenants.tenants_size(), 3);
}

TEST(DirectoryJourney, RegistersAForceAsTheOperatorAlone) {
  dv1::RegisterTenant tenant;
  tenant.set_slug("northmoor");
  tenant.set_name("Northmoor");
  dv1::FirstAdministrator& first = *tenant.mutable_first_administrator();
  first.set_agency("northmoor-police");
  first.set_agency_name("Northmoor Police");
  first.set_agency_type(type::v1::Agency::POLICE);
  first.set_regime(type::v1::Agency::LED_PART3);
  first.set_member_id("m-nora");
  first.set_subject_mac(std::string(32, 'n'));
  ASSERT_TRUE(Command("administrator", Operators("RegisterTenant"), tenant).ok());
  EXPECT_EQ(ReasonOf(Command("analyst", Operators("RegisterTenant"), tenant)), "POLICY_DENIED");
  tenant.set_name("Another");
  EXPECT_EQ(ReasonOf(Command("administrator", Operators("RegisterTenant"), tenant, "eastvale")),
            "SLUG_TAKEN");
  dv1::SetQuota quota;
  quota.set_slug("northmoor");
  quota.mutable_figures()->set_cost_per_second(50);
  quota.mutable_figures()->set_burst(100);
  quota.mutable_figures()->set_streams(10);
  ASSERT_TRUE(Command("administrator", Operators("SetQuota"), quota).ok());
}

TEST(DirectoryJourney, AnswersForATenantsMembersToThatTenantAlone) {
  const std::string code = EnrolmentCodeOf(ListSites("tess"));
  ASSERT_TRUE(Command("administrator", Own("EnrolMember"), Enrol("m-tess", code)).ok());
  // Of another tenant and of none at all: the same refusal.
  const absl::Status foreign =
      Command("administrator", Own("GrantRole"), Grant("m-tess", Role::OFFICER), "eastvale");
  const absl::Status absent =
      Command("administrator", Own("GrantRole"), Grant("m-none", Role::OFFICER), "eastvale");
  EXPECT_FALSE(foreign.ok());
  EXPECT_EQ(foreign, absent);
}

}  // namespace
}  // namespace holdfast::flow
