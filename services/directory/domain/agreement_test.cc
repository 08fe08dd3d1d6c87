#include "directory/domain/agreement.h"

#include <gtest/gtest.h>

#include "directory/domain/directory_fixtures.h"

namespace holdfast::directory {
namespace {

using Refusal = v1::Refusal;
constexpr testing::GivenEventsOf<Agreement> Given;

v1::AgreementTerms Terms() {
  return Text(R"pb(classes: PARTNERSHIP
                   purposes: PARTNERSHIP
                   gateway: CDA1998_S115
                   data_items: "address"
                   areas: "*"
                   expires_on: { year: 2026 month: 12 day: 31 })pb");
}

v1::RegisterAgreement Register() {
  v1::RegisterAgreement command;
  command.set_agreement_id("isa-1");
  command.set_title("Larkhill sharing");
  command.set_from(kPolice);
  command.set_to(kCouncil);
  *command.mutable_terms() = Terms();
  return command;
}

v1::AgreementRegistered Registered() {
  v1::AgreementRegistered fact;
  fact.set_title("Larkhill sharing");
  fact.set_from(kPolice);
  fact.set_to(kCouncil);
  *fact.mutable_terms() = Terms();
  return fact;
}

v1::AgreementSigned Signed(const char* agency, const char* by, bool completes) {
  v1::AgreementSigned fact;
  fact.set_agency(agency);
  fact.set_signed_by(by);
  fact.set_completes(completes);
  return fact;
}

template <class Command>
Command OfIt() {
  Command command;
  command.set_agreement_id("isa-1");
  return command;
}

template <class Command>
Command Because() {
  Command command = OfIt<Command>();
  command.set_reason("it changed");
  return command;
}

TEST(Agreement, IsRegisteredBetweenTwoAgenciesOnce) {
  Given()
      .With<Agency>(kPolice, PoliceRegistered())
      .With<Agency>(kCouncil, CouncilRegistered())
      .When(Register())
      .Then(Registered());
  Given(Registered())
      .With<Agency>(kPolice, PoliceRegistered())
      .With<Agency>(kCouncil, CouncilRegistered())
      .When(Register())
      .ThenNothingHappens();
  Given()
      .With<Agency>(kPolice, PoliceRegistered())
      .When(Register())
      .ThenRefused(Refusal::AGENCY_UNKNOWN, "to");
  Given()
      .With<Agency>(kCouncil, CouncilRegistered())
      .When(Register())
      .ThenRefused(Refusal::AGENCY_UNKNOWN, "from");
  v1::RegisterAgreement alone = Register();
  alone.set_to(kPolice);
  Given().When(alone).ThenRefused(Refusal::SAME_PARTY, "to");
  v1::RegisterAgreement other = Register();
  other.set_title("Another");
  Given(Registered()).When(other).ThenRefused(Refusal::WRONG_STATE, "agreement_id");
}

TEST(Agreement, SaysWhatIsSharedWhyAndUntilWhen) {
  const auto refused = [](auto clear, const char* field) {
    v1::RegisterAgreement command = Register();
    clear(*command.mutable_terms());
    Given().When(command).ThenRefused(Refusal::REQUIRED, field);
  };
  refused([](auto& terms) { terms.clear_classes(); }, "terms.classes");
  refused([](auto& terms) { terms.clear_purposes(); }, "terms.purposes");
  refused([](auto& terms) { terms.clear_gateway(); }, "terms.gateway");
  refused([](auto& terms) { terms.clear_data_items(); }, "terms.data_items");
  refused([](auto& terms) { terms.clear_areas(); }, "terms.areas");
  refused([](auto& terms) { terms.clear_expires_on(); }, "terms.expires_on");
  v1::RegisterAgreement past = Register();
  *past.mutable_terms()->mutable_expires_on() = On(2026, 3, 1);
  Given().When(past).ThenRefused(Refusal::DATE_ORDER, "terms.expires_on");
  v1::RegisterAgreement untitled = Register();
  untitled.clear_title();
  Given().When(untitled).ThenRefused(Refusal::REQUIRED, "title");
  v1::RegisterAgreement nobody = Register();
  nobody.clear_to();
  Given().When(nobody).ThenRefused(Refusal::REQUIRED, "to");
  nobody.clear_from();
  Given().When(nobody).ThenRefused(Refusal::REQUIRED, "from");
}

TEST(Agreement, IsActiveOnceBothHaveSigned) {
  const auto sign = OfIt<v1::SignAgreement>();
  Given(Registered()).By("ann", kPolice).When(sign).Then(Signed(kPolice, "ann", false));
  const auto signed_once = Signed(kPolice, "ann", false);
  Given(Registered(), signed_once).By("bob", kPolice).When(sign).ThenNothingHappens();
  const auto outcome = Given(Registered(), signed_once).By("cat", kCouncil).When(sign);
  outcome.Then(Signed(kCouncil, "cat", true));
  EXPECT_EQ(outcome.state().life(), v1::AgreementState::ACTIVE);
  Given(Registered()).By("dan", "homes").When(sign).ThenRefused(Refusal::NOT_A_PARTY);
  Given().By("ann", kPolice).When(sign).ThenRefused(Refusal::WRONG_STATE, "agreement_id");
}

TEST(Agreement, IsSignedAnewWhenAmended) {
  v1::AmendAgreement amend = Because<v1::AmendAgreement>();
  *amend.mutable_terms() = Terms();
  Given(Registered()).When(amend).ThenNothingHappens();
  amend.mutable_terms()->add_data_items("tenancy");
  v1::AgreementAmended amended;
  *amended.mutable_terms() = amend.terms();
  amended.set_reason("it changed");
  const auto outcome =
      Given(Registered(), Signed(kPolice, "ann", false), Signed(kCouncil, "cat", true)).When(amend);
  outcome.Then(amended);
  EXPECT_EQ(outcome.state().signatories_size(), 0);
  EXPECT_EQ(outcome.state().life(), v1::AgreementState::TO_SIGN);
  Given().When(amend).ThenRefused(Refusal::WRONG_STATE, "agreement_id");
  amend.mutable_terms()->clear_areas();
  Given(Registered()).When(amend).ThenRefused(Refusal::REQUIRED, "terms.areas");
  amend.clear_reason();
  Given(Registered()).When(amend).ThenRefused(Refusal::REQUIRED, "reason");
}

TEST(Agreement, EndsOnce) {
  const v1::AgreementEnded ended = Text(R"pb(reason: "it changed")pb");
  Given(Registered()).When(Because<v1::EndAgreement>()).Then(ended);
  Given(Registered(), ended).When(Because<v1::EndAgreement>()).ThenNothingHappens();
  Given(Registered(), ended)
      .By("ann", kPolice)
      .When(OfIt<v1::SignAgreement>())
      .ThenRefused(Refusal::WRONG_STATE);
  Given().When(Because<v1::EndAgreement>()).ThenRefused(Refusal::WRONG_STATE);
  Given(Registered()).When(OfIt<v1::EndAgreement>()).ThenRefused(Refusal::REQUIRED, "reason");
  EXPECT_TRUE(Given(Registered(), ended).Due().empty());
}

TEST(Agreement, SaysFourWeeksBeforeThatItExpires) {
  v1::AgreementExpiring expiring;
  *expiring.mutable_expires_on() = On(2026, 12, 31);
  Given(Registered()).WhenDue("expiring").Then(expiring);
  EXPECT_EQ(Given(Registered()).Due().size(), 2U);
  EXPECT_EQ(Given(Registered(), expiring).Due().size(), 1U);
  Given(Registered()).When(OfIt<v1::NoteAgreementExpiring>()).ThenNothingHappens();
}

TEST(Agreement, ExpiresOnTheDayAfterItsLast) {
  v1::AgreementExpired expired;
  *expired.mutable_expires_on() = On(2026, 12, 31);
  Given(Registered()).WhenDue("expired").Then(expired);
  EXPECT_TRUE(Given(Registered(), expired).Due().empty());
  Given(Registered()).When(OfIt<v1::NoteAgreementExpired>()).ThenNothingHappens();
  Given(Registered(), expired).When(Because<v1::EndAgreement>()).ThenRefused(Refusal::WRONG_STATE);
}

TEST(Agreement, IsCorrectedInItsTitle) {
  v1::CorrectAgreement correct = Because<v1::CorrectAgreement>();
  correct.set_title("Lark Hill sharing");
  v1::AgreementCorrected corrected;
  corrected.set_field("title");
  corrected.set_reason("it changed");
  corrected.set_title("Lark Hill sharing");
  Given(Registered()).When(correct).Then(corrected);
  Given(Registered(), corrected).When(correct).ThenNothingHappens();
  Given().When(correct).ThenRefused(Refusal::WRONG_STATE);
  correct.clear_title();
  Given(Registered()).When(correct).ThenRefused(Refusal::REQUIRED, "title");
  correct.clear_reason();
  Given(Registered()).When(correct).ThenRefused(Refusal::REQUIRED, "reason");
}

}  // namespace
}  // namespace holdfast::directory
