#include "metrics/domain/baseline.h"

#include <algorithm>
#include <string>
#include <vector>

#include "base/civil_time.h"
#include "metrics/domain/extract.h"
#include "metrics/domain/site_mirror.h"

namespace holdfast::metrics {
namespace {

using Refusal = v1::Refusal;
using State = v1::BaselineState;
using Reasons = Refused<Refusal::Code>;

template <class Texts>
bool Has(const Texts& texts, std::string_view text) {
  return std::ranges::find(texts, text) != texts.end();
}

bool HasCode(const google::protobuf::RepeatedField<int>& codes, int code) {
  return std::ranges::find(codes, code) != codes.end();
}

template <class A, class B>
bool Overlap(const A& a, const B& b) {
  return std::ranges::any_of(a, [&](const std::string& text) { return Has(b, text); });
}

template <class Texts>
std::string Joined(const Texts& texts) {
  std::string joined;
  for (const auto& text : texts) {
    if (!joined.empty()) joined.append(", ");
    joined.append(text);
  }
  return joined;
}

bool IsPolice(type::v1::Agency::Type type) {
  return type == type::v1::Agency::POLICE || type == type::v1::Agency::NCA_ROCU;
}

// Of class COMMUNITY no measure is asked.
bool OwesMeasure(type::v1::Agency::Type type) {
  return type < type::v1::Agency::VOLUNTARY || type > type::v1::Agency::RESIDENTS;
}

bool HasMeasure(const v1::LockBaseline& command, std::string_view agency,
                type::v1::Agency::Type type) {
  return Has(command.agencies(), agency) || Has(command.no_data_agencies(), agency) ||
         (IsPolice(type) && Has(command.agencies(), "police"));
}

int MonthsOf(const v1::BaselineWindow& window) {
  const absl::CivilMonth from(window.from().year(), window.from().month());
  const absl::CivilMonth to(window.to().year(), window.to().month());
  return static_cast<int>(to - from) + 1;
}

// "G2" of G2_HISTORY, as people say it.
std::string NameOf(v1::Gate::Code gate) {
  const std::string& name = v1::Gate::Code_Name(gate);
  return name.substr(0, name.find('_'));
}

bool IsNeverWaived(v1::Gate::Code gate) {
  return gate == v1::Gate::G5_DEFINITIONS || gate == v1::Gate::G10_DIGESTS;
}

bool IsWaived(const v1::BaselineLocked& found, v1::Gate::Code gate) {
  return std::ranges::any_of(found.waived(), [&](const auto& w) { return w.gate() == gate; });
}

bool IsSenior(const v1::LockBaseline::Resolved& resolved) {
  return std::ranges::any_of(resolved.duties(), [](int duty) {
    return duty == type::v1::Duty::CHIEF_OFFICER || duty == type::v1::Duty::SRO;
  });
}

void CheckWindow(const v1::LockBaseline& command, Reasons& refused) {
  if (MonthsOf(command.found().window()) < Baseline::kLeastMonths) {
    refused.reasons.push_back({Refusal::HISTORY_TOO_SHORT, "window", "at least twelve months"});
  }
  if (!command.missing_months().empty()) {
    refused.reasons.push_back(
        {Refusal::MONTH_MISSING, "window", "no data: " + Joined(command.missing_months())});
  }
}

void CheckAreas(const v1::BaselineLocked& found, Reasons& refused) {
  if (found.areas().empty()) refused.reasons.push_back({Refusal::UNKNOWN_SITE, "site_id", ""});
  if (Overlap(found.areas(), found.comparators()) ||
      Overlap(found.areas(), found.displacement_zone()) ||
      Overlap(found.comparators(), found.displacement_zone())) {
    refused.reasons.push_back({Refusal::COMPARATOR_OVERLAPS, "", ""});
  }
}

void CheckGates(const v1::LockBaseline& command, std::string_view actor, Reasons& refused) {
  for (const auto& waiver : command.found().waived()) {
    if (IsNeverWaived(waiver.gate())) {
      refused.reasons.push_back({Refusal::NEVER_WAIVED, "waive", NameOf(waiver.gate())});
    }
  }
  const bool senior = command.waived_by() == actor && IsSenior(command.resolved());
  if (!command.found().waived().empty() && !senior) {
    refused.reasons.push_back({Refusal::WAIVER_NOT_SENIOR, "waive", "CHIEF_OFFICER or SRO"});
  }
  std::vector<std::string> unmet;
  for (const auto& gate : command.found().gates()) {
    if (gate.outcome() == v1::Gate::PASSED || IsWaived(command.found(), gate.gate())) continue;
    unmet.push_back(NameOf(gate.gate()) + ": " + gate.finding());
  }
  if (!unmet.empty()) {
    refused.reasons.push_back({Refusal::BASELINE_INCOMPLETE, "waive", Joined(unmet)});
  }
}

type::v1::Duty::Code SeniorDuty(const v1::LockBaseline::Resolved& resolved) {
  return HasCode(resolved.duties(), type::v1::Duty::CHIEF_OFFICER) ? type::v1::Duty::CHIEF_OFFICER
                                                                   : type::v1::Duty::SRO;
}

}  // namespace

Baseline::Decision Baseline::Decide(const State& now, const v1::ChooseComparators& command,
                                    const DecisionContext&) {
  if (now.locked() > 0) return Refuse(Refusal::ALREADY_LOCKED);
  if (Overlap(command.codes(), command.displacement_codes())) {
    return Refuse(Refusal::COMPARATOR_OVERLAPS, "displacement_codes");
  }
  v1::ComparatorsChosen chosen;
  *chosen.mutable_set() = command.set();
  *chosen.mutable_codes() = command.codes();
  chosen.set_rmspe(command.rmspe());
  *chosen.mutable_displacement_codes() = command.displacement_codes();
  chosen.set_rationale(command.rationale());
  if (now.comparators().SerializeAsString() == chosen.SerializeAsString()) return {};
  return chosen;
}

Baseline::Decision Baseline::Decide(const State& now, const v1::LockBaseline& command,
                                    const DecisionContext& context) {
  if (now.locked() > 0) return Refuse(Refusal::ALREADY_LOCKED);
  Reasons refused;
  CheckAreas(command.found(), refused);
  CheckWindow(command, refused);
  if (command.found().measures().empty()) {
    refused.reasons.push_back({Refusal::UNKNOWN_MEASURE, "measures", ""});
  }
  if (!command.resolved().agencies_without_measure().empty()) {
    refused.reasons.push_back({Refusal::AGENCY_WITHOUT_MEASURE, "measures",
                               Joined(command.resolved().agencies_without_measure())});
  }
  CheckGates(command, context.actor, refused);
  if (!command.resolved().stale().empty()) {
    refused.reasons.push_back({Refusal::DATA_MOVED, "", ""});
  }
  if (!refused.reasons.empty()) return RefuseAll(std::move(refused));

  v1::BaselineLocked locked = command.found();
  locked.set_site_id(command.site_id());
  locked.set_number(now.last() + 1);
  locked.set_retrospective(command.resolved().clear_began());
  for (auto& gate : *locked.mutable_gates()) {
    if (gate.outcome() != v1::Gate::PASSED) gate.set_outcome(v1::Gate::WAIVED);
  }
  // What was met needs no waiver, and none is printed for it.
  auto& waived = *locked.mutable_waived();
  const auto needless =
      std::remove_if(waived.begin(), waived.end(), [&locked](const v1::Waiver& waiver) {
        return std::ranges::none_of(locked.gates(), [&waiver](const v1::GateResult& gate) {
          return gate.gate() == waiver.gate() && gate.outcome() == v1::Gate::WAIVED;
        });
      });
  waived.erase(needless, waived.end());
  for (auto& waiver : waived) {
    waiver.set_by(std::string(context.actor));
    waiver.set_duty(SeniorDuty(command.resolved()));
  }
  if (locked.retrospective() && !HasCode(locked.caveats(), v1::Caveat::RETROSPECTIVE)) {
    locked.add_caveats(v1::Caveat::RETROSPECTIVE);
  }
  if (!locked.waived().empty()) locked.add_caveats(v1::Caveat::GATE_WAIVED);
  return locked;
}

Baseline::Decision Baseline::Decide(const State& now, const v1::SupersedeBaseline& command,
                                    const DecisionContext&) {
  if (now.last() == 0) return Refuse(Refusal::WRONG_STATE);
  if (now.locked() == 0) return {};
  v1::BaselineSuperseded superseded;
  superseded.set_number(now.locked());
  superseded.set_reason(command.reason());
  return superseded;
}

void Baseline::Resolve(v1::LockBaseline& command, const Neighbours& neighbours) {
  command.clear_resolved();
  v1::LockBaseline::Resolved& resolved = *command.mutable_resolved();
  for (const auto& ref : command.found().extracts()) {
    const auto* extract = neighbours.Find<Extract>(ExtractId(ref.dataset(), ref.month()));
    const bool holds = extract != nullptr && !extract->accepted().empty() &&
                       extract->accepted().rbegin()->digest() == ref.digest();
    if (!holds) *resolved.add_stale() = ref;
  }
  const auto* site = neighbours.Find<SiteMirror>(command.site_id());
  if (site == nullptr) return;
  for (const auto& holder : site->holders()) {
    if (holder.actor_ref() == command.waived_by()) resolved.add_duties(holder.duty());
  }
  for (const auto& phase : site->phases()) {
    if (phase.phase() == "CLEAR") resolved.set_clear_began(true);
  }
  for (const auto& agency : site->agencies()) {
    if (OwesMeasure(agency.type()) && !HasMeasure(command, agency.agency(), agency.type())) {
      resolved.add_agencies_without_measure(agency.agency());
    }
  }
}

void Baseline::Evolve(State& state, const v1::ComparatorsChosen& event) {
  *state.mutable_comparators() = event;
}

void Baseline::Evolve(State& state, const v1::BaselineLocked& event) {
  state.set_locked(event.number());
  state.set_last(event.number());
}

void Baseline::Evolve(State& state, const v1::BaselineSuperseded&) {
  state.set_locked(0);
}

}  // namespace holdfast::metrics
