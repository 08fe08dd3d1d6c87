// A tenant: one controller of data, a police force with its partnership. Stands in the history of
// the reserved tenant `operator`.
//
//   (nothing) --Register--> open <--Resume-- suspended --RecordExport, Close--> closed
//                             └---Suspend---->
//
//   per context: StartMove to a partition, CompleteMove to the same one
//
// Pure: no clock, no I/O, no randomness.
#pragma once

#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "holdfast/directory/v1/events.pb.h"
#include "holdfast/directory/v1/operator.pb.h"
#include "holdfast/directory/v1/refusal.pb.h"
#include "holdfast/directory/v1/state.pb.h"

#include "eventsourcing/decider.h"

namespace holdfast::directory {

struct Tenant {
  static constexpr std::string_view kStream = "tenant";
  using State = v1::TenantState;
  using Command =
      std::variant<v1::RegisterTenant, v1::ChangeTenantSetting, v1::StartTenantMove,
                   v1::CompleteTenantMove, v1::SetPublicSlug, v1::SuspendTenant, v1::ResumeTenant,
                   v1::RecordTenantExport, v1::CloseTenant, v1::CorrectTenant>;
  using Event =
      std::variant<v1::TenantRegistered, v1::TenantSettingChanged, v1::TenantMoveStarted,
                   v1::TenantMoved, v1::PublicSlugSet, v1::TenantSuspended, v1::TenantResumed,
                   v1::TenantExported, v1::TenantClosed, v1::TenantCorrected>;
  using Refusal = v1::Refusal;
  using Decision = holdfast::Decision<Event, Refusal::Code>;

  // The tenant in whose history all tenants stand: nobody registers it.
  static constexpr std::string_view kOperator = "operator";

  static Decision Decide(const State&, const v1::RegisterTenant&, const DecisionContext&);
  static Decision Decide(const State&, const v1::ChangeTenantSetting&, const DecisionContext&);
  static Decision Decide(const State&, const v1::StartTenantMove&, const DecisionContext&);
  static Decision Decide(const State&, const v1::CompleteTenantMove&, const DecisionContext&);
  static Decision Decide(const State&, const v1::SetPublicSlug&, const DecisionContext&);
  static Decision Decide(const State&, const v1::SuspendTenant&, const DecisionContext&);
  static Decision Decide(const State&, const v1::ResumeTenant&, const DecisionContext&);
  static Decision Decide(const State&, const v1::RecordTenantExport&, const DecisionContext&);
  static Decision Decide(const State&, const v1::CloseTenant&, const DecisionContext&);
  static Decision Decide(const State&, const v1::CorrectTenant&, const DecisionContext&);

  static void Evolve(State&, const v1::TenantRegistered&);
  static void Evolve(State&, const v1::TenantSettingChanged&);
  static void Evolve(State&, const v1::TenantMoveStarted&);
  static void Evolve(State&, const v1::TenantMoved&);
  static void Evolve(State&, const v1::PublicSlugSet&);
  static void Evolve(State&, const v1::TenantSuspended&);
  static void Evolve(State&, const v1::TenantResumed&);
  static void Evolve(State&, const v1::TenantExported&);
  static void Evolve(State&, const v1::TenantClosed&);
  static void Evolve(State&, const v1::TenantCorrected&);

  // Its public slugs, which no other tenant may use.
  static std::vector<std::string> Tags(const State&);
};
static_assert(Decider<Tenant>);

}  // namespace holdfast::directory
