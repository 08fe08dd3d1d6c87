// Evidence, gates, and the overriding of gates.
#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/civil_time.h"
#include "initiative/domain/in_force.h"
#include "initiative/domain/reference.h"
#include "initiative/domain/site.h"
#include "initiative/domain/site_rules.h"
#include "initiative/domain/team.h"
#include "initiative/domain/zone.h"

namespace holdfast::initiative {
namespace {

constexpr std::string_view kOverrideEnds = "override-ends";

void ResolveCriteria(v1::CriteriaResolved& resolved, const Neighbours& neighbours) {
  resolved.Clear();
  const auto* reference = neighbours.Find<Reference>(Reference::kGateCriteria);
  if (reference != nullptr) *resolved.mutable_versions() = reference->criteria();
}

bool Known(const v1::CriteriaResolved& resolved, const std::string& criterion) {
  for (const v1::GateCriteria& version : resolved.versions()) {
    for (const v1::GateCriterion& row : version.rows()) {
      if (row.id() == criterion && row.kind() == v1::GateCriterion::EVIDENCE) return true;
    }
  }
  return false;
}

bool SameEvidence(const v1::Evidence& a, const v1::Evidence& b) {
  return a.criterion() == b.criterion() && a.zone() == b.zone() &&
         a.ref().system() == b.ref().system() && a.ref().id() == b.ref().id() &&
         a.ref().sha256() == b.ref().sha256() && a.has_value() == b.has_value() &&
         a.value() == b.value() && SameDay(a.observed_on(), b.observed_on()) &&
         std::ranges::equal(a.caveats(), b.caveats());
}

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

bool IsSenior(type::v1::Duty::Code duty) {
  return duty == type::v1::Duty::CHIEF_OFFICER || duty == type::v1::Duty::SRO;
}

// The senior duty that this person holds at the site, as officer of its team or as sponsor.
type::v1::Duty::Code SeniorDutyOf(std::string_view person, const v1::SiteState& now,
                                  const v1::TeamResolved& team) {
  for (const v1::TeamResolved::Officer& officer : team.officers()) {
    if (officer.holder_ref() == person && IsSenior(officer.duty())) return officer.duty();
  }
  for (const v1::SiteState::Sponsor& sponsor : now.sponsors()) {
    if (sponsor.holder_ref() == person && IsSenior(sponsor.duty())) return sponsor.duty();
  }
  return type::v1::Duty::CODE_UNSPECIFIED;
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

Site::Decision Site::Decide(const State& now, const v1::RecordEvidence& command,
                            const DecisionContext& context) {
  if (now.life() != State::OPEN) return NotOpen(now);
  if (command.criterion().empty()) return Refuse(Refusal::REQUIRED, "criterion");
  if (!command.has_observed_on()) return Refuse(Refusal::REQUIRED, "observed_on");
  if (ToDay(command.observed_on()) > context.today)
    return Refuse(Refusal::IN_FUTURE, "observed_on");
  const bool published = !command.resolved().versions().empty();
  if (published && !Known(command.resolved(), command.criterion()))
    return Refuse(Refusal::UNKNOWN_CODE, "criterion", "the id of a criterion that takes evidence");

  v1::EvidenceRecorded recorded;
  v1::Evidence& evidence = *recorded.mutable_evidence();
  evidence.set_number(now.last_evidence() + 1);
  evidence.set_criterion(command.criterion());
  evidence.set_zone(command.zone());
  *evidence.mutable_ref() = command.ref();
  if (command.has_value()) evidence.set_value(command.value());
  *evidence.mutable_observed_on() = command.observed_on();
  evidence.set_retrospective(command.criterion() == kBaselineCriterion &&
                             (command.retrospective() || now.baseline_retrospective()));
  *evidence.mutable_caveats() = command.caveats();
  for (const v1::Evidence& before : now.evidence()) {
    if (SameEvidence(before, evidence)) return {};
  }
  const bool retrospective = evidence.retrospective();
  Facts<Event, Refusal::Code> facts(std::move(recorded));
  if (retrospective) facts.Warn(WarningName(v1::Warning::BASELINE_RETROSPECTIVE));
  if (!published) facts.Warn(WarningName(v1::Warning::CRITERION_UNCHECKED));
  return facts;
}

Site::Decision Site::Decide(const State& now, const v1::WithdrawEvidence& command,
                            const DecisionContext&) {
  if (now.life() != State::OPEN) return NotOpen(now);
  if (command.evidence() == 0 || command.evidence() > now.last_evidence())
    return Refuse(Refusal::UNKNOWN_CODE, "evidence", "the number of a piece of evidence");
  if (std::ranges::find(now.evidence(), command.evidence(), &v1::Evidence::number) ==
      now.evidence().end())
    return {};
  if (command.reason().empty()) return Refuse(Refusal::REQUIRED, "reason");
  v1::EvidenceWithdrawn withdrawn;
  withdrawn.set_evidence(command.evidence());
  withdrawn.set_reason(command.reason());
  return withdrawn;
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

Site::Decision Site::Decide(const State& now, const v1::OverrideGate& command,
                            const DecisionContext& context) {
  if (now.life() != State::OPEN) return NotOpen(now);
  const type::v1::Duty::Code duty = SeniorDutyOf(context.actor, now, command.resolved());
  if (duty == type::v1::Duty::CODE_UNSPECIFIED) return Refuse(Refusal::OVERRIDE_NOT_SENIOR);
  if (command.rationale().empty()) return Refuse(Refusal::REQUIRED, "rationale");
  if (!command.has_until()) return Refuse(Refusal::REQUIRED, "until");
  if (ToDay(command.until()) < context.today)
    return Refuse(Refusal::DATE_ORDER, "until", "today or later");
  const std::string zone = ZoneOf(command.zone());
  const State::Evaluation* last = LatestEvaluation(now, command.phase(), zone);
  if (last == nullptr || last->missing().empty()) return Refuse(Refusal::NOTHING_TO_OVERRIDE);
  if (last->requested_by() == context.actor) return Refuse(Refusal::SAME_PERSON);

  std::vector<std::string> criteria(command.criteria().begin(), command.criteria().end());
  if (criteria.empty()) criteria.assign(last->missing().begin(), last->missing().end());
  std::ranges::sort(criteria);
  criteria.erase(std::unique(criteria.begin(), criteria.end()), criteria.end());
  for (const std::string& criterion : criteria) {
    if (std::ranges::find(last->missing(), criterion) == last->missing().end())
      return Refuse(Refusal::NOTHING_TO_OVERRIDE, "criteria", "only criteria that failed");
  }
  for (const State::Override& before : now.overrides()) {
    if (before.phase() == command.phase() && SameZone(before.zone(), zone) &&
        before.overridden_by() == context.actor && SameDay(before.until(), command.until()) &&
        std::ranges::equal(before.criteria(), criteria))
      return {};
  }
  v1::GateOverridden overridden;
  overridden.set_override(now.last_override() + 1);
  overridden.set_gate(last->gate());
  overridden.set_phase(command.phase());
  overridden.set_zone(zone);
  overridden.mutable_criteria()->Add(criteria.begin(), criteria.end());
  overridden.set_rationale(command.rationale());
  *overridden.mutable_until() = command.until();
  overridden.set_overridden_by(std::string(context.actor));
  overridden.set_duty(duty);
  return overridden;
}

Site::Decision Site::Decide(const State& now, const v1::NoteOverrideEnded& command,
                            const DecisionContext& context) {
  for (const State::Override& in_force : now.overrides()) {
    if (in_force.number() != command.override()) continue;
    if (ToDay(in_force.until()) >= context.today) return {};
    v1::OverrideEnded ended;
    ended.set_override(in_force.number());
    return ended;
  }
  return {};
}

void Site::Resolve(v1::RecordEvidence& command, const Neighbours& neighbours) {
  ResolveCriteria(*command.mutable_resolved(), neighbours);
}

void Site::Resolve(v1::EvaluateGate& command, const Neighbours& neighbours) {
  ResolveCriteria(*command.mutable_resolved(), neighbours);
}

void Site::Resolve(v1::OpenPhase& command, const Neighbours& neighbours) {
  ResolveCriteria(*command.mutable_resolved(), neighbours);
}

void Site::Resolve(v1::OverrideGate& command, const Neighbours& neighbours) {
  command.mutable_resolved()->Clear();
  const v1::TeamState* team = neighbours.Find<Team>(command.site_id());
  if (team == nullptr) return;
  for (const v1::TeamState::Officer& officer : team->officers()) {
    v1::TeamResolved::Officer& resolved = *command.mutable_resolved()->add_officers();
    resolved.set_duty(officer.duty());
    resolved.set_holder_ref(officer.holder_ref());
  }
}

std::vector<DueAt> Site::Due(const State& state) {
  std::vector<DueAt> due;
  for (const State::Override& in_force : state.overrides()) {
    due.push_back({absl::StrCat(absl::string_view(kOverrideEnds.data(), kOverrideEnds.size()), "/",
                                in_force.number()),
                   LondonMidnight(ToDay(in_force.until()) + 1)});
  }
  return due;
}

std::optional<Site::Command> Site::OnDue(const State& state, const DueAt& due) {
  for (const State::Override& in_force : state.overrides()) {
    if (due.kind != absl::StrCat(absl::string_view(kOverrideEnds.data(), kOverrideEnds.size()), "/",
                                 in_force.number()))
      continue;
    v1::NoteOverrideEnded command;
    command.set_site_id(state.site_id());
    command.set_override(in_force.number());
    return command;
  }
  return std::nullopt;
}

void Site::Evolve(State& state, const v1::EvidenceRecorded& event) {
  *state.add_evidence() = event.evidence();
  state.set_last_evidence(event.evidence().number());
}

void Site::Evolve(State& state, const v1::EvidenceWithdrawn& event) {
  auto& all = *state.mutable_evidence();
  all.erase(std::remove_if(all.begin(), all.end(),
                           [&](const v1::Evidence& evidence) {
                             return evidence.number() == event.evidence();
                           }),
            all.end());
  for (State::Evaluation& evaluation : *state.mutable_evaluations()) {
    const bool rests =
        std::ranges::any_of(evaluation.results(), [&](const v1::CriterionResult& result) {
          return result.evidence() == event.evidence() &&
                 result.outcome() == v1::CriterionResult::MET &&
                 result.level() == v1::GateCriterion::HARD;
        });
    if (rests) evaluation.clear_valid_until();
  }
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

void Site::Evolve(State& state, const v1::GateOverridden& event) {
  State::Override& added = *state.add_overrides();
  added.set_number(event.override());
  added.set_phase(event.phase());
  added.set_zone(event.zone());
  *added.mutable_criteria() = event.criteria();
  *added.mutable_until() = event.until();
  added.set_overridden_by(event.overridden_by());
  state.set_last_override(event.override());
}

void Site::Evolve(State& state, const v1::OverrideEnded& event) {
  auto& all = *state.mutable_overrides();
  all.erase(
      std::remove_if(all.begin(), all.end(),
                     [&](const State::Override& o) { return o.number() == event.override(); }),
      all.end());
}

}  // namespace holdfast::initiative
