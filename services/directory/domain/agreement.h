// An agreement by which one agency shares with another.
//
//   (nothing) --Register--> to sign --both Sign--> active --End--> ended
//                             ^                      │ └──(t)──> expired, on the day after its last
//                             └───────Amend──────────┘            said 28 days before (t)
//
// Pure: no clock, no I/O, no randomness.
#pragma once

#include <optional>
#include <string_view>
#include <variant>
#include <vector>

#include "holdfast/directory/v1/administration.pb.h"
#include "holdfast/directory/v1/events.pb.h"
#include "holdfast/directory/v1/refusal.pb.h"
#include "holdfast/directory/v1/state.pb.h"

#include "eventsourcing/decider.h"

namespace holdfast::directory {

struct Agreement {
  static constexpr std::string_view kStream = "agreement";
  using State = v1::AgreementState;
  using Command =
      std::variant<v1::RegisterAgreement, v1::SignAgreement, v1::AmendAgreement, v1::EndAgreement,
                   v1::CorrectAgreement, v1::NoteAgreementExpiring, v1::NoteAgreementExpired>;
  using Event = std::variant<v1::AgreementRegistered, v1::AgreementSigned, v1::AgreementAmended,
                             v1::AgreementEnded, v1::AgreementCorrected, v1::AgreementExpiring,
                             v1::AgreementExpired>;
  using Refusal = v1::Refusal;
  using Decision = holdfast::Decision<Event, Refusal::Code>;

  static constexpr int kWarnDays = 28;

  static Decision Decide(const State&, const v1::RegisterAgreement&, const DecisionContext&);
  static Decision Decide(const State&, const v1::SignAgreement&, const DecisionContext&);
  static Decision Decide(const State&, const v1::AmendAgreement&, const DecisionContext&);
  static Decision Decide(const State&, const v1::EndAgreement&, const DecisionContext&);
  static Decision Decide(const State&, const v1::CorrectAgreement&, const DecisionContext&);
  static Decision Decide(const State&, const v1::NoteAgreementExpiring&, const DecisionContext&);
  static Decision Decide(const State&, const v1::NoteAgreementExpired&, const DecisionContext&);

  static void Evolve(State&, const v1::AgreementRegistered&);
  static void Evolve(State&, const v1::AgreementSigned&);
  static void Evolve(State&, const v1::AgreementAmended&);
  static void Evolve(State&, const v1::AgreementEnded&);
  static void Evolve(State&, const v1::AgreementCorrected&);
  static void Evolve(State&, const v1::AgreementExpiring&);
  static void Evolve(State&, const v1::AgreementExpired&);

  // The agencies that are not registered.
  static void Resolve(v1::RegisterAgreement&, const Neighbours&);

  // 28 days before its last day, and the day after it.
  static std::vector<DueAt> Due(const State&);
  static std::optional<Command> OnDue(const State&, const DueAt&);
};
static_assert(Decider<Agreement>);

}  // namespace holdfast::directory
