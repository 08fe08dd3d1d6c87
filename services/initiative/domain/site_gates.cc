// Gates: what a phase must show before it opens.
#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "initiative/domain/in_force.h"
#include "initiative/domain/reference.h"
#include "initiative/domain/site.h"
#include "initiative/domain/site_rules.h"
#include "initiative/domain/zone.h"

namespace holdfast::initiative {
namespace {

bool SameResults(const v1::SiteState::Evaluation& last, const v1::GateEvaluated& now) {
  return last.criteria_version() == now.criteria_version() &&
         last.requested_by() == now.requested_by() && SameDay(last.for_day(), now.for_day()) &&
         std::ranges::equal(last.results(), now.results(),
                            [](const v1::CriterionResult& a, const v1::CriterionResult& b) {
                              return a.criterion() == b.criterion() && a.level() == b.level() &&
                                     a.outcome() == b.outcome() && a.evidence() == b.evidence();
                            });
}

v1::SiteState::Evaluation* FindEvaluation(v1::SiteState& state, std::uint32_t gate) {
  auto& all = *state.mutable_evaluations();
  const auto found = std::ranges::find(all, gate, &v1::SiteState::Evaluation::gate);
  return found == all.end() ? nullptr : &*found;
}

}  // namespace

const v1::SiteState::Evaluation* LatestEvaluation(const v1::SiteState& now, v1::Phase::Code phase,
                                                  std::string_view zone) {
  for (const v1::SiteState::Evaluation& evaluation : now.evaluations()) {
    if (evaluation.phase() == phase && SameZone(evaluation.zone(), zone)) return &evaluation;
  }
  return nullptr;
}

tl::expected<Judgement, Refused<v1::Refusal::Code>> Judge(
    const v1::SiteState& now, v1::Phase::Code phase, const std::string& zone, absl::CivilDay day,
    const v1::CriteriaResolved& resolved, std::string_view requested_by) {
  const v1::GateCriteria* criteria = InForceOn(resolved.versions(), day);
  if (criteria == nullptr) return Refuse(v1::Refusal::CRITERIA_MISSING);
  GateFacts facts;
  for (const v1::Evidence& evidence : now.evidence()) facts.evidence.push_back(&evidence);
  for (const v1::SiteState::Sponsor& sponsor : now.sponsors())
    facts.sponsors.push_back(sponsor.duty());
  facts.has_boundary = !now.codes().empty();
  facts.has_brand = !now.brand().empty();
  const std::vector<v1::CriterionResult> results =
      EvaluateGate(criteria->rows(), phase, zone, day, facts);

  Judgement judgement;
  judgement.missing = MissingOf(results);
  judgement.unmet_warnings = HasUnmetWarnings(results);
  judgement.unverified = criteria->standing() != v1::Standing::VERIFIED;
  v1::GateEvaluated& evaluated = judgement.evaluated;
  evaluated.set_gate(now.last_gate() + 1);
  evaluated.set_phase(phase);
  evaluated.set_zone(zone);
  *evaluated.mutable_for_day() = ToMessage(day);
  evaluated.set_criteria_version(criteria->version());
  evaluated.mutable_results()->Add(results.begin(), results.end());
  evaluated.set_requested_by(std::string(requested_by));
  return judgement;
}

void AddJudgement(const Judgement& judgement, Facts<Site::Event, v1::Refusal::Code>& facts) {
  const v1::GateEvaluated& evaluated = judgement.evaluated;
  facts.Add(v1::GateEvaluated(evaluated));
  if (judgement.missing.empty()) {
    v1::GatePassed passed;
    passed.set_gate(evaluated.gate());
    passed.set_phase(evaluated.phase());
    passed.set_zone(evaluated.zone());
    *passed.mutable_valid_until() = ToMessage(ToDay(evaluated.for_day()) + kPassHoldsDays);
    facts.Add(std::move(passed));
    return;
  }
  v1::GateFailed failed;
  failed.set_gate(evaluated.gate());
  failed.set_phase(evaluated.phase());
  failed.set_zone(evaluated.zone());
  failed.mutable_missing()->Add(judgement.missing.begin(), judgement.missing.end());
  facts.Add(std::move(failed));
}

Refused<v1::Refusal::Code> WhatIsMissing(const Judgement& judgement,
                                         const v1::CriteriaResolved& resolved) {
  Refused<v1::Refusal::Code> refused;
  const v1::GateCriteria* criteria =
      InForceOn(resolved.versions(), ToDay(judgement.evaluated.for_day()));
  for (const v1::CriterionResult& result : judgement.evaluated.results()) {
    if (std::ranges::find(judgement.missing, result.criterion()) == judgement.missing.end())
      continue;
    const auto row = std::ranges::find_if(criteria->rows(), [&](const v1::GateCriterion& r) {
      return r.gate() == judgement.evaluated.phase() && r.id() == result.criterion();
    });
    refused.reasons.push_back(
        {v1::Refusal::GATE_NOT_PASSED, "phase",
         absl::StrCat(result.criterion(), ": ", row->title(), ": ",
                      absl::string_view(OutcomeInWords(result.outcome()).data(),
                                        OutcomeInWords(result.outcome()).size()),
                      ". ", row->remedy())});
  }
  return refused;
}

Site::Decision Site::Decide(const State& now, const v1::EvaluateGate& command,
                            const DecisionContext& context) {
  if (now.life() != State::OPEN) return NotOpen(now);
  if (command.phase() == v1::Phase::CODE_UNSPECIFIED) return Refuse(Refusal::REQUIRED, "phase");
  const absl::CivilDay day = DayOr(command.has_for_day(), command.for_day(), context);
  if (day > context.today) return Refuse(Refusal::IN_FUTURE, "for_day");
  const std::string zone = ZoneOf(command.zone());
  auto judgement = Judge(now, command.phase(), zone, day, command.resolved(), context.actor);
  if (!judgement.has_value()) return RefuseAll(std::move(judgement.error()));
  const State::Evaluation* last = LatestEvaluation(now, command.phase(), zone);
  const bool stands =
      last != nullptr && (last->has_valid_until() || !last->missing().empty());  // not fallen
  if (stands && SameResults(*last, judgement->evaluated)) return {};
  Facts<Event, Refusal::Code> facts;
  AddJudgement(*judgement, facts);
  if (judgement->unmet_warnings) facts.Warn(WarningName(v1::Warning::GATE_WARNINGS));
  if (judgement->unverified) facts.Warn(WarningName(v1::Warning::CRITERIA_UNVERIFIED));
  return facts;
}

void ResolveCriteria(v1::CriteriaResolved& resolved, const Neighbours& neighbours) {
  resolved.Clear();
  const auto* reference = neighbours.Find<Reference>(Reference::kGateCriteria);
  if (reference != nullptr) *resolved.mutable_versions() = reference->criteria();
}

void Site::Resolve(v1::EvaluateGate& command, const Neighbours& neighbours) {
  ResolveCriteria(*command.mutable_resolved(), neighbours);
}

void Site::Resolve(v1::OpenPhase& command, const Neighbours& neighbours) {
  ResolveCriteria(*command.mutable_resolved(), neighbours);
}

void Site::Evolve(State& state, const v1::GateEvaluated& event) {
  auto& all = *state.mutable_evaluations();
  all.erase(std::remove_if(all.begin(), all.end(),
                           [&](const State::Evaluation& evaluation) {
                             return evaluation.phase() == event.phase() &&
                                    SameZone(evaluation.zone(), event.zone());
                           }),
            all.end());
  State::Evaluation& evaluation = *all.Add();
  evaluation.set_gate(event.gate());
  evaluation.set_phase(event.phase());
  evaluation.set_zone(event.zone());
  *evaluation.mutable_for_day() = event.for_day();
  evaluation.set_criteria_version(event.criteria_version());
  *evaluation.mutable_results() = event.results();
  evaluation.set_requested_by(event.requested_by());
  state.set_last_gate(event.gate());
}

void Site::Evolve(State& state, const v1::GatePassed& event) {
  if (State::Evaluation* evaluation = FindEvaluation(state, event.gate()))
    *evaluation->mutable_valid_until() = event.valid_until();
}

void Site::Evolve(State& state, const v1::GateFailed& event) {
  if (State::Evaluation* evaluation = FindEvaluation(state, event.gate()))
    *evaluation->mutable_missing() = event.missing();
}

}  // namespace holdfast::initiative
