// Evidence: recorded, weighed by the gates, withdrawn.
#include <algorithm>

#include "initiative/domain/site.h"
#include "initiative/domain/site_rules.h"

namespace holdfast::initiative {
namespace {

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

}  // namespace

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

void Site::Resolve(v1::RecordEvidence& command, const Neighbours& neighbours) {
  ResolveCriteria(*command.mutable_resolved(), neighbours);
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

}  // namespace holdfast::initiative
