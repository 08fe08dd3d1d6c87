#include "security/policy/policy.h"

#include <gmock/gmock.h>
#include <google/protobuf/unknown_field_set.h>
#include <gtest/gtest.h>

#include "base/hex.h"
#include "security/policy/policy_fixtures.h"

namespace holdfast::security::policy {
namespace {

using options::v1::Audit;
using options::v1::Sensitivity;
using testing::ElementsAre;
using type::v1::Marking;

// -------------------------------------------------------------------------------------- cells

TEST(Policy, PermitsWhatACellOfTheTableReaches) {
  const Decision decision = OfficerReads().Decide();
  EXPECT_TRUE(decision.permitted);
  EXPECT_THAT(decision.rule_ids, ElementsAre("COMMUNITY/OFFICER"));
  EXPECT_EQ(decision.obligations, Obligations());
}

TEST(Policy, DeniesWhatNoCellReaches) {
  const Decision decision = Ask(Role::EVALUATOR, DataClass::OPERATIONAL).Decide();
  EXPECT_FALSE(decision.permitted);
  EXPECT_THAT(decision.rule_ids, ElementsAre("DEFAULT"));
  EXPECT_TRUE(decision.obligations.Has(Obligation::kLog));
}

TEST(Policy, DeniesWhoHasNoRole) {
  Asked asked = OfficerReads();
  asked.principal.roles.clear();
  EXPECT_THAT(asked.Decide().rule_ids, ElementsAre("DEFAULT"));
}

TEST(Policy, NamesEveryCellThatPermits) {
  Asked asked = OfficerReads();
  asked.principal.roles = {{Role::ANALYST, {}}, {Role::LRO, {}}, {Role::ADMINISTRATOR, {}}};
  EXPECT_THAT(asked.Decide().rule_ids, ElementsAre("COMMUNITY/LRO", "COMMUNITY/ANALYST"));
}

TEST(Policy, ShowsAPersonAsFarAsTheRecordIsOpen) {
  Asked asked = Ask(Role::OFFICER, DataClass::OPERATIONAL);
  asked.label().set_class_(DataClass::PERSON);
  EXPECT_TRUE(Opens(asked.Decide()));
  asked.resource.record_class = DataClass::INTEL;
  EXPECT_FALSE(asked.Decide().permitted);
  asked.label().set_released(true);
  EXPECT_TRUE(Opens(asked.Decide()));
}

TEST(Policy, OpensNoValueMoreThanItsRecord) {
  Asked asked = Ask(Role::EVALUATOR, DataClass::OPERATIONAL);
  asked.label().set_class_(DataClass::COMMUNITY);
  EXPECT_FALSE(asked.Decide().permitted);
}

TEST(Policy, LetsAPartnerReadAndWriteWhatIsItsOwnAlone) {
  Asked asked = PartnerAsks(DataClass::PARTNERSHIP);
  asked.label().add_owners("westmoor-homes");
  EXPECT_TRUE(asked.Decide().permitted);
  asked.verb = Audit::ALTER;
  EXPECT_TRUE(asked.Decide().permitted);
  asked.label().add_owners("westmoor-police");
  EXPECT_FALSE(asked.Decide().permitted);
}

TEST(Policy, LetsAPartnerReadButNotWriteWhatIsShared) {
  Asked asked = PartnerAsks(DataClass::PARTNERSHIP);
  asked.label().add_shared_with("westmoor-homes");
  EXPECT_TRUE(asked.Decide().permitted);
  asked.verb = Audit::ALTER;
  EXPECT_FALSE(asked.Decide().permitted);
}

TEST(Policy, LetsAnOfficerWriteAnActionThatIsAssignedToIt) {
  Asked asked = Ask(Role::OFFICER, DataClass::PARTNERSHIP, Audit::ALTER);
  asked.resource.thing = Thing::kAction;
  EXPECT_FALSE(asked.Decide().permitted);
  asked.resource.assignees = {"p2", "p1"};
  EXPECT_TRUE(asked.Decide().permitted);
  asked.resource.thing = Thing::kRecord;
  EXPECT_FALSE(asked.Decide().permitted);
}

TEST(Policy, LetsWhoHandsInAReportNeitherReadNorChangeIt) {
  Asked asked = Ask(Role::OFFICER, DataClass::INTEL, Audit::COLLECT);
  asked.resource.thing = Thing::kReport;
  EXPECT_TRUE(asked.Decide().permitted);
  asked.verb = Audit::ALTER;
  EXPECT_FALSE(asked.Decide().permitted);
  asked.verb = Audit::CONSULT;
  EXPECT_FALSE(asked.Decide().permitted);
}

TEST(Policy, GivesAClientTheMethodsThatItWasGranted) {
  Asked asked = Ask(Role::INTEGRATOR, DataClass::PARTNERSHIP, Audit::COLLECT);
  asked.principal.kind = PrincipalKind::kClient;
  EXPECT_FALSE(asked.Decide().permitted);
  asked.context.method_granted = true;
  EXPECT_TRUE(asked.Decide().permitted);
}

// ------------------------------------------------------------------------------------- unknown

TEST(Policy, DeniesAndNamesWhatIsUnknown) {
  Asked asked = OfficerReads();
  asked.context.purpose = static_cast<Purpose::Code>(77);
  asked.label().set_handling(type::v1::Handling::CODE_UNSPECIFIED);
  EXPECT_THAT(asked.Decide().rule_ids, ElementsAre("U:label.handling", "U:context.purpose"));
}

TEST(Policy, AnswersEvenWhereNothingIsGiven) {
  const Decision decision = Asked{}.Decide();
  EXPECT_FALSE(decision.permitted);
  EXPECT_TRUE(Names(decision, "U:principal.tenant"));
  EXPECT_TRUE(Names(decision, "DEFAULT"));
}

TEST(Policy, TakesNoMethodWithoutPersonalDataForAVerb) {
  Asked asked = OfficerReads();
  asked.verb = Audit::NO_PERSONAL_DATA;
  EXPECT_TRUE(Names(asked.Decide(), "U:verb"));
}

TEST(Policy, DeniesSensitiveDataWithoutItsCondition) {
  Asked asked = OfficerReads();
  asked.label().set_sensitivity(Sensitivity::SENSITIVE);
  EXPECT_THAT(asked.Decide().rule_ids, ElementsAre("U:label.condition_ref"));
  asked.label().set_condition_ref("schedule-8-1");
  EXPECT_TRUE(asked.Decide().permitted);
}

TEST(Policy, DeniesWhereALabelHoldsAFieldThatItCannotRead) {
  Asked asked = OfficerReads();
  asked.conditions().GetReflection()->MutableUnknownFields(&asked.conditions())->AddVarint(99, 1);
  EXPECT_THAT(asked.Decide().rule_ids, ElementsAre("U:label.fields"));
}

// --------------------------------------------------------------------------------- break-glass

TEST(BreakGlass, OpensWhatALifeMayDependOnAndPages) {
  const Decision decision = BrokenGlass().Decide();
  EXPECT_TRUE(decision.permitted);
  EXPECT_THAT(decision.rule_ids, ElementsAre("INTEL/OFFICER", "BREAK_GLASS"));
  EXPECT_TRUE(decision.obligations.Has(Obligation::kPage));
  EXPECT_TRUE(decision.obligations.Has(Obligation::kLog));
}

TEST(BreakGlass, SetsConditionsAndAreasAside) {
  Asked asked = BrokenGlass();
  asked.label().set_handling(type::v1::Handling::C);
  asked.principal.areas = {"larkhill"};
  EXPECT_TRUE(asked.Decide().permitted);
}

TEST(BreakGlass, EndsAfterAnHour) {
  Asked asked = BrokenGlass();
  asked.context.break_glass_at = Noon() - absl::Minutes(60);
  EXPECT_FALSE(asked.Decide().permitted);
}

TEST(BreakGlass, TakesNoOtherPurpose) {
  Asked asked = BrokenGlass();
  asked.context.purpose = Purpose::SAFEGUARDING;
  EXPECT_FALSE(asked.Decide().permitted);
}

TEST(BreakGlass, AsksForATextWhateverTheTenantAsks) {
  Asked asked = BrokenGlass();
  asked.context.justified = false;
  asked.context.justification = Justification::kOff;
  EXPECT_FALSE(asked.Decide().permitted);
}

TEST(BreakGlass, NeverOpensASource) {
  Asked asked = HandlerAsks();
  asked.context = BrokenGlass().context;
  asked.principal.compartments = {};
  EXPECT_THAT(asked.Decide().rule_ids, ElementsAre("F3"));
}

TEST(BreakGlass, LeavesTenantsRestrictionAndMarkingAlone) {
  Asked asked = BrokenGlass();
  asked.resource.tenant = "eastvale";
  asked.resource.restricted = true;
  asked.label().set_marking(Marking::SECRET);
  EXPECT_THAT(asked.Decide().rule_ids, ElementsAre("F1", "F2", "F9"));
}

TEST(BreakGlass, GivesNobodyACellThatIsEmpty) {
  Asked asked = BrokenGlass();
  asked.principal.roles = {{Role::EVALUATOR, std::nullopt}};
  EXPECT_THAT(asked.Decide().rule_ids, ElementsAre("DEFAULT"));
}

// --------------------------------------------------------------------------------- obligations

Asked AnalystReadsOfPeople() {
  Asked asked = Ask(Role::ANALYST, DataClass::OPERATIONAL);
  asked.label().set_sensitivity(Sensitivity::PERSONAL);
  return asked;
}

TEST(Obligations, WithholdPersonsFromWhoHasNoCellForThem) {
  const Decision decision = AnalystReadsOfPeople().Decide();
  EXPECT_TRUE(decision.permitted);
  EXPECT_TRUE(decision.obligations.Has(Obligation::kRedact));
  EXPECT_FALSE(Opens(decision));
}

TEST(Obligations, WithholdNothingWhereOneRoleMaySee) {
  Asked asked = AnalystReadsOfPeople();
  asked.principal.roles.push_back({Role::OFFICER, std::nullopt});
  EXPECT_TRUE(Opens(asked.Decide()));
}

TEST(Obligations, CapRowsAndLogWhereverThereArePeople) {
  const Obligations owed = AnalystReadsOfPeople().Decide().obligations;
  EXPECT_TRUE(owed.Has(Obligation::kRowCap));
  EXPECT_TRUE(owed.Has(Obligation::kLog));
}

TEST(Obligations, MarkWhatLeavesAndWhatIsGuarded) {
  Asked asked = OfficerReads();
  EXPECT_FALSE(asked.Decide().obligations.Has(Obligation::kWatermark));
  asked.label().set_marking(Marking::OFFICIAL_SENSITIVE);
  EXPECT_TRUE(asked.Decide().obligations.Has(Obligation::kWatermark));
  asked.label().set_marking(Marking::OFFICIAL);
  asked.verb = Audit::DISCLOSE;
  EXPECT_TRUE(asked.Decide().obligations.Has(Obligation::kWatermark));
}

TEST(Obligations, AskForASecondPersonToEraseAndToDiscloseIntelligence) {
  EXPECT_TRUE(Ask(Role::RECORDS, DataClass::PERSON, Audit::ERASE)
                  .Decide()
                  .obligations.Has(Obligation::kSecondPerson));
  EXPECT_TRUE(Ask(Role::INTELLIGENCE, DataClass::INTEL, Audit::DISCLOSE)
                  .Decide()
                  .obligations.Has(Obligation::kSecondPerson));
  EXPECT_FALSE(Ask(Role::INTELLIGENCE, DataClass::INTEL)
                   .Decide()
                   .obligations.Has(Obligation::kSecondPerson));
}

TEST(Obligations, ForbidALocalCopyOfWhatSaysSo) {
  Asked asked = ConditionalReport();
  asked.conditions().set_no_local_copy(true);
  EXPECT_TRUE(asked.Decide().obligations.Has(Obligation::kNoLocalCopy));
}

// -------------------------------------------------------------------------------------- digest

TEST(Digest, NamesADecisionForEver) {
  EXPECT_EQ(ToHex(AsBytes(PackageReceived().Decide().digest)),
            "5d5d616ba91135e8b81b3bdd764355d061bdfb22376f2ce6efaaf1d0b7b39005");
}

TEST(Digest, IsTheSameInWhateverOrderListsStand) {
  Asked one = OfficerReads();
  one.principal.areas = {"mill-lane", "larkhill"};
  one.principal.roles = {{Role::OFFICER, {}}, {Role::LRO, {}}};
  Asked other = one;
  std::ranges::reverse(other.principal.areas);
  std::ranges::reverse(other.principal.roles);
  other.principal.areas.emplace_back("larkhill");
  EXPECT_EQ(one.Decide().digest, other.Decide().digest);
}

TEST(Digest, DiffersWhereAnythingWasAskedOtherwise) {
  const Hash digest = OfficerReads().Decide().digest;
  Asked later = OfficerReads();
  later.context.time = Noon() + absl::Microseconds(1);
  EXPECT_NE(later.Decide().digest, digest);
  Asked elsewhere = OfficerReads();
  elsewhere.principal.areas.emplace_back("larkhill");
  EXPECT_NE(elsewhere.Decide().digest, digest);
  Asked for_another = OfficerReads();
  for_another.context.purpose = Purpose::PARTNERSHIP;
  EXPECT_NE(for_another.Decide().digest, digest);
}

TEST(Digest, TellsAnAttributeFromItsNeighbour) {
  Asked phase = OfficerReads();
  phase.context.phase = "x";
  Asked operation = OfficerReads();
  operation.context.operation = "x";
  EXPECT_NE(phase.Decide().digest, operation.Decide().digest);
}

}  // namespace
}  // namespace holdfast::security::policy
