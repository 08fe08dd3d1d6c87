#include "directory/domain/agreement.h"

#include <algorithm>
#include <string>

#include "base/civil_time.h"
#include "base/day.h"
#include "directory/domain/agency.h"
#include "directory/domain/same.h"

namespace holdfast::directory {
namespace {

using Refusal = v1::Refusal;
using State = v1::AgreementState;

constexpr char kExpiring[] = "expiring";
constexpr char kExpired[] = "expired";

bool InHand(const State& now) {
  return now.life() == State::TO_SIGN || now.life() == State::ACTIVE;
}

tl::unexpected<Refused<Refusal::Code>> NotInHand() {
  return Refuse(Refusal::WRONG_STATE, "agreement_id",
                "an agreement that is registered and has neither ended nor expired");
}

std::optional<Agreement::Decision> FaultIn(const v1::AgreementTerms& terms,
                                           const DecisionContext& context) {
  if (terms.classes().empty()) return Refuse(Refusal::REQUIRED, "terms.classes");
  if (terms.purposes().empty()) return Refuse(Refusal::REQUIRED, "terms.purposes");
  if (terms.gateway() == v1::Gateway::CODE_UNSPECIFIED)
    return Refuse(Refusal::REQUIRED, "terms.gateway");
  if (terms.data_items().empty()) return Refuse(Refusal::REQUIRED, "terms.data_items");
  if (terms.areas().empty()) return Refuse(Refusal::REQUIRED, "terms.areas");
  if (!terms.has_expires_on()) return Refuse(Refusal::REQUIRED, "terms.expires_on");
  if (ToDay(terms.expires_on()) < context.today)
    return Refuse(Refusal::DATE_ORDER, "terms.expires_on", "today or later");
  return std::nullopt;
}

// The same terms are the same bytes, in whatever order they were named.
v1::AgreementTerms Canonical(const v1::AgreementTerms& terms) {
  v1::AgreementTerms canonical = terms;
  *canonical.mutable_classes() = Ordered(terms.classes());
  *canonical.mutable_purposes() = Ordered(terms.purposes());
  *canonical.mutable_data_items() = Ordered(terms.data_items());
  *canonical.mutable_areas() = Ordered(terms.areas());
  return canonical;
}

bool HasSigned(const State& now, std::string_view agency) {
  return std::ranges::find(now.signatories(), agency) != now.signatories().end();
}

}  // namespace

Agreement::Decision Agreement::Decide(const State& now, const v1::RegisterAgreement& command,
                                      const DecisionContext& context) {
  if (command.title().empty()) return Refuse(Refusal::REQUIRED, "title");
  if (command.from().empty()) return Refuse(Refusal::REQUIRED, "from");
  if (command.to().empty()) return Refuse(Refusal::REQUIRED, "to");
  if (command.from() == command.to()) return Refuse(Refusal::SAME_PARTY, "to");
  if (auto fault = FaultIn(command.terms(), context)) return *std::move(fault);
  v1::AgreementRegistered registered;
  registered.set_title(command.title());
  registered.set_from(command.from());
  registered.set_to(command.to());
  *registered.mutable_terms() = Canonical(command.terms());
  const bool same = InHand(now) && now.title() == command.title() && now.from() == command.from() &&
                    now.to() == command.to() && Same(now.terms(), registered.terms());
  if (same) return {};
  if (now.life() != State::LIFE_UNSPECIFIED)
    return Refuse(Refusal::WRONG_STATE, "agreement_id", "an id that no agreement has had");
  if (!command.resolved().unknown().empty()) {
    const bool from = command.resolved().unknown(0) == command.from();
    return Refuse(Refusal::AGENCY_UNKNOWN, from ? "from" : "to");
  }
  return registered;
}

Agreement::Decision Agreement::Decide(const State& now, const v1::SignAgreement&,
                                      const DecisionContext& context) {
  if (!InHand(now)) return NotInHand();
  const bool party = context.agency == now.from() || context.agency == now.to();
  if (!party) return Refuse(Refusal::NOT_A_PARTY, "agreement_id");
  if (HasSigned(now, context.agency)) return {};
  v1::AgreementSigned signed_now;
  signed_now.set_agency(std::string(context.agency));
  signed_now.set_signed_by(std::string(context.actor));
  signed_now.set_completes(now.signatories_size() == 1);
  return signed_now;
}

Agreement::Decision Agreement::Decide(const State& now, const v1::AmendAgreement& command,
                                      const DecisionContext& context) {
  if (!InHand(now)) return NotInHand();
  if (command.reason().empty()) return Refuse(Refusal::REQUIRED, "reason");
  if (auto fault = FaultIn(command.terms(), context)) return *std::move(fault);
  v1::AgreementAmended amended;
  *amended.mutable_terms() = Canonical(command.terms());
  amended.set_reason(command.reason());
  if (Same(now.terms(), amended.terms())) return {};
  return amended;
}

Agreement::Decision Agreement::Decide(const State& now, const v1::EndAgreement& command,
                                      const DecisionContext&) {
  if (now.life() == State::ENDED) return {};
  if (!InHand(now)) return NotInHand();
  if (command.reason().empty()) return Refuse(Refusal::REQUIRED, "reason");
  v1::AgreementEnded ended;
  ended.set_reason(command.reason());
  return ended;
}

Agreement::Decision Agreement::Decide(const State& now, const v1::CorrectAgreement& command,
                                      const DecisionContext&) {
  if (now.life() == State::LIFE_UNSPECIFIED) return NotInHand();
  if (command.reason().empty()) return Refuse(Refusal::REQUIRED, "reason");
  if (command.title().empty()) return Refuse(Refusal::REQUIRED, "title");
  if (command.title() == now.title()) return {};
  v1::AgreementCorrected corrected;
  corrected.set_field("title");
  corrected.set_reason(command.reason());
  corrected.set_title(command.title());
  return corrected;
}

Agreement::Decision Agreement::Decide(const State& now, const v1::NoteAgreementExpiring&,
                                      const DecisionContext& context) {
  if (!InHand(now) || now.expiring_said()) return {};
  if (context.today < ToDay(now.terms().expires_on()) - kWarnDays) return {};
  v1::AgreementExpiring expiring;
  *expiring.mutable_expires_on() = now.terms().expires_on();
  return expiring;
}

Agreement::Decision Agreement::Decide(const State& now, const v1::NoteAgreementExpired&,
                                      const DecisionContext& context) {
  if (!InHand(now) || context.today <= ToDay(now.terms().expires_on())) return {};
  v1::AgreementExpired expired;
  *expired.mutable_expires_on() = now.terms().expires_on();
  return expired;
}

void Agreement::Resolve(v1::RegisterAgreement& command, const Neighbours& neighbours) {
  command.mutable_resolved()->Clear();
  Agency::Look(command.from(), neighbours, *command.mutable_resolved());
  Agency::Look(command.to(), neighbours, *command.mutable_resolved());
}

std::vector<DueAt> Agreement::Due(const State& state) {
  if (!InHand(state)) return {};
  const absl::CivilDay last = ToDay(state.terms().expires_on());
  std::vector<DueAt> due = {{kExpired, LondonMidnight(last + 1)}};
  if (!state.expiring_said()) due.push_back({kExpiring, LondonMidnight(last - kWarnDays)});
  return due;
}

std::optional<Agreement::Command> Agreement::OnDue(const State& state, const DueAt& due) {
  if (!InHand(state)) return std::nullopt;
  if (due.kind == kExpired) {
    v1::NoteAgreementExpired expired;
    *expired.mutable_expires_on() = state.terms().expires_on();
    return expired;
  }
  if (due.kind != kExpiring || state.expiring_said()) return std::nullopt;
  v1::NoteAgreementExpiring expiring;
  *expiring.mutable_expires_on() = state.terms().expires_on();
  return expiring;
}

void Agreement::Evolve(State& state, const v1::AgreementRegistered& event) {
  state.set_life(State::TO_SIGN);
  state.set_title(event.title());
  state.set_from(event.from());
  state.set_to(event.to());
  *state.mutable_terms() = event.terms();
}

void Agreement::Evolve(State& state, const v1::AgreementSigned& event) {
  state.add_signatories(event.agency());
  if (event.completes()) state.set_life(State::ACTIVE);
}

void Agreement::Evolve(State& state, const v1::AgreementAmended& event) {
  state.set_life(State::TO_SIGN);
  state.clear_signatories();
  state.clear_expiring_said();
  *state.mutable_terms() = event.terms();
}

void Agreement::Evolve(State& state, const v1::AgreementEnded&) {
  state.set_life(State::ENDED);
}

void Agreement::Evolve(State& state, const v1::AgreementCorrected& event) {
  state.set_title(event.title());
}

void Agreement::Evolve(State& state, const v1::AgreementExpiring&) {
  state.set_expiring_said(true);
}

void Agreement::Evolve(State& state, const v1::AgreementExpired&) {
  state.set_life(State::EXPIRED);
}

}  // namespace holdfast::directory
