// A site: the place of an initiative, its phases, and the gates between them.
//
//   (nothing) --Create--> open --Close--> closed          Close only when no phase is open
//
//   per phase and zone, as often as wanted, never twice at once:
//
//     EvaluateGate ──> failed ──OverrideGate──> overridden until a day ─┐
//          │             ▲ withdrawn evidence                           │
//          └────────> passed, for 28 days ──────────────────────────────┴─OpenPhase─> open
//          ─ClosePhase─> closed
//
//     RecordPastPhase ──> closed, recorded afterwards (ended before the site was created; no gate)
//
// The rules: site.cc (the site itself), site_boundary.cc, site_evidence.cc, site_gates.cc,
// site_overrides.cc, site_phases.cc, site_corrections.cc.
// Pure: no clock, no I/O, no randomness.
#pragma once

#include <optional>
#include <string_view>
#include <variant>
#include <vector>

#include "holdfast/initiative/v1/events.pb.h"
#include "holdfast/initiative/v1/initiative.pb.h"
#include "holdfast/initiative/v1/state.pb.h"

#include "eventsourcing/decider.h"

namespace holdfast::initiative {

struct Site {
  static constexpr std::string_view kStream = "site";
  using State = v1::SiteState;
  using Command =
      std::variant<v1::CreateSite, v1::SetBoundary, v1::SignUpAgency, v1::WithdrawAgency,
                   v1::NameSponsor, v1::NameBrand, v1::CorrectSite, v1::CloseSite,
                   v1::RecordEvidence, v1::WithdrawEvidence, v1::EvaluateGate, v1::OverrideGate,
                   v1::NoteOverrideEnded, v1::OpenPhase, v1::ClosePhase, v1::RecordPastPhase>;
  using Event =
      std::variant<v1::SiteCreated, v1::BoundarySet, v1::AgencySignedUp, v1::AgencyWithdrawn,
                   v1::SponsorNamed, v1::BrandNamed, v1::SiteCorrected, v1::SiteClosed,
                   v1::EvidenceRecorded, v1::EvidenceWithdrawn, v1::GateEvaluated, v1::GatePassed,
                   v1::GateFailed, v1::GateOverridden, v1::OverrideEnded, v1::PhaseOpened,
                   v1::PhaseClosed, v1::PastPhaseRecorded>;
  using Refusal = v1::Refusal;
  using Decision = holdfast::Decision<Event, Refusal::Code>;

  // site.cc
  static Decision Decide(const State&, const v1::CreateSite&, const DecisionContext&);
  static Decision Decide(const State&, const v1::SignUpAgency&, const DecisionContext&);
  static Decision Decide(const State&, const v1::WithdrawAgency&, const DecisionContext&);
  static Decision Decide(const State&, const v1::NameSponsor&, const DecisionContext&);
  static Decision Decide(const State&, const v1::NameBrand&, const DecisionContext&);
  static Decision Decide(const State&, const v1::CloseSite&, const DecisionContext&);
  // site_boundary.cc
  static Decision Decide(const State&, const v1::SetBoundary&, const DecisionContext&);
  // site_evidence.cc
  static Decision Decide(const State&, const v1::RecordEvidence&, const DecisionContext&);
  static Decision Decide(const State&, const v1::WithdrawEvidence&, const DecisionContext&);
  // site_gates.cc
  static Decision Decide(const State&, const v1::EvaluateGate&, const DecisionContext&);
  // site_overrides.cc
  static Decision Decide(const State&, const v1::OverrideGate&, const DecisionContext&);
  static Decision Decide(const State&, const v1::NoteOverrideEnded&, const DecisionContext&);
  // site_phases.cc
  static Decision Decide(const State&, const v1::OpenPhase&, const DecisionContext&);
  static Decision Decide(const State&, const v1::ClosePhase&, const DecisionContext&);
  static Decision Decide(const State&, const v1::RecordPastPhase&, const DecisionContext&);
  // site_corrections.cc
  static Decision Decide(const State&, const v1::CorrectSite&, const DecisionContext&);

  static void Evolve(State&, const v1::SiteCreated&);
  static void Evolve(State&, const v1::BoundarySet&);
  static void Evolve(State&, const v1::AgencySignedUp&);
  static void Evolve(State&, const v1::AgencyWithdrawn&);
  static void Evolve(State&, const v1::SponsorNamed&);
  static void Evolve(State&, const v1::BrandNamed&);
  static void Evolve(State&, const v1::SiteCorrected&);
  static void Evolve(State&, const v1::SiteClosed&);
  static void Evolve(State&, const v1::EvidenceRecorded&);
  static void Evolve(State&, const v1::EvidenceWithdrawn&);
  static void Evolve(State&, const v1::GateEvaluated&);
  static void Evolve(State&, const v1::GatePassed&);
  static void Evolve(State&, const v1::GateFailed&);
  static void Evolve(State&, const v1::GateOverridden&);
  static void Evolve(State&, const v1::OverrideEnded&);
  static void Evolve(State&, const v1::PhaseOpened&);
  static void Evolve(State&, const v1::PhaseClosed&);
  static void Evolve(State&, const v1::PastPhaseRecorded&);

  // What the rules read from areas/<set>, reference/<set> and team/<site>.
  static void Resolve(v1::CreateSite&, const Neighbours&);
  static void Resolve(v1::SetBoundary&, const Neighbours&);
  static void Resolve(v1::NameBrand&, const Neighbours&);
  static void Resolve(v1::RecordEvidence&, const Neighbours&);
  static void Resolve(v1::EvaluateGate&, const Neighbours&);
  static void Resolve(v1::OverrideGate&, const Neighbours&);
  static void Resolve(v1::OpenPhase&, const Neighbours&);

  // The ends of the overrides in force.
  static std::vector<DueAt> Due(const State&);
  static std::optional<Command> OnDue(const State&, const DueAt&);
};
static_assert(Decider<Site>);

}  // namespace holdfast::initiative
