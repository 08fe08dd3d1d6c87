#include "initiative/domain/site.h"

#include <gtest/gtest.h>

#include "initiative/domain/site_fixtures.h"

namespace holdfast::initiative {
namespace {

constexpr testing::GivenEventsOf<Site> Given;
using Refusal = v1::Refusal;

v1::CreateSite CreateMillLane() {
  return Text(R"pb(site_id: "01900000-0000-7000-8000-000000000001" name: "Mill Lane")pb");
}
v1::SignUpAgency SignUpCouncil() {
  return Text(R"pb(agency: "westmoor-council" type: COUNCIL)pb");
}
v1::WithdrawAgency WithdrawCouncil() {
  return Text(R"pb(agency: "westmoor-council" reason: "reorganised")pb");
}
v1::NameSponsor NameChief(const std::string& holder) {
  v1::NameSponsor command = Text(R"pb(duty: CHIEF_OFFICER agency: "westmoor-police")pb");
  command.set_holder_ref(holder);
  return command;
}
v1::SponsorNamed ChiefNamed() {
  return Text(R"pb(duty: CHIEF_OFFICER
                   holder_ref: "chief"
                   agency: "westmoor-police"
                   named_on: { year: 2026 month: 3 day: 2 })pb");
}
v1::NameBrand NameIt(const std::string& brand) {
  v1::NameBrand command = Text(R"pb(chosen_by: RESIDENTS)pb");
  command.set_brand(brand);
  return command;
}
v1::PoliceTermsPublished TermsPublished() {
  return Text(R"pb(terms: {
                     version: 3
                     valid_from: { year: 2010 month: 1 day: 1 }
                     standing: VERIFIED
                     terms: "OCG"
                     terms: "clear hold build"
                     terms: "op"
                   })pb");
}
v1::CloseSite CloseIt() {
  return Text(R"pb(reason: "handed over")pb");
}
v1::SiteClosed SiteClosedNow() {
  return Text(R"pb(closed_on: { year: 2026 month: 3 day: 2 }
                   reason: "handed over")pb");
}

TEST(Site, IsCreatedOnTheDayItIsAskedFor) {
  Given().To(kSiteId).When(CreateMillLane()).Then(MillLaneCreated());
}

TEST(Site, IsCreatedOnce) {
  Given(MillLaneCreated()).To(kSiteId).When(CreateMillLane()).ThenNothingHappens();
}

TEST(Site, DoesNotTakeTheIdOfAnother) {
  v1::CreateSite another = CreateMillLane();
  another.set_name("Harbour Side");
  Given(MillLaneCreated()).When(another).ThenRefused(Refusal::WRONG_STATE, "site_id");
}

TEST(Site, NeedsAName) {
  Given().When(v1::CreateSite()).ThenRefused(Refusal::REQUIRED, "name");
}

TEST(Site, RefusesEverythingBeforeItExists) {
  Given().When(SignUpCouncil()).ThenRefused(Refusal::WRONG_STATE, "site_id");
  Given().When(WithdrawCouncil()).ThenRefused(Refusal::WRONG_STATE, "site_id");
  Given().When(NameChief("chief")).ThenRefused(Refusal::WRONG_STATE, "site_id");
  Given().When(NameIt("Better Together")).ThenRefused(Refusal::WRONG_STATE, "site_id");
  Given().When(CloseIt()).ThenRefused(Refusal::WRONG_STATE, "site_id");
  Given().When(Open(v1::Phase::CLEAR)).ThenRefused(Refusal::WRONG_STATE, "site_id");
  Given().When(v1::SetBoundary()).ThenRefused(Refusal::WRONG_STATE, "site_id");
  Given().When(v1::ClosePhase()).ThenRefused(Refusal::WRONG_STATE, "site_id");
  Given().When(v1::RecordPastPhase()).ThenRefused(Refusal::WRONG_STATE, "site_id");
  Given().When(v1::RecordEvidence()).ThenRefused(Refusal::WRONG_STATE, "site_id");
  Given().When(v1::WithdrawEvidence()).ThenRefused(Refusal::WRONG_STATE, "site_id");
  Given().When(v1::EvaluateGate()).ThenRefused(Refusal::WRONG_STATE, "site_id");
  Given().When(v1::OverrideGate()).ThenRefused(Refusal::WRONG_STATE, "site_id");
  Given().When(v1::CorrectSite()).ThenRefused(Refusal::WRONG_STATE, "site_id");
}

TEST(Site, RefusesWhatChangesItOnceItIsClosed) {
  Given(MillLaneCreated(), SiteClosedNow())
      .When(SignUpCouncil())
      .ThenRefused(Refusal::WRONG_STATE, "site_id");
  Given(MillLaneCreated(), SiteClosedNow())
      .When(Open(v1::Phase::CLEAR))
      .ThenRefused(Refusal::WRONG_STATE, "site_id");
}

TEST(Site, SignsAnAgencyUpOnce) {
  Given(MillLaneCreated()).When(SignUpCouncil()).Then(CouncilSignedUp());
  Given(MillLaneCreated(), CouncilSignedUp()).When(SignUpCouncil()).ThenNothingHappens();
}

TEST(Site, SignsAnAgencyUpAgainAsAnotherType) {
  v1::SignUpAgency command = SignUpCouncil();
  command.set_type(type::v1::Agency::HOUSING);
  v1::AgencySignedUp signed_up = CouncilSignedUp();
  signed_up.set_type(type::v1::Agency::HOUSING);
  const auto outcome = Given(MillLaneCreated(), CouncilSignedUp()).When(command);
  outcome.Then(signed_up);
  ASSERT_EQ(outcome.state().agencies_size(), 1);
  EXPECT_EQ(outcome.state().agencies(0).type(), type::v1::Agency::HOUSING);
}

TEST(Site, SignsNobodyUpInTheFutureOrWithoutAType) {
  v1::SignUpAgency later = SignUpCouncil();
  *later.mutable_signed_on() = On(2026, 3, 3);
  Given(MillLaneCreated()).When(later).ThenRefused(Refusal::IN_FUTURE, "signed_on");
  v1::SignUpAgency untyped = SignUpCouncil();
  untyped.clear_type();
  Given(MillLaneCreated()).When(untyped).ThenRefused(Refusal::REQUIRED, "type");
  v1::SignUpAgency nobody = SignUpCouncil();
  nobody.clear_agency();
  Given(MillLaneCreated()).When(nobody).ThenRefused(Refusal::REQUIRED, "agency");
}

TEST(Site, LetsAnAgencyGoWithAReason) {
  v1::AgencyWithdrawn withdrawn = Text(R"pb(agency: "westmoor-council"
                                            reason: "reorganised"
                                            withdrawn_on: { year: 2026 month: 3 day: 2 })pb");
  Given(MillLaneCreated(), CouncilSignedUp()).When(WithdrawCouncil()).Then(withdrawn);
  Given(MillLaneCreated(), CouncilSignedUp(), withdrawn)
      .When(WithdrawCouncil())
      .ThenNothingHappens();
  v1::WithdrawAgency unexplained = WithdrawCouncil();
  unexplained.clear_reason();
  Given(MillLaneCreated(), CouncilSignedUp())
      .When(unexplained)
      .ThenRefused(Refusal::REQUIRED, "reason");
  v1::WithdrawAgency later = WithdrawCouncil();
  *later.mutable_withdrawn_on() = On(2026, 3, 3);
  Given(MillLaneCreated(), CouncilSignedUp())
      .When(later)
      .ThenRefused(Refusal::IN_FUTURE, "withdrawn_on");
}

TEST(Site, WarnsWhereTheAgencyThatGoesLeadsAnOpenPhase) {
  v1::PhaseOpened build = Opened(1, v1::Phase::BUILD, On(2026, 3, 1));
  build.set_lead_agency("westmoor-council");
  Given(MillLaneCreated(), CouncilSignedUp(), build)
      .When(WithdrawCouncil())
      .ThenWarns(v1::Warning::LEAD_WITHDREW);
}

TEST(Site, NamesASponsorOnce) {
  Given(MillLaneCreated()).When(NameChief("chief")).Then(ChiefNamed());
  Given(MillLaneCreated(), ChiefNamed()).When(NameChief("chief")).ThenNothingHappens();
}

TEST(Site, ReplacesTheSponsorOfADuty) {
  const auto outcome = Given(MillLaneCreated(), ChiefNamed()).When(NameChief("new-chief"));
  ASSERT_EQ(outcome.state().sponsors_size(), 1);
  EXPECT_EQ(outcome.state().sponsors(0).holder_ref(), "new-chief");
}

TEST(Site, LetsNobodyMakeThemselvesASponsor) {
  Given(MillLaneCreated())
      .By("chief", "westmoor-police")
      .When(NameChief("chief"))
      .ThenRefused(Refusal::SAME_PERSON, "holder_ref");
}

TEST(Site, HasSponsorsOfFourDutiesOnly) {
  v1::NameSponsor analyst = NameChief("ann");
  analyst.set_duty(type::v1::Duty::ANALYST);
  Given(MillLaneCreated()).When(analyst).ThenRefused(Refusal::UNKNOWN_CODE, "duty");
  Given(MillLaneCreated()).When(NameChief("")).ThenRefused(Refusal::REQUIRED, "holder_ref");
  v1::NameSponsor later = NameChief("chief");
  *later.mutable_named_on() = On(2026, 3, 3);
  Given(MillLaneCreated()).When(later).ThenRefused(Refusal::IN_FUTURE, "named_on");
}

TEST(Site, TakesANameThatResidentsChose) {
  v1::BrandNamed named =
      Text(R"pb(brand: "Better Together" chosen_by: RESIDENTS terms_version: 3)pb");
  Given(MillLaneCreated())
      .With<Reference>("police-terms", TermsPublished())
      .When(NameIt("Better Together"))
      .Then(named);
  Given(MillLaneCreated(), named)
      .With<Reference>("police-terms", TermsPublished())
      .When(NameIt("Better Together"))
      .ThenNothingHappens();
}

TEST(Site, RefusesANameThatSpeaksPolice) {
  for (const char* brand : {"The OCG Fund", "ocg", "Clear, Hold & Build!", "Op Sunrise"}) {
    Given(MillLaneCreated())
        .With<Reference>("police-terms", TermsPublished())
        .When(NameIt(brand))
        .ThenRefused(Refusal::BRAND_USES_POLICE_TERM, "brand");
  }
}

TEST(Site, TakesANameThatOnlyContainsATermAsPartOfAWord) {
  Given(MillLaneCreated())
      .With<Reference>("police-terms", TermsPublished())
      .When(NameIt("Hope and Opportunity"))
      .Then(v1::BrandNamed(Text(R"pb(brand: "Hope and Opportunity"
                                     chosen_by: RESIDENTS
                                     terms_version: 3)pb")));
}

TEST(Site, WarnsWhereNoListOfTermsIsPublished) {
  Given(MillLaneCreated())
      .When(NameIt("Better Together"))
      .ThenWarns(v1::Warning::TERMS_NOT_PUBLISHED);
}

TEST(Site, AsksWhoChoseTheName) {
  v1::NameBrand unknown = NameIt("Better Together");
  unknown.clear_chosen_by();
  Given(MillLaneCreated()).When(unknown).ThenRefused(Refusal::REQUIRED, "chosen_by");
  Given(MillLaneCreated()).When(NameIt("")).ThenRefused(Refusal::REQUIRED, "brand");
}

TEST(Site, ClosesOnceNoPhaseIsOpen) {
  Given(MillLaneCreated()).When(CloseIt()).Then(SiteClosedNow());
  Given(MillLaneCreated(), SiteClosedNow()).When(CloseIt()).ThenNothingHappens();
  Given(MillLaneCreated(), Opened(1, v1::Phase::CLEAR, On(2026, 3, 1)))
      .When(CloseIt())
      .ThenRefused(Refusal::PHASES_OPEN);
  v1::CloseSite later = CloseIt();
  *later.mutable_closed_on() = On(2026, 3, 3);
  Given(MillLaneCreated()).When(later).ThenRefused(Refusal::IN_FUTURE, "closed_on");
  Given(MillLaneCreated()).When(v1::CloseSite()).ThenRefused(Refusal::REQUIRED, "reason");
}

}  // namespace
}  // namespace holdfast::initiative
