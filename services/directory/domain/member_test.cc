#include "directory/domain/member.h"

#include <gtest/gtest.h>

#include "directory/domain/directory_fixtures.h"

namespace holdfast::directory {
namespace {

using Refusal = v1::Refusal;
constexpr testing::GivenEventsOf<Member> Given;

v1::EnrolMember Enrol() {
  v1::EnrolMember enrol;
  enrol.set_member_id("ann");
  enrol.set_agency(kPolice);
  enrol.set_subject_mac(Mac('a'));
  return enrol;
}

template <class Command>
Command Because(const char* reason = "moved") {
  Command command;
  command.set_member_id("ann");
  command.set_reason(reason);
  return command;
}

template <class Fact>
Fact Fell() {
  Fact fact;
  fact.set_reason("moved");
  return fact;
}

TEST(Member, IsEnrolledOnceWithoutAnyRight) {
  const auto outcome = Given().With<Agency>(kPolice, PoliceRegistered()).When(Enrol());
  outcome.Then(Enrolled());
  EXPECT_EQ(outcome.state().roles_size(), 0);
  EXPECT_EQ(outcome.state().areas_size(), 0);
  Given(Enrolled()).With<Agency>(kPolice, PoliceRegistered()).When(Enrol()).ThenNothingHappens();
}

TEST(Member, CarriesANameUnread) {
  v1::EnrolMember enrol = Enrol();
  enrol.mutable_name()->set_text("Ann Other");
  const auto outcome = Given().With<Agency>(kPolice, PoliceRegistered()).When(enrol);
  ASSERT_EQ(outcome.decision().events.size(), 1U);
  const auto& fact = static_cast<const v1::MemberEnrolled&>(*outcome.decision().events.front());
  EXPECT_EQ(fact.name().text(), "Ann Other");
  EXPECT_EQ(fact.label().owners(0), kPolice);
}

TEST(Member, WorksForAnAgencyThatIsThere) {
  Given().When(Enrol()).ThenRefused(Refusal::AGENCY_UNKNOWN, "agency");
  Given()
      .With<Agency>(kPolice, PoliceRegistered(), v1::AgencyRetired())
      .When(Enrol())
      .ThenRefused(Refusal::AGENCY_UNKNOWN, "agency");
  v1::EnrolMember nowhere = Enrol();
  nowhere.clear_agency();
  Given().When(nowhere).ThenRefused(Refusal::REQUIRED, "agency");
  v1::EnrolMember nobody = Enrol();
  nobody.clear_subject_mac();
  Given().When(nobody).ThenRefused(Refusal::REQUIRED, "subject_mac");
}

TEST(Member, HasOneMembershipForOneSignIn) {
  Given()
      .With<Agency>(kPolice, PoliceRegistered())
      .With<Member>("bob", Enrolled("bob", 'a'))
      .When(Enrol())
      .ThenRefused(Refusal::SUBJECT_TAKEN, "subject_mac");
  // Whoever left may come back, as another member.
  Given()
      .With<Agency>(kPolice, PoliceRegistered())
      .With<Member>("bob", Enrolled("bob", 'a'), v1::MemberLeft())
      .When(Enrol())
      .Then(Enrolled());
  v1::EnrolMember other = Enrol();
  other.set_subject_mac(Mac('b'));
  Given(Enrolled())
      .With<Agency>(kPolice, PoliceRegistered())
      .When(other)
      .ThenRefused(Refusal::WRONG_STATE, "member_id");
}

TEST(Member, IsSuspendedAndResumedOnce) {
  const auto suspended = Fell<v1::MemberSuspended>();
  Given(Enrolled()).When(Because<v1::SuspendMember>()).Then(suspended);
  Given(Enrolled(), suspended).When(Because<v1::SuspendMember>()).ThenNothingHappens();
  Given(Enrolled(), suspended).When(Because<v1::ResumeMember>()).Then(Fell<v1::MemberResumed>());
  Given(Enrolled()).When(Because<v1::ResumeMember>()).ThenNothingHappens();
  Given(Enrolled(), suspended)
      .By("ann", kPolice)
      .When(Because<v1::ResumeMember>())
      .ThenRefused(Refusal::SELF_GRANT);
  Given(Enrolled()).When(Because<v1::SuspendMember>("")).ThenRefused(Refusal::REQUIRED, "reason");
  Given(Enrolled(), suspended)
      .When(Because<v1::ResumeMember>(""))
      .ThenRefused(Refusal::REQUIRED, "reason");
}

TEST(Member, LeavesForGood) {
  const auto left = Fell<v1::MemberLeft>();
  Given(Enrolled()).When(Because<v1::RecordDeparture>()).Then(left);
  Given(Enrolled(), left).When(Because<v1::RecordDeparture>()).ThenNothingHappens();
  Given(Enrolled(), left).When(Because<v1::ResumeMember>()).ThenRefused(Refusal::WRONG_STATE);
  Given(Enrolled(), left).When(Enrol()).ThenRefused(Refusal::WRONG_STATE, "member_id");
  Given(Enrolled()).When(Because<v1::RecordDeparture>("")).ThenRefused(Refusal::REQUIRED, "reason");
}

TEST(Member, IsNotLostAsTheLastAdministrator) {
  const v1::RoleGranted administers = Granted(Role::ADMINISTRATOR);
  Given(Enrolled(), administers)
      .When(Because<v1::SuspendMember>())
      .ThenRefused(Refusal::LAST_ADMINISTRATOR);
  Given(Enrolled(), administers)
      .When(Because<v1::RecordDeparture>())
      .ThenRefused(Refusal::LAST_ADMINISTRATOR);
  Given(Enrolled(), administers)
      .With<Member>("bob", Enrolled("bob", 'b'), administers)
      .When(Because<v1::RecordDeparture>())
      .Then(Fell<v1::MemberLeft>());
  // One who is suspended administers nothing.
  Given(Enrolled(), administers)
      .With<Member>("bob", Enrolled("bob", 'b'), administers, v1::MemberSuspended())
      .When(Because<v1::RecordDeparture>())
      .ThenRefused(Refusal::LAST_ADMINISTRATOR);
}

TEST(Member, IsCorrectedInNameOrAgency) {
  v1::CorrectMember correct = Because<v1::CorrectMember>();
  correct.set_agency(kCouncil);
  v1::MemberCorrected corrected;
  corrected.set_member_id("ann");
  corrected.set_field("agency");
  corrected.set_reason("moved");
  corrected.set_agency(kCouncil);
  Given(Enrolled()).With<Agency>(kCouncil, CouncilRegistered()).When(correct).Then(corrected);
  Given(Enrolled(), corrected)
      .With<Agency>(kCouncil, CouncilRegistered())
      .When(correct)
      .ThenNothingHappens();
  Given(Enrolled()).When(correct).ThenRefused(Refusal::AGENCY_UNKNOWN, "agency");
  Given(Enrolled())
      .By("ann", kPolice)
      .With<Agency>(kCouncil, CouncilRegistered())
      .When(correct)
      .ThenRefused(Refusal::SELF_GRANT);
  correct.mutable_name()->set_text("Anne Other");
  Given(Enrolled()).When(correct).ThenRefused(Refusal::REQUIRED, "agency");
  correct.clear_agency();
  const auto named = Given(Enrolled()).When(correct);
  ASSERT_EQ(named.decision().events.size(), 1U);
  Given().When(correct).ThenRefused(Refusal::WRONG_STATE, "member_id");
  correct.clear_reason();
  Given(Enrolled()).When(correct).ThenRefused(Refusal::REQUIRED, "reason");
}

}  // namespace
}  // namespace holdfast::directory
