#include "directory/domain/client.h"

#include <gtest/gtest.h>

#include "directory/domain/directory_fixtures.h"

namespace holdfast::directory {
namespace {

using Refusal = v1::Refusal;
constexpr testing::GivenEventsOf<Client> Given;

v1::RegisterClient Register() {
  v1::RegisterClient command;
  command.set_client_id("feed");
  command.set_title("Crime feed");
  command.set_agency(kPolice);
  command.set_subject_mac(Mac('f'));
  command.add_roles(Role::INTEGRATOR);
  command.add_areas("*");
  return command;
}

v1::ClientRegistered Registered() {
  v1::ClientRegistered fact;
  fact.set_client_id("feed");
  fact.set_title("Crime feed");
  fact.set_agency(kPolice);
  fact.set_subject_mac(Mac('f'));
  fact.add_roles(Role::INTEGRATOR);
  fact.add_areas("*");
  return fact;
}

template <class Command>
Command Because(const char* reason = "replaced") {
  Command command;
  command.set_client_id("feed");
  command.set_reason(reason);
  return command;
}

template <class Fact>
Fact Fell() {
  Fact fact;
  fact.set_reason("replaced");
  return fact;
}

v1::SetWebhook Webhook() {
  return Text(R"pb(client_id: "feed" url: "https://feed.example/in" types: "a.B")pb");
}

v1::WebhookSet WebhookWasSet() {
  return Text(R"pb(client_id: "feed" url: "https://feed.example/in" types: "a.B")pb");
}

TEST(Client, IsRegisteredOnce) {
  Given().With<Agency>(kPolice, PoliceRegistered()).When(Register()).Then(Registered());
  Given(Registered())
      .With<Agency>(kPolice, PoliceRegistered())
      .When(Register())
      .ThenNothingHappens();
  Given().When(Register()).ThenRefused(Refusal::AGENCY_UNKNOWN, "agency");
  v1::RegisterClient other = Register();
  other.set_title("Another");
  Given(Registered()).When(other).ThenRefused(Refusal::WRONG_STATE, "client_id");
}

TEST(Client, SaysWhatItIsAndForWhom) {
  v1::RegisterClient command = Register();
  command.clear_roles();
  Given().When(command).ThenRefused(Refusal::REQUIRED, "roles");
  command.clear_subject_mac();
  Given().When(command).ThenRefused(Refusal::REQUIRED, "subject_mac");
  command.clear_agency();
  Given().When(command).ThenRefused(Refusal::REQUIRED, "agency");
  command.clear_title();
  Given().When(command).ThenRefused(Refusal::REQUIRED, "title");
}

TEST(Client, HoldsNoRoleThatAPersonAnswersFor) {
  for (const Role::Code role : {Role::SENIOR_SPONSOR, Role::SRO, Role::LRO, Role::SOURCE_HANDLER,
                                Role::RECORDS, Role::AUDITOR, Role::ADMINISTRATOR}) {
    v1::RegisterClient command = Register();
    command.add_roles(role);
    Given().When(command).ThenRefused(Refusal::ROLE_NOT_FOR_CLIENT, "roles");
    v1::ChangeClient change;
    change.set_client_id("feed");
    change.add_roles(role);
    Given(Registered()).When(change).ThenRefused(Refusal::ROLE_NOT_FOR_CLIENT, "roles");
  }
}

TEST(Client, SharesItsSignInWithNobody) {
  Given()
      .With<Agency>(kPolice, PoliceRegistered())
      .With<Member>("ann", Enrolled("ann", 'f'))
      .When(Register())
      .ThenRefused(Refusal::SUBJECT_TAKEN, "subject_mac");
}

TEST(Client, ChangesButNotItself) {
  v1::ChangeClient change;
  change.set_client_id("feed");
  change.add_roles(Role::INTEGRATOR);
  change.add_areas("*");
  Given(Registered()).When(change).ThenNothingHappens();
  change.add_roles(Role::ANALYST);
  const v1::ClientChanged changed = Text(R"pb(roles: ANALYST roles: INTEGRATOR areas: "*")pb");
  Given(Registered()).When(change).Then(changed);
  Given(Registered(), changed).When(change).ThenNothingHappens();
  Given(Registered()).By("feed", kPolice).When(change).ThenRefused(Refusal::SELF_GRANT);
  Given().When(change).ThenRefused(Refusal::WRONG_STATE, "client_id");
}

TEST(Client, HearsByAWebhook) {
  Given(Registered()).When(Webhook()).Then(WebhookWasSet());
  Given(Registered(), WebhookWasSet()).When(Webhook()).ThenNothingHappens();
  v1::SetWebhook secret = Webhook();
  secret.mutable_secret()->set_text("whsec_x");
  EXPECT_EQ(Given(Registered(), WebhookWasSet()).When(secret).decision().events.size(), 1U);
  Given().When(Webhook()).ThenRefused(Refusal::WRONG_STATE, "client_id");
  v1::SetWebhook nothing = Webhook();
  nothing.clear_types();
  Given(Registered()).When(nothing).ThenRefused(Refusal::REQUIRED, "types");
  nothing.clear_url();
  Given(Registered()).When(nothing).ThenRefused(Refusal::REQUIRED, "url");
}

TEST(Client, StopsHearing) {
  Given(Registered()).When(Because<v1::DisableWebhook>()).ThenNothingHappens();
  Given(Registered(), WebhookWasSet())
      .When(Because<v1::DisableWebhook>())
      .Then(Fell<v1::WebhookDisabled>());
  Given(Registered(), WebhookWasSet())
      .When(Because<v1::DisableWebhook>(""))
      .ThenRefused(Refusal::REQUIRED, "reason");
  Given().When(Because<v1::DisableWebhook>()).ThenRefused(Refusal::WRONG_STATE);
}

TEST(Client, IsSuspendedResumedAndRetired) {
  const auto suspended = Fell<v1::ClientSuspended>();
  Given(Registered()).When(Because<v1::SuspendClient>()).Then(suspended);
  Given(Registered(), suspended).When(Because<v1::SuspendClient>()).ThenNothingHappens();
  Given(Registered(), suspended).When(Because<v1::ResumeClient>()).Then(Fell<v1::ClientResumed>());
  Given(Registered()).When(Because<v1::ResumeClient>()).ThenNothingHappens();
  const auto retired = Fell<v1::ClientRetired>();
  const auto outcome = Given(Registered(), WebhookWasSet()).When(Because<v1::RetireClient>());
  outcome.Then(retired);
  EXPECT_EQ(outcome.state().webhook_url(), "");
  Given(Registered(), retired).When(Because<v1::RetireClient>()).ThenNothingHappens();
  Given(Registered(), retired).When(Because<v1::ResumeClient>()).ThenRefused(Refusal::WRONG_STATE);
  Given().When(Because<v1::SuspendClient>()).ThenRefused(Refusal::WRONG_STATE);
  Given().When(Because<v1::RetireClient>()).ThenRefused(Refusal::WRONG_STATE);
  Given(Registered()).When(Because<v1::SuspendClient>("")).ThenRefused(Refusal::REQUIRED);
  Given(Registered(), suspended).When(Because<v1::ResumeClient>("")).ThenRefused(Refusal::REQUIRED);
  Given(Registered()).When(Because<v1::RetireClient>("")).ThenRefused(Refusal::REQUIRED);
}

TEST(Client, IsCorrectedInItsTitle) {
  v1::CorrectClient correct = Because<v1::CorrectClient>();
  correct.set_title("Crime feed 2");
  const v1::ClientCorrected corrected =
      Text(R"pb(field: "title" reason: "replaced" title: "Crime feed 2")pb");
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
