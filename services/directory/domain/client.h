// A client: a program of an agency that calls, and the webhook at which it wants to hear of facts.
//
//   (nothing) --Register--> active <--Resume-- suspended --Retire--> retired, for good
//                             └---Suspend---->
//
// Pure: no clock, no I/O, no randomness; a webhook's secret is copied, never looked into.
#pragma once

#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "holdfast/directory/v1/administration.pb.h"
#include "holdfast/directory/v1/events.pb.h"
#include "holdfast/directory/v1/refusal.pb.h"
#include "holdfast/directory/v1/state.pb.h"

#include "eventsourcing/decider.h"

namespace holdfast::directory {

struct Client {
  static constexpr std::string_view kStream = "client";
  using State = v1::ClientState;
  using Command =
      std::variant<v1::RegisterClient, v1::ChangeClient, v1::SetWebhook, v1::DisableWebhook,
                   v1::SuspendClient, v1::ResumeClient, v1::RetireClient, v1::CorrectClient>;
  using Event =
      std::variant<v1::ClientRegistered, v1::ClientChanged, v1::WebhookSet, v1::WebhookDisabled,
                   v1::ClientSuspended, v1::ClientResumed, v1::ClientRetired, v1::ClientCorrected>;
  using Refusal = v1::Refusal;
  using Decision = holdfast::Decision<Event, Refusal::Code>;

  static Decision Decide(const State&, const v1::RegisterClient&, const DecisionContext&);
  static Decision Decide(const State&, const v1::ChangeClient&, const DecisionContext&);
  static Decision Decide(const State&, const v1::SetWebhook&, const DecisionContext&);
  static Decision Decide(const State&, const v1::DisableWebhook&, const DecisionContext&);
  static Decision Decide(const State&, const v1::SuspendClient&, const DecisionContext&);
  static Decision Decide(const State&, const v1::ResumeClient&, const DecisionContext&);
  static Decision Decide(const State&, const v1::RetireClient&, const DecisionContext&);
  static Decision Decide(const State&, const v1::CorrectClient&, const DecisionContext&);

  static void Evolve(State&, const v1::ClientRegistered&);
  static void Evolve(State&, const v1::ClientChanged&);
  static void Evolve(State&, const v1::WebhookSet&);
  static void Evolve(State&, const v1::WebhookDisabled&);
  static void Evolve(State&, const v1::ClientSuspended&);
  static void Evolve(State&, const v1::ClientResumed&);
  static void Evolve(State&, const v1::ClientRetired&);
  static void Evolve(State&, const v1::ClientCorrected&);

  // Whether its agency is registered.
  static void Resolve(v1::RegisterClient&, const Neighbours&);

  // The sign-in, which no member or other client has, and the agency.
  static std::vector<std::string> Tags(const State&);
};
static_assert(Decider<Client>);

}  // namespace holdfast::directory
