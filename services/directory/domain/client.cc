#include "directory/domain/client.h"

#include <algorithm>
#include <array>
#include <optional>

#include "directory/domain/agency.h"
#include "directory/domain/member.h"
#include "directory/domain/same.h"

namespace holdfast::directory {
namespace {

using Refusal = v1::Refusal;
using Role = options::v1::Role;
using State = v1::ClientState;

// Those that approve, open sources, read the audit or destroy: a person answers for each.
constexpr std::array<Role::Code, 7> kOfPersonsOnly = {
    Role::SENIOR_SPONSOR, Role::SRO,     Role::LRO,          Role::SOURCE_HANDLER,
    Role::RECORDS,        Role::AUDITOR, Role::ADMINISTRATOR};

bool Lives(const State& now) {
  return now.life() == State::ACTIVE || now.life() == State::SUSPENDED;
}

tl::unexpected<Refused<Refusal::Code>> NotThere() {
  return Refuse(Refusal::WRONG_STATE, "client_id", "a client that is registered and not retired");
}

template <class Roles>
std::optional<Client::Decision> FaultIn(const Roles& roles) {
  if (roles.empty()) return Refuse(Refusal::REQUIRED, "roles");
  for (const int role : roles) {
    if (std::ranges::find(kOfPersonsOnly, static_cast<Role::Code>(role)) != kOfPersonsOnly.end())
      return Refuse(Refusal::ROLE_NOT_FOR_CLIENT, "roles");
  }
  return std::nullopt;
}

template <class Asked>
bool MayTheSame(const State& now, const Asked& asked) {
  return std::ranges::equal(now.roles(), Ordered(asked.roles())) &&
         std::ranges::equal(now.areas(), Ordered(asked.areas()));
}

}  // namespace

Client::Decision Client::Decide(const State& now, const v1::RegisterClient& command,
                                const DecisionContext& context) {
  if (command.title().empty()) return Refuse(Refusal::REQUIRED, "title");
  if (command.agency().empty()) return Refuse(Refusal::REQUIRED, "agency");
  if (command.subject_mac().empty()) return Refuse(Refusal::REQUIRED, "subject_mac");
  if (auto fault = FaultIn(command.roles())) return *std::move(fault);
  const bool same = Lives(now) && now.title() == command.title() &&
                    now.agency() == command.agency() &&
                    now.subject_mac() == command.subject_mac() && MayTheSame(now, command);
  if (same) return {};
  if (now.life() != State::LIFE_UNSPECIFIED)
    return Refuse(Refusal::WRONG_STATE, "client_id", "an id that no client has had");
  if (!command.resolved().unknown().empty()) return Refuse(Refusal::AGENCY_UNKNOWN, "agency");
  v1::ClientRegistered registered;
  registered.set_client_id(std::string(context.stream_id));
  registered.set_title(command.title());
  registered.set_agency(command.agency());
  registered.set_subject_mac(command.subject_mac());
  *registered.mutable_roles() = Ordered(command.roles());
  *registered.mutable_areas() = Ordered(command.areas());
  Facts<Event, Refusal::Code> facts(std::move(registered));
  facts.Unless(Member::SubjectTag(command.subject_mac()), Refusal::SUBJECT_TAKEN, "subject_mac");
  return facts;
}

Client::Decision Client::Decide(const State& now, const v1::ChangeClient& command,
                                const DecisionContext& context) {
  if (!Lives(now)) return NotThere();
  if (context.actor == context.stream_id) return Refuse(Refusal::SELF_GRANT, "client_id");
  if (auto fault = FaultIn(command.roles())) return *std::move(fault);
  if (MayTheSame(now, command)) return {};
  v1::ClientChanged changed;
  *changed.mutable_roles() = Ordered(command.roles());
  *changed.mutable_areas() = Ordered(command.areas());
  return changed;
}

Client::Decision Client::Decide(const State& now, const v1::SetWebhook& command,
                                const DecisionContext& context) {
  if (!Lives(now)) return NotThere();
  if (command.url().empty()) return Refuse(Refusal::REQUIRED, "url");
  if (command.types().empty()) return Refuse(Refusal::REQUIRED, "types");
  v1::WebhookSet set;
  set.set_client_id(std::string(context.stream_id));
  set.set_url(command.url());
  *set.mutable_types() = Ordered(command.types());
  if (command.has_secret()) {
    *set.mutable_secret() = command.secret();
    *set.mutable_label() = LabelFor(now.agency());
  }
  // A secret is sealed and cannot be compared: a new one is a new fact.
  const bool same = !command.has_secret() && now.webhook_url() == command.url() &&
                    std::ranges::equal(now.webhook_types(), set.types());
  if (same) return {};
  return set;
}

Client::Decision Client::Decide(const State& now, const v1::DisableWebhook& command,
                                const DecisionContext&) {
  if (!Lives(now)) return NotThere();
  if (now.webhook_url().empty()) return {};
  if (command.reason().empty()) return Refuse(Refusal::REQUIRED, "reason");
  v1::WebhookDisabled disabled;
  disabled.set_reason(command.reason());
  return disabled;
}

Client::Decision Client::Decide(const State& now, const v1::SuspendClient& command,
                                const DecisionContext&) {
  if (now.life() == State::SUSPENDED) return {};
  if (now.life() != State::ACTIVE) return NotThere();
  if (command.reason().empty()) return Refuse(Refusal::REQUIRED, "reason");
  v1::ClientSuspended suspended;
  suspended.set_reason(command.reason());
  return suspended;
}

Client::Decision Client::Decide(const State& now, const v1::ResumeClient& command,
                                const DecisionContext&) {
  if (now.life() == State::ACTIVE) return {};
  if (now.life() != State::SUSPENDED) return NotThere();
  if (command.reason().empty()) return Refuse(Refusal::REQUIRED, "reason");
  v1::ClientResumed resumed;
  resumed.set_reason(command.reason());
  return resumed;
}

Client::Decision Client::Decide(const State& now, const v1::RetireClient& command,
                                const DecisionContext&) {
  if (now.life() == State::RETIRED) return {};
  if (!Lives(now)) return NotThere();
  if (command.reason().empty()) return Refuse(Refusal::REQUIRED, "reason");
  v1::ClientRetired retired;
  retired.set_reason(command.reason());
  return retired;
}

Client::Decision Client::Decide(const State& now, const v1::CorrectClient& command,
                                const DecisionContext&) {
  if (!Lives(now)) return NotThere();
  if (command.reason().empty()) return Refuse(Refusal::REQUIRED, "reason");
  if (command.title().empty()) return Refuse(Refusal::REQUIRED, "title");
  if (command.title() == now.title()) return {};
  v1::ClientCorrected corrected;
  corrected.set_field("title");
  corrected.set_reason(command.reason());
  corrected.set_title(command.title());
  return corrected;
}

void Client::Evolve(State& state, const v1::ClientRegistered& event) {
  state.set_life(State::ACTIVE);
  state.set_title(event.title());
  state.set_agency(event.agency());
  state.set_subject_mac(event.subject_mac());
  *state.mutable_roles() = event.roles();
  *state.mutable_areas() = event.areas();
}

void Client::Evolve(State& state, const v1::ClientChanged& event) {
  *state.mutable_roles() = event.roles();
  *state.mutable_areas() = event.areas();
}

void Client::Evolve(State& state, const v1::WebhookSet& event) {
  state.set_webhook_url(event.url());
  *state.mutable_webhook_types() = event.types();
}

void Client::Evolve(State& state, const v1::WebhookDisabled&) {
  state.clear_webhook_url();
  state.clear_webhook_types();
}

void Client::Evolve(State& state, const v1::ClientSuspended&) {
  state.set_life(State::SUSPENDED);
}

void Client::Evolve(State& state, const v1::ClientResumed&) {
  state.set_life(State::ACTIVE);
}

void Client::Evolve(State& state, const v1::ClientRetired&) {
  state.set_life(State::RETIRED);
  state.clear_webhook_url();
  state.clear_webhook_types();
}

void Client::Evolve(State& state, const v1::ClientCorrected& event) {
  state.set_title(event.title());
}

void Client::Resolve(v1::RegisterClient& command, const Neighbours& neighbours) {
  command.mutable_resolved()->Clear();
  Agency::Look(command.agency(), neighbours, *command.mutable_resolved());
}

std::vector<std::string> Client::Tags(const State& state) {
  if (!Lives(state)) return {};
  return {Member::SubjectTag(state.subject_mac()), Agency::TagOf(state.agency())};
}

}  // namespace holdfast::directory
