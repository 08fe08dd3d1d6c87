#include "directory/domain/agency.h"

#include <gtest/gtest.h>

#include "directory/domain/client.h"
#include "directory/domain/directory_fixtures.h"

namespace holdfast::directory {
namespace {

using Refusal = v1::Refusal;
constexpr testing::GivenEventsOf<Agency> Given;

template <class Command>
Command Police() {
  return Text(
      R"pb(agency_id: "westmoor-police" name: "Westmoor Police" type: POLICE regime: LED_PART3)pb");
}

v1::RetireAgency Retire() {
  return Text(R"pb(agency_id: "westmoor-police" reason: "merged")pb");
}

v1::AgencyRetired Retired() {
  return Text(R"pb(reason: "merged")pb");
}

TEST(Agency, IsRegisteredOnce) {
  Given().When(Police<v1::RegisterAgency>()).Then(PoliceRegistered());
  Given(PoliceRegistered()).When(Police<v1::RegisterAgency>()).ThenNothingHappens();
  v1::RegisterAgency other = Police<v1::RegisterAgency>();
  other.set_name("Eastvale Police");
  Given(PoliceRegistered()).When(other).ThenRefused(Refusal::WRONG_STATE, "agency_id");
  Given(PoliceRegistered(), Retired())
      .When(Police<v1::RegisterAgency>())
      .ThenRefused(Refusal::WRONG_STATE, "agency_id");
}

TEST(Agency, SaysWhatItIsAndUnderWhichLaw) {
  v1::RegisterAgency agency = Police<v1::RegisterAgency>();
  agency.clear_regime();
  Given().When(agency).ThenRefused(Refusal::REQUIRED, "regime");
  agency.clear_type();
  Given().When(agency).ThenRefused(Refusal::REQUIRED, "type");
  agency.clear_name();
  Given().When(agency).ThenRefused(Refusal::REQUIRED, "name");
}

TEST(Agency, Changes) {
  v1::ChangeAgency change = Police<v1::ChangeAgency>();
  Given(PoliceRegistered()).When(change).ThenNothingHappens();
  Given().When(change).ThenRefused(Refusal::WRONG_STATE, "agency_id");
  change.set_name("Westmoor Constabulary");
  const v1::AgencyChanged changed =
      Text(R"pb(name: "Westmoor Constabulary" type: POLICE regime: LED_PART3)pb");
  Given(PoliceRegistered()).When(change).Then(changed);
  Given(PoliceRegistered(), changed).When(change).ThenNothingHappens();
}

TEST(Agency, IsNotRetiredWhileSomebodyWorksForIt) {
  Given(PoliceRegistered()).When(Retire()).Then(Retired());
  Given(PoliceRegistered(), Retired()).When(Retire()).ThenNothingHappens();
  Given().When(Retire()).ThenRefused(Refusal::WRONG_STATE, "agency_id");
  Given(PoliceRegistered())
      .With<Member>("ann", Enrolled())
      .When(Retire())
      .ThenRefused(Refusal::HAS_MEMBERS, "agency_id");
  Given(PoliceRegistered())
      .With<Member>("ann", Enrolled(), v1::MemberLeft())
      .When(Retire())
      .Then(Retired());
  const v1::ClientRegistered feed = Text(R"pb(client_id: "feed" agency: "westmoor-police")pb");
  Given(PoliceRegistered())
      .With<Client>("feed", feed)
      .When(Retire())
      .ThenRefused(Refusal::HAS_MEMBERS, "agency_id");
  v1::RetireAgency unexplained = Retire();
  unexplained.clear_reason();
  Given(PoliceRegistered()).When(unexplained).ThenRefused(Refusal::REQUIRED, "reason");
}

TEST(Agency, IsCorrectedInItsName) {
  v1::CorrectAgency correct =
      Text(R"pb(agency_id: "westmoor-police" reason: "typed" name: "WP")pb");
  const v1::AgencyCorrected corrected = Text(R"pb(field: "name" reason: "typed" name: "WP")pb");
  Given(PoliceRegistered()).When(correct).Then(corrected);
  Given(PoliceRegistered(), corrected).When(correct).ThenNothingHappens();
  Given().When(correct).ThenRefused(Refusal::WRONG_STATE, "agency_id");
  correct.clear_name();
  Given(PoliceRegistered()).When(correct).ThenRefused(Refusal::REQUIRED, "name");
  correct.clear_reason();
  Given(PoliceRegistered()).When(correct).ThenRefused(Refusal::REQUIRED, "reason");
}

}  // namespace
}  // namespace holdfast::directory
