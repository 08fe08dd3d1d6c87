// Each rule once where it forbids and three times, close by, where it does not.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "security/policy/policy_fixtures.h"

namespace holdfast::security::policy {
namespace {

using options::v1::Audit;
using type::v1::Agency;
using type::v1::Handling;
using type::v1::Marking;

// Denied, and by this rule alone.
void ExpectForbids(const Asked& asked, std::string_view rule) {
  const Decision decision = asked.Decide();
  EXPECT_FALSE(decision.permitted);
  EXPECT_THAT(decision.rule_ids, testing::ElementsAre(rule));
}

void ExpectPermits(const Asked& asked) {
  const Decision decision = asked.Decide();
  EXPECT_TRUE(decision.permitted) << testing::PrintToString(decision.rule_ids);
}

// ------------------------------------------------------------------------------------------ F1

Asked Restricted(Purpose::Code purpose) {
  Asked asked = OfficerReads();
  asked.resource.restricted = true;
  asked.context.purpose = purpose;
  return asked;
}
TEST(RuleF1, ClosesARestrictedRecord) {
  ExpectForbids(Restricted(Purpose::SAFEGUARDING), "F1");
}
TEST(RuleF1, LeavesItOpenAsEvidence) {
  ExpectPermits(Restricted(Purpose::EVIDENCE));
}
TEST(RuleF1, LeavesItOpenForALegalClaim) {
  ExpectPermits(Restricted(Purpose::LEGAL_CLAIM));
}
TEST(RuleF1, LeavesItOpenToProtectThePerson) {
  ExpectPermits(Restricted(Purpose::SUBJECT_PROTECTION));
}

// ------------------------------------------------------------------------------------------ F2

TEST(RuleF2, ClosesWhatIsAnotherTenants) {
  Asked asked = OfficerReads();
  asked.resource.tenant = "eastvale";
  ExpectForbids(asked, "F2");
}
TEST(RuleF2, ClosesAPackageWithoutAgreement) {
  Asked asked = PackageReceived();
  asked.principal.agreements.clear();
  ExpectForbids(asked, "F2");
}
TEST(RuleF2, ClosesAPackageForAPurposeThatTheAgreementDoesNotName) {
  Asked asked = PackageReceived();
  asked.context.purpose = Purpose::PARTNERSHIP;
  ExpectForbids(asked, "F2");
}
TEST(RuleF2, ClosesAPackageWhileOnePartyHasNotSigned) {
  Asked asked = PackageReceived();
  asked.principal.agreements[0].is_signed = false;
  ExpectForbids(asked, "F2");
}
TEST(RuleF2, ClosesAPackageOfAnAreaOutsideTheAgreement) {
  Asked asked = PackageReceived();
  asked.resource.areas = {"mill-lane", "larkhill"};
  ExpectForbids(asked, "F2");
}
TEST(RuleF2, LeavesAPackageOpenUnderItsAgreement) {
  ExpectPermits(PackageReceived());
}
TEST(RuleF2, AsksNoAgreementOfWhoSentThePackage) {
  Asked asked = PackageReceived();
  asked.principal.agreements.clear();
  asked.resource.from_agency = "westmoor-police";
  ExpectPermits(asked);
}
TEST(RuleF2, AsksNoAgreementForWhatIsNoPackage) {
  Asked asked = PackageReceived();
  asked.principal.agreements.clear();
  asked.resource.thing = Thing::kRecord;
  ExpectPermits(asked);
}

// ------------------------------------------------------------------------------------------ F3

TEST(RuleF3, ClosesASourceToAHandlerOfAnotherCompartment) {
  Asked asked = HandlerAsks();
  asked.principal.compartments = {"c2"};
  ExpectForbids(asked, "F3");
}
TEST(RuleF3, ClosesASourceInNoCompartment) {
  Asked asked = HandlerAsks();
  asked.resource.compartment = "";
  ExpectForbids(asked, "F3");
}
TEST(RuleF3, LeavesASourceOpenToItsHandler) {
  ExpectPermits(HandlerAsks());
}
TEST(RuleF3, LeavesItsHandlerWrite) {
  Asked asked = HandlerAsks();
  asked.verb = Audit::ALTER;
  ExpectPermits(asked);
}
TEST(RuleF3, MeansSourcesOnly) {
  ExpectPermits(Ask(Role::ANALYST, DataClass::INTEL));
}

// ------------------------------------------------------------------------------------------ F4

TEST(RuleF4, ClosesCToWhoIsNotNamed) {
  Asked asked = ConditionalReport();
  asked.principal.ref = "p2";
  ExpectForbids(asked, "F4");
}
TEST(RuleF4, ClosesCWhereOneOfTwoConditionsFails) {
  Asked asked = ConditionalReport();
  asked.conditions().add_agencies("eastvale-police");
  ExpectForbids(asked, "F4");
}
TEST(RuleF4, ClosesCWithoutTheConsentThatItAsksFor) {
  Asked asked = ConditionalReport();
  asked.conditions().set_originator_consent(true);
  ExpectForbids(asked, "F4");
}
TEST(RuleF4, ClosesCWhoseConsentHasEnded) {
  Asked asked = ConditionalReport();
  asked.conditions().set_originator_consent(true);
  *asked.conditions().mutable_consent_until() = Stamp(Noon());
  ExpectForbids(asked, "F4");
}
TEST(RuleF4, ClosesCForTheIntelligenceUnitToAnAnalyst) {
  Asked asked = ConditionalReport();
  asked.principal.roles = {{Role::ANALYST, std::nullopt}};
  asked.conditions().set_intelligence_unit_only(true);
  ExpectForbids(asked, "F4");
}
TEST(RuleF4, ClosesTheDisclosureOfWhatGoesNoFurther) {
  Asked asked = ConditionalReport();
  asked.verb = Audit::DISCLOSE;
  asked.conditions().set_no_onward(true);
  ExpectForbids(asked, "F4");
}
TEST(RuleF4, ClosesCWithoutAnyCondition) {
  Asked asked = ConditionalReport();
  asked.conditions().Clear();
  ExpectForbids(asked, "F4");
}
TEST(RuleF4, LeavesCOpenWhereEveryConditionHolds) {
  Asked asked = ConditionalReport();
  asked.conditions().add_agencies("westmoor-police");
  asked.conditions().set_intelligence_unit_only(true);
  asked.conditions().set_originator_consent(true);
  *asked.conditions().mutable_consent_until() = Stamp(Noon() + absl::Seconds(1));
  *asked.conditions().mutable_expires_at() = Stamp(Noon() + absl::Seconds(1));
  ExpectPermits(asked);
}
TEST(RuleF4, AsksNoConditionOfHandlingP) {
  Asked asked = ConditionalReport();
  asked.label().set_handling(Handling::P);
  asked.principal.ref = "p2";
  ExpectPermits(asked);
}
TEST(RuleF4, LetsRecordsDisposeOfWhatTheyMayNotSee) {
  Asked asked = ConditionalReport();
  asked.principal.ref = "p2";
  asked.principal.roles = {{Role::RECORDS, std::nullopt}};
  asked.verb = Audit::ERASE;
  ExpectPermits(asked);
}
TEST(RuleF4, LetsAnOfficerHandInAReportForOthersEyes) {
  Asked asked = ConditionalReport();
  asked.principal.ref = "p2";
  asked.principal.roles = {{Role::OFFICER, std::nullopt}};
  asked.verb = Audit::COLLECT;
  asked.resource.thing = Thing::kReport;
  ExpectPermits(asked);
}

// ------------------------------------------------------------------------------------------ F5

Asked SharedPlanForTheCommunity() {
  Asked asked = Ask(Role::COMMUNITY, DataClass::PARTNERSHIP);
  asked.label().add_shared_with("westmoor-police");
  return asked;
}
TEST(RuleF5, ClosesAPlanThatIsSharedButNotReleasedToTheCommunity) {
  ExpectForbids(SharedPlanForTheCommunity(), "F5");
}
TEST(RuleF5, LeavesAReleasedPlanOpen) {
  Asked asked = SharedPlanForTheCommunity();
  asked.label().set_released(true);
  ExpectPermits(asked);
}
TEST(RuleF5, LeavesTheCommunitysOwnRecordsOpen) {
  ExpectPermits(Ask(Role::COMMUNITY, DataClass::COMMUNITY));
}
TEST(RuleF5, LetsTheCommunityHandInAReport) {
  Asked asked = Ask(Role::COMMUNITY, DataClass::INTEL, Audit::COLLECT);
  asked.resource.thing = Thing::kReport;
  ExpectPermits(asked);
}
TEST(RuleF5, LetsAChairCloseAnActionOfItsOwn) {
  Asked asked = Ask(Role::COMMUNITY, DataClass::PARTNERSHIP, Audit::ALTER);
  asked.resource.thing = Thing::kAction;
  asked.resource.assignees = {"p1"};
  ExpectPermits(asked);
}
TEST(RuleF5, DoesNotMeanWhoIsAnOfficerToo) {
  Asked asked = SharedPlanForTheCommunity();
  asked.principal.roles.push_back({Role::OFFICER, std::nullopt});
  ExpectPermits(asked);
}

// ------------------------------------------------------------------------------------------ F6

Asked SharedReportForAPartner() {
  Asked asked = PartnerAsks(DataClass::INTEL);
  asked.label().add_shared_with("westmoor-homes");
  return asked;
}
TEST(RuleF6, ClosesIntelligenceThatIsNotSanitisedToAPartner) {
  ExpectForbids(SharedReportForAPartner(), "F6");
}
TEST(RuleF6, ClosesAnOperationThatIsNotSharedToAPartner) {
  const Decision decision = PartnerAsks(DataClass::OPERATIONAL).Decide();
  EXPECT_THAT(decision.rule_ids, testing::ElementsAre("F6", "DEFAULT"));
}
TEST(RuleF6, LeavesSanitisedIntelligenceOpen) {
  Asked asked = SharedReportForAPartner();
  asked.label().set_sanitised(true);
  ExpectPermits(asked);
}
TEST(RuleF6, LeavesASharedOperationOpen) {
  Asked asked = PartnerAsks(DataClass::OPERATIONAL);
  asked.label().add_shared_with("westmoor-homes");
  ExpectPermits(asked);
}
TEST(RuleF6, LetsAPartnerClaimADisruption) {
  Asked asked = PartnerAsks(DataClass::OPERATIONAL);
  asked.verb = Audit::COLLECT;
  asked.resource.thing = Thing::kDisruption;
  ExpectPermits(asked);
}
TEST(RuleF6, LetsAPartnerHandInAReport) {
  Asked asked = PartnerAsks(DataClass::INTEL);
  asked.verb = Audit::COLLECT;
  asked.resource.thing = Thing::kReport;
  ExpectPermits(asked);
}

// ------------------------------------------------------------------------------------------ F7

Asked AtEpoch(Epoch decision, Epoch resource) {
  Asked asked = OfficerReads();
  asked.context.policy_epoch = decision;
  asked.resource.min_policy_epoch = resource;
  return asked;
}
TEST(RuleF7, RefusesADecisionBehindInTheTenantsDirectory) {
  ExpectForbids(AtEpoch({4, 9}, {5, 2}), "F7");
}
TEST(RuleF7, RefusesADecisionBehindInTheOperatorsHoweverFarTheTenants) {
  ExpectForbids(AtEpoch({90, 1}, {5, 2}), "F7");
}
TEST(RuleF7, TakesTheSameEpoch) {
  ExpectPermits(AtEpoch({5, 2}, {5, 2}));
}
TEST(RuleF7, TakesANewerOne) {
  ExpectPermits(AtEpoch({6, 3}, {5, 2}));
}
TEST(RuleF7, TakesAnyForARecordThatAsksNone) {
  ExpectPermits(AtEpoch({}, {}));
}

// ------------------------------------------------------------------------------------------ F8

TEST(RuleF8, ClosesTheLogForPolicing) {
  Asked asked = AuditorAsks();
  asked.context.purpose = Purpose::SAFEGUARDING;
  ExpectForbids(asked, "F8");
}
TEST(RuleF8, OpensTheLogToCheckLawfulness) {
  ExpectPermits(AuditorAsks());
}
TEST(RuleF8, OpensTheLogForCriminalProceedings) {
  Asked asked = AuditorAsks();
  asked.context.purpose = Purpose::CRIMINAL_PROCEEDINGS;
  ExpectPermits(asked);
}
TEST(RuleF8, MeansTheLogOnly) {
  ExpectPermits(OfficerReads());
}

// ------------------------------------------------------------------------------------------ F9

Asked Marked(Marking::Code marking, Marking::Code clearance) {
  Asked asked = OfficerReads();
  asked.label().set_marking(marking);
  asked.principal.clearance = clearance;
  return asked;
}
TEST(RuleF9, ClosesWhatIsMarkedAboveTheClearance) {
  ExpectForbids(Marked(Marking::OFFICIAL_SENSITIVE, Marking::OFFICIAL), "F9");
}
TEST(RuleF9, ClosesASecretEvenToWhoIsClearedForIt) {
  ExpectForbids(Marked(Marking::SECRET, Marking::TOP_SECRET), "F9");
}
TEST(RuleF9, LeavesOfficialSensitiveOpenToWhoIsCleared) {
  ExpectPermits(Marked(Marking::OFFICIAL_SENSITIVE, Marking::OFFICIAL_SENSITIVE));
}
TEST(RuleF9, LeavesOfficialOpen) {
  ExpectPermits(Marked(Marking::OFFICIAL, Marking::OFFICIAL));
}
TEST(RuleF9, LeavesOfficialOpenToWhoIsClearedForMore) {
  ExpectPermits(Marked(Marking::OFFICIAL, Marking::SECRET));
}

// ----------------------------------------------------------------------------------------- F10

TEST(RuleF10, ClosesWhatWasToBeUsedUntilNow) {
  Asked asked = ConditionalReport();
  asked.label().set_handling(Handling::P);
  *asked.conditions().mutable_expires_at() = Stamp(Noon());
  ExpectForbids(asked, "F10");
}
TEST(RuleF10, ClosesAPackageWhoseAgreementHasExpired) {
  Asked asked = PackageReceived();
  asked.principal.agreements[0].expires_at = Noon();
  EXPECT_THAT(asked.Decide().rule_ids, testing::ElementsAre("F2", "F10"));
}
TEST(RuleF10, NamesTheGrantThatHasEnded) {
  Asked asked = OfficerReads();
  asked.principal.roles[0].until = Noon();
  EXPECT_THAT(asked.Decide().rule_ids, testing::ElementsAre("F10", "DEFAULT"));
}
TEST(RuleF10, LeavesItOpenAMomentBefore) {
  Asked asked = ConditionalReport();
  *asked.conditions().mutable_expires_at() = Stamp(Noon() + absl::Seconds(1));
  ExpectPermits(asked);
}
TEST(RuleF10, TakesAnotherAgreementThatHasNotExpired) {
  Asked asked = PackageReceived();
  asked.principal.agreements.insert(asked.principal.agreements.begin(), HomesToPolice());
  asked.principal.agreements[0].expires_at = Noon();
  ExpectPermits(asked);
}
TEST(RuleF10, TakesAnotherGrantThatHasNotEnded) {
  Asked asked = OfficerReads();
  asked.principal.roles = {{Role::LRO, Noon()}, {Role::OFFICER, Noon() + absl::Seconds(1)}};
  ExpectPermits(asked);
}

// ----------------------------------------------------------------------------------------- F11

Asked Influencer(Role::Code role, Purpose::Code purpose = Purpose::PARTNERSHIP) {
  Asked asked = Ask(role, DataClass::COMMUNITY);
  asked.resource.stream = "influencer/i1";
  asked.context.purpose = purpose;
  return asked;
}
TEST(RuleF11, ClosesInfluencersToAnOfficer) {
  ExpectForbids(Influencer(Role::OFFICER), "F11");
}
TEST(RuleF11, ClosesInfluencersToIntelligence) {
  ExpectForbids(Influencer(Role::INTELLIGENCE), "F11");
}
TEST(RuleF11, ClosesInfluencersToACoordinatorWhoIsAnOfficerToo) {
  Asked asked = Influencer(Role::COORDINATOR);
  asked.principal.roles.push_back({Role::OFFICER, std::nullopt});
  ExpectForbids(asked, "F11");
}
TEST(RuleF11, ClosesInfluencersForLawEnforcementWhoeverAsks) {
  ExpectForbids(Influencer(Role::COORDINATOR, Purpose::LAW_ENFORCEMENT), "F11");
}
TEST(RuleF11, LeavesInfluencersOpenToTheCoordinator) {
  ExpectPermits(Influencer(Role::COORDINATOR));
}
TEST(RuleF11, LeavesInfluencersOpenToThePartner) {
  ExpectPermits(Influencer(Role::PARTNER));
}
TEST(RuleF11, MeansInfluencersOnly) {
  Asked asked = Influencer(Role::OFFICER);
  asked.resource.stream = "contact/c1";
  ExpectPermits(asked);
}

// --------------------------------------------------------------------------------- narrowings

TEST(RuleN1, ClosesWhatLiesInNoAreaOfThePrincipal) {
  Asked asked = OfficerReads();
  asked.principal.areas = {"larkhill"};
  ExpectForbids(asked, "N1");
}
TEST(RuleN1, ClosesEveryAreaToWhoHasNone) {
  Asked asked = OfficerReads();
  asked.principal.areas = {};
  ExpectForbids(asked, "N1");
}
TEST(RuleN1, LeavesOpenWhatConcernsTheWholeTenant) {
  Asked asked = OfficerReads();
  asked.principal.areas = {};
  asked.resource.areas = {"*"};
  ExpectPermits(asked);
}
TEST(RuleN2, ClosesARecordOfAnotherPhase) {
  Asked asked = OfficerReads();
  asked.resource.phases = {"CLEAR"};
  ExpectForbids(asked, "N2");
  asked.context.phase = "CLEAR";
  ExpectPermits(asked);
}
TEST(RuleN3, ClosesARecordOfAnotherOperation) {
  Asked asked = OfficerReads();
  asked.resource.operation = "op1";
  ExpectForbids(asked, "N3");
  asked.context.operation = "op1";
  ExpectPermits(asked);
}
TEST(RuleN4, RefusesLawEnforcementToWhoIsNoCompetentAuthority) {
  Asked asked = PartnerAsks(DataClass::COMMUNITY);
  asked.context.purpose = Purpose::LAW_ENFORCEMENT;
  ExpectForbids(asked, "N4");
  asked.context.purpose = Purpose::PARTNERSHIP;
  ExpectPermits(asked);
}
TEST(RuleN5, KeepsThePurposesOfTheLogForTheLog) {
  Asked asked = OfficerReads();
  asked.context.purpose = Purpose::SELF_MONITORING;
  ExpectForbids(asked, "N5");
}
TEST(RuleN6, AsksForAFreshSignInBeforeIntelligence) {
  Asked asked = Ask(Role::ANALYST, DataClass::INTEL);
  asked.principal.signed_in_at = Noon() - absl::Minutes(61);
  ExpectForbids(asked, "N6");
  asked.principal.signed_in_at = Noon() - absl::Minutes(60);
  ExpectPermits(asked);
}
TEST(RuleN6, AsksForAFresherOneBeforeASource) {
  Asked asked = HandlerAsks();
  asked.principal.signed_in_at = Noon() - absl::Minutes(16);
  ExpectForbids(asked, "N6");
}
TEST(RuleN7, AsksForATextBeforeIntelligence) {
  Asked asked = Ask(Role::ANALYST, DataClass::INTEL);
  asked.context.justified = false;
  ExpectForbids(asked, "N7");
  asked.context.justification = Justification::kOptional;
  ExpectPermits(asked);
}
TEST(RuleN7, AsksForATextBeforeAnythingLeaves) {
  Asked asked = OfficerReads();
  asked.verb = Audit::DISCLOSE;
  asked.context.justified = false;
  ExpectForbids(asked, "N7");
}
TEST(RuleN8, KeepsWhatALegalHoldKeeps) {
  Asked asked = Ask(Role::RECORDS, DataClass::PERSON, Audit::ERASE);
  asked.resource.retention = Retention::kHeld;
  ExpectForbids(asked, "N8");
  asked.resource.retention = Retention::kKept;
  ExpectPermits(asked);
}
TEST(RuleN8, ClosesWhatWasDisposedOf) {
  Asked asked = OfficerReads();
  asked.resource.retention = Retention::kDisposed;
  ExpectForbids(asked, "N8");
}

}  // namespace
}  // namespace holdfast::security::policy
