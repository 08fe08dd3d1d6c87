#include <gtest/gtest.h>

#include "directory/domain/directory_fixtures.h"
#include "directory/domain/member.h"

namespace holdfast::directory {
namespace {

using Refusal = v1::Refusal;
constexpr testing::GivenEventsOf<Member> Given;

template <class Command>
Command OfAnn() {
  Command command;
  command.set_member_id("ann");
  return command;
}

v1::GrantRole Grant(Role::Code role) {
  v1::GrantRole grant = OfAnn<v1::GrantRole>();
  grant.set_role(role);
  return grant;
}

v1::RevokeRole Revoke(Role::Code role) {
  v1::RevokeRole revoke = OfAnn<v1::RevokeRole>();
  revoke.set_role(role);
  revoke.set_reason("moved");
  return revoke;
}

v1::RoleRevoked Revoked(Role::Code role) {
  v1::RoleRevoked revoked;
  revoked.set_role(role);
  revoked.set_reason("moved");
  return revoked;
}

v1::JoinCompartment Join() {
  v1::JoinCompartment join = OfAnn<v1::JoinCompartment>();
  join.set_compartment("red");
  return join;
}

v1::CompartmentProposed Proposed() {
  return Text(R"pb(compartment: "red" proposed_by: "bob")pb");
}

v1::CompartmentJoined Joined() {
  return Text(R"pb(compartment: "red" proposed_by: "bob" confirmed_by: "cat")pb");
}

TEST(MemberRights, AreGrantedAndRevokedOnce) {
  Given(Enrolled()).When(Grant(Role::OFFICER)).Then(Granted(Role::OFFICER));
  Given(Enrolled(), Granted(Role::OFFICER)).When(Grant(Role::OFFICER)).ThenNothingHappens();
  Given(Enrolled(), Granted(Role::OFFICER))
      .When(Revoke(Role::OFFICER))
      .Then(Revoked(Role::OFFICER));
  Given(Enrolled()).When(Revoke(Role::OFFICER)).ThenNothingHappens();
  Given(Enrolled()).When(Grant(Role::CODE_UNSPECIFIED)).ThenRefused(Refusal::REQUIRED, "role");
  v1::RevokeRole unexplained = Revoke(Role::OFFICER);
  unexplained.clear_reason();
  Given(Enrolled(), Granted(Role::OFFICER))
      .When(unexplained)
      .ThenRefused(Refusal::REQUIRED, "reason");
}

TEST(MemberRights, AreOfActiveMembers) {
  for (const bool suspended : {false, true}) {
    const auto given = [suspended] {
      return suspended ? Given(Enrolled(), v1::MemberSuspended()) : Given();
    };
    given().When(Grant(Role::OFFICER)).ThenRefused(Refusal::WRONG_STATE, "member_id");
    given().When(OfAnn<v1::SetAreas>()).ThenRefused(Refusal::WRONG_STATE, "member_id");
    given().When(OfAnn<v1::SetClearance>()).ThenRefused(Refusal::WRONG_STATE, "member_id");
    given().When(Join()).ThenRefused(Refusal::WRONG_STATE, "member_id");
    given().When(OfAnn<v1::RecordTraining>()).ThenRefused(Refusal::WRONG_STATE, "member_id");
  }
  Given().When(Revoke(Role::OFFICER)).ThenRefused(Refusal::WRONG_STATE, "member_id");
  Given().When(OfAnn<v1::LeaveCompartment>()).ThenRefused(Refusal::WRONG_STATE, "member_id");
}

TEST(MemberRights, AreNeverOnesOwnToChange) {
  const auto self = [] { return Given(Enrolled()).By("ann", kPolice); };
  self().When(Grant(Role::OFFICER)).ThenRefused(Refusal::SELF_GRANT);
  v1::SetAreas areas = OfAnn<v1::SetAreas>();
  areas.add_areas("*");
  self().When(areas).ThenRefused(Refusal::SELF_GRANT);
  v1::SetClearance clearance = OfAnn<v1::SetClearance>();
  clearance.set_clearance(v1::Clearance::SC);
  self().When(clearance).ThenRefused(Refusal::SELF_GRANT);
  self().When(Join()).ThenRefused(Refusal::SELF_GRANT);
  v1::RecordTraining training = OfAnn<v1::RecordTraining>();
  training.set_course("source-handling");
  *training.mutable_valid_to() = On(2027, 1, 1);
  self().When(training).ThenRefused(Refusal::SELF_GRANT);
}

TEST(MemberRights, MayEndOnADay) {
  v1::GrantRole grant = Grant(Role::OFFICER);
  *grant.mutable_until() = On(2026, 3, 2);
  v1::RoleGranted granted = Granted(Role::OFFICER);
  *granted.mutable_until() = On(2026, 3, 2);
  Given(Enrolled()).When(grant).Then(granted);
  Given(Enrolled(), granted).When(grant).ThenNothingHappens();
  // Again without an end.
  Given(Enrolled(), granted).When(Grant(Role::OFFICER)).Then(Granted(Role::OFFICER));
  *grant.mutable_until() = On(2026, 3, 1);
  Given(Enrolled()).When(grant).ThenRefused(Refusal::DATE_ORDER, "until");
}

TEST(MemberRights, LeaveOneAdministrator) {
  const v1::RoleGranted administers = Granted(Role::ADMINISTRATOR);
  Given(Enrolled(), administers)
      .When(Revoke(Role::ADMINISTRATOR))
      .ThenRefused(Refusal::LAST_ADMINISTRATOR);
  Given(Enrolled(), administers)
      .With<Member>("bob", Enrolled("bob", 'b'), administers)
      .When(Revoke(Role::ADMINISTRATOR))
      .Then(Revoked(Role::ADMINISTRATOR));
  // An end is a loss, too, and who has one is nobody to rely on.
  v1::GrantRole ending = Grant(Role::ADMINISTRATOR);
  *ending.mutable_until() = On(2026, 4, 1);
  Given(Enrolled(), administers).When(ending).ThenRefused(Refusal::LAST_ADMINISTRATOR);
  v1::RoleGranted until = administers;
  *until.mutable_until() = On(2026, 4, 1);
  Given(Enrolled(), administers)
      .With<Member>("bob", Enrolled("bob", 'b'), until)
      .When(Revoke(Role::ADMINISTRATOR))
      .ThenRefused(Refusal::LAST_ADMINISTRATOR);
}

TEST(MemberRights, CoverAreasInOneOrder) {
  v1::SetAreas set = OfAnn<v1::SetAreas>();
  for (const char* area : {"ward@2013:E2", "ward@2013:E1", "ward@2013:E2"}) set.add_areas(area);
  const v1::AreasSet fact = Text(R"pb(areas: "ward@2013:E1" areas: "ward@2013:E2")pb");
  Given(Enrolled()).When(set).Then(fact);
  Given(Enrolled(), fact).When(set).ThenNothingHappens();
  Given(Enrolled(), fact).When(OfAnn<v1::SetAreas>()).Then(v1::AreasSet());
}

TEST(MemberRights, NameTheClearance) {
  v1::SetClearance set = OfAnn<v1::SetClearance>();
  set.set_clearance(v1::Clearance::SC);
  const v1::ClearanceSet fact = Text(R"pb(clearance: SC)pb");
  Given(Enrolled()).When(set).Then(fact);
  Given(Enrolled(), fact).When(set).ThenNothingHappens();
}

TEST(MemberRights, TakeTwoPersonsForACompartment) {
  Given(Enrolled()).By("bob", kPolice).When(Join()).Then(Proposed());
  Given(Enrolled(), Proposed()).By("bob", kPolice).When(Join()).ThenNothingHappens();
  Given(Enrolled(), Proposed()).By("cat", kPolice).When(Join()).Then(Joined());
  Given(Enrolled(), Proposed(), Joined()).By("cat", kPolice).When(Join()).ThenNothingHappens();
  Given(Enrolled(), Proposed()).By("ann", kPolice).When(Join()).ThenRefused(Refusal::SELF_GRANT);
  v1::JoinCompartment nowhere = OfAnn<v1::JoinCompartment>();
  Given(Enrolled()).When(nowhere).ThenRefused(Refusal::REQUIRED, "compartment");
}

TEST(MemberRights, TakeOnePersonToLeaveACompartment) {
  v1::LeaveCompartment leave = OfAnn<v1::LeaveCompartment>();
  leave.set_compartment("red");
  Given(Enrolled()).When(leave).ThenNothingHappens();
  Given(Enrolled(), Proposed(), Joined()).When(leave).ThenRefused(Refusal::REQUIRED, "reason");
  leave.set_reason("done");
  const v1::CompartmentLeft left = Text(R"pb(compartment: "red" reason: "done")pb");
  Given(Enrolled(), Proposed(), Joined()).When(leave).Then(left);
  Given(Enrolled(), Proposed()).When(leave).Then(left);
}

TEST(MemberRights, RememberTraining) {
  v1::RecordTraining record = OfAnn<v1::RecordTraining>();
  Given(Enrolled()).When(record).ThenRefused(Refusal::REQUIRED, "course");
  record.set_course("lead-responsible-officer");
  Given(Enrolled()).When(record).ThenRefused(Refusal::REQUIRED, "valid_to");
  *record.mutable_valid_to() = On(2027, 1, 1);
  v1::TrainingRecorded recorded;
  recorded.set_course("lead-responsible-officer");
  *recorded.mutable_valid_to() = On(2027, 1, 1);
  Given(Enrolled()).When(record).Then(recorded);
  Given(Enrolled(), recorded).When(record).ThenNothingHappens();
  *record.mutable_valid_to() = On(2028, 1, 1);
  EXPECT_EQ(Given(Enrolled(), recorded).When(record).state().trainings_size(), 1);
}

}  // namespace
}  // namespace holdfast::directory
