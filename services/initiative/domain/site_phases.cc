// Phases: opened through their gate, closed, or recorded afterwards.
#include <algorithm>
#include <string>

#include "initiative/domain/lead.h"
#include "initiative/domain/site.h"
#include "initiative/domain/site_rules.h"
#include "initiative/domain/zone.h"

namespace holdfast::initiative {
namespace {

const v1::SiteState::Episode* OpenEpisode(const v1::SiteState& now, v1::Phase::Code phase,
                                          std::string_view zone) {
  for (const v1::SiteState::Episode& episode : now.episodes()) {
    if (episode.phase() == phase && SameZone(episode.zone(), zone) && !episode.has_closed_on())
      return &episode;
  }
  return nullptr;
}

// The pass on which a phase may open on that day, null where the gate must be evaluated.
const v1::SiteState::Evaluation* PassFor(const v1::SiteState& now, v1::Phase::Code phase,
                                         std::string_view zone, absl::CivilDay day) {
  const v1::SiteState::Evaluation* last = LatestEvaluation(now, phase, zone);
  if (last == nullptr || !last->has_valid_until()) return nullptr;
  const bool holds = ToDay(last->for_day()) <= day && day <= ToDay(last->valid_until());
  return holds ? last : nullptr;
}

bool HasUnmetWarnings(const v1::SiteState::Evaluation& evaluation) {
  return std::ranges::any_of(evaluation.results(), [](const v1::CriterionResult& result) {
    return result.level() == v1::GateCriterion::WARNING &&
           result.outcome() != v1::CriterionResult::MET;
  });
}

// The override in force today that covers every one of the missing criteria; null where there is
// none.
const v1::SiteState::Override* Covering(const v1::SiteState& now, v1::Phase::Code phase,
                                        std::string_view zone,
                                        const std::vector<std::string>& missing,
                                        absl::CivilDay today) {
  for (const v1::SiteState::Override& in_force : now.overrides()) {
    const bool here = in_force.phase() == phase && SameZone(in_force.zone(), zone) &&
                      ToDay(in_force.until()) >= today;
    const bool covers =
        here && std::ranges::all_of(missing, [&](const std::string& criterion) {
          return std::ranges::find(in_force.criteria(), criterion) != in_force.criteria().end();
        });
    if (covers) return &in_force;
  }
  return nullptr;
}

// What is known of the time before CLEAR: a baseline observed up to its first day.
v1::Warning::Code BaselineWarning(const v1::SiteState& now, absl::CivilDay day) {
  v1::Warning::Code warning = v1::Warning::NO_BASELINE;
  for (const v1::Evidence& evidence : now.evidence()) {
    if (evidence.criterion() != kBaselineCriterion || ToDay(evidence.observed_on()) > day) continue;
    if (!evidence.retrospective()) return v1::Warning::CODE_UNSPECIFIED;
    warning = v1::Warning::BASELINE_RETROSPECTIVE;
  }
  return warning;
}

// Names the lead in `opened`, with a warning where it is missing or of another class. False: it
// never signed up.
bool NameLead(const v1::SiteState& now, const std::string& agency, v1::PhaseOpened& opened) {
  if (agency.empty()) {
    opened.add_warnings(v1::Warning::LEAD_NOT_NAMED);
    return true;
  }
  const auto found =
      std::ranges::find(now.agencies(), agency, &v1::SiteState::SignedAgency::agency);
  if (found == now.agencies().end()) return false;
  opened.set_lead_agency(agency);
  opened.set_lead_class(ClassOf(found->type()));
  if (opened.lead_class() != LeadClassOf(opened.phase()))
    opened.add_warnings(v1::Warning::OTHER_LEAD_CLASS);
  return true;
}

}  // namespace

bool Overlaps(const v1::SiteState& now, v1::Phase::Code phase, std::string_view zone,
              absl::CivilDay from, const absl::CivilDay* to, std::uint32_t except) {
  return std::ranges::any_of(now.episodes(), [&](const v1::SiteState::Episode& other) {
    if (other.number() == except || other.phase() != phase || !SameZone(other.zone(), zone))
      return false;
    const bool begins_before_other_ends = !other.has_closed_on() || from < ToDay(other.closed_on());
    const bool ends_after_other_begins = to == nullptr || *to > ToDay(other.opened_on());
    return begins_before_other_ends && ends_after_other_begins;
  });
}

namespace {

void AddBaselineWarning(const v1::SiteState& now, absl::CivilDay day, v1::PhaseOpened& opened) {
  const v1::Warning::Code warning = BaselineWarning(now, day);
  if (warning != v1::Warning::CODE_UNSPECIFIED) opened.add_warnings(warning);
  opened.set_without_baseline(warning == v1::Warning::NO_BASELINE);
}

// By a pass that holds, or a judgement of the gate on that day: what was found, or why it stays
// shut. Writes into `opened` how it was passed.
Site::Decision PassGate(const v1::SiteState& now, const v1::OpenPhase& command, absl::CivilDay day,
                        const DecisionContext& context, v1::PhaseOpened& opened) {
  Facts<Site::Event, v1::Refusal::Code> facts;
  if (const auto* pass = PassFor(now, command.phase(), opened.zone(), day)) {
    opened.set_gate(pass->gate());
    if (HasUnmetWarnings(*pass)) opened.add_warnings(v1::Warning::GATE_WARNINGS);
    return facts;
  }
  const auto judgement =
      Judge(now, command.phase(), opened.zone(), day, command.resolved(), context.actor);
  if (!judgement.has_value()) return tl::make_unexpected(judgement.error());
  if (!judgement->missing.empty()) {
    const v1::SiteState::Override* cover =
        Covering(now, command.phase(), opened.zone(), judgement->missing, context.today);
    if (cover == nullptr) return RefuseAll(WhatIsMissing(*judgement, command.resolved()));
    // Who let it pass does not also walk through.
    if (cover->overridden_by() == context.actor) return Refuse(v1::Refusal::SAME_PERSON);
    opened.set_override(cover->number());
    opened.add_warnings(v1::Warning::UNDER_OVERRIDE);
  }
  AddJudgement(*judgement, facts);
  opened.set_gate(judgement->evaluated.gate());
  if (judgement->unmet_warnings) opened.add_warnings(v1::Warning::GATE_WARNINGS);
  if (judgement->unverified) opened.add_warnings(v1::Warning::CRITERIA_UNVERIFIED);
  return facts;
}

}  // namespace

Site::Decision Site::Decide(const State& now, const v1::OpenPhase& command,
                            const DecisionContext& context) {
  if (now.life() != State::OPEN) return NotOpen(now);
  if (command.phase() == v1::Phase::CODE_UNSPECIFIED) return Refuse(Refusal::REQUIRED, "phase");
  const absl::CivilDay day = DayOr(command.has_opened_on(), command.opened_on(), context);
  if (day > context.today) return Refuse(Refusal::IN_FUTURE, "opened_on");
  const std::string zone = ZoneOf(command.zone());
  if (const State::Episode* open = OpenEpisode(now, command.phase(), zone)) {
    if (ToDay(open->opened_on()) == day && open->lead_agency() == command.lead_agency()) return {};
    return Refuse(Refusal::EPISODE_OVERLAPS, "phase", "one that is not open in this zone");
  }
  if (Overlaps(now, command.phase(), zone, day, nullptr))
    return Refuse(Refusal::EPISODE_OVERLAPS, "opened_on", "a day after the episode before it");

  v1::PhaseOpened opened;
  opened.set_episode(now.last_episode() + 1);
  opened.set_phase(command.phase());
  opened.set_zone(zone);
  *opened.mutable_opened_on() = ToMessage(day);
  opened.set_decision_id(command.decision_id());
  if (!NameLead(now, command.lead_agency(), opened))
    return Refuse(Refusal::AGENCY_NOT_SIGNED_UP, "lead_agency");

  auto passed = PassGate(now, command, day, context, opened);
  if (!passed.has_value()) return passed;
  Facts<Event, Refusal::Code> facts = *std::move(passed);
  if (command.phase() == v1::Phase::CLEAR) AddBaselineWarning(now, day, opened);
  for (const int warning : opened.warnings())
    facts.Warn(WarningName(static_cast<v1::Warning::Code>(warning)));
  facts.Add(std::move(opened));
  return facts;
}

Site::Decision Site::Decide(const State& now, const v1::ClosePhase& command,
                            const DecisionContext& context) {
  if (now.life() != State::OPEN) return NotOpen(now);
  const absl::CivilDay day = DayOr(command.has_closed_on(), command.closed_on(), context);
  if (day > context.today) return Refuse(Refusal::IN_FUTURE, "closed_on");
  const std::string zone = ZoneOf(command.zone());
  const State::Episode* open = OpenEpisode(now, command.phase(), zone);
  if (open == nullptr) {
    const bool closed_that_day =
        std::ranges::any_of(now.episodes(), [&](const State::Episode& episode) {
          return episode.phase() == command.phase() && SameZone(episode.zone(), zone) &&
                 !episode.recorded_afterwards() && ToDay(episode.closed_on()) == day;
        });
    if (closed_that_day) return {};
    return Refuse(Refusal::WRONG_STATE, "phase", "a phase that is open in this zone");
  }
  if (day < ToDay(open->opened_on()))
    return Refuse(Refusal::DATE_ORDER, "closed_on", "not before the day it opened");
  v1::PhaseClosed closed;
  closed.set_episode(open->number());
  closed.set_phase(open->phase());
  closed.set_zone(open->zone());
  *closed.mutable_closed_on() = ToMessage(day);
  closed.set_reason(command.reason());
  return closed;
}

Site::Decision Site::Decide(const State& now, const v1::RecordPastPhase& command,
                            const DecisionContext&) {
  if (now.life() != State::OPEN) return NotOpen(now);
  if (command.phase() == v1::Phase::CODE_UNSPECIFIED) return Refuse(Refusal::REQUIRED, "phase");
  if (!command.has_from()) return Refuse(Refusal::REQUIRED, "from");
  if (!command.has_to()) return Refuse(Refusal::REQUIRED, "to");
  if (command.source().empty()) return Refuse(Refusal::REQUIRED, "source");
  const absl::CivilDay from = ToDay(command.from());
  const absl::CivilDay to = ToDay(command.to());
  if (from > to) return Refuse(Refusal::DATE_ORDER, "to", "not before from");
  if (to >= ToDay(now.created_on()))
    return Refuse(Refusal::NOT_PAST, "to", "before the day the site was created");
  const std::string zone = ZoneOf(command.zone());
  const bool same = std::ranges::any_of(now.episodes(), [&](const State::Episode& episode) {
    return episode.recorded_afterwards() && episode.phase() == command.phase() &&
           SameZone(episode.zone(), zone) && ToDay(episode.opened_on()) == from &&
           ToDay(episode.closed_on()) == to;
  });
  if (same) return {};
  if (Overlaps(now, command.phase(), zone, from, &to))
    return Refuse(Refusal::EPISODE_OVERLAPS, "from");
  v1::PastPhaseRecorded recorded;
  recorded.set_episode(now.last_episode() + 1);
  recorded.set_phase(command.phase());
  recorded.set_zone(zone);
  *recorded.mutable_opened_on() = command.from();
  *recorded.mutable_closed_on() = command.to();
  recorded.set_source(command.source());
  Facts<Event, Refusal::Code> facts(std::move(recorded));
  if (command.phase() == v1::Phase::CLEAR)
    facts.Warn(WarningName(v1::Warning::BASELINE_RETROSPECTIVE));
  return facts;
}

void Site::Evolve(State& state, const v1::PhaseOpened& event) {
  State::Episode& episode = *state.add_episodes();
  episode.set_number(event.episode());
  episode.set_phase(event.phase());
  episode.set_zone(event.zone());
  *episode.mutable_opened_on() = event.opened_on();
  episode.set_lead_agency(event.lead_agency());
  state.set_last_episode(event.episode());
  if (event.without_baseline()) state.set_baseline_retrospective(true);
}

void Site::Evolve(State& state, const v1::PhaseClosed& event) {
  for (State::Episode& episode : *state.mutable_episodes()) {
    if (episode.number() == event.episode()) *episode.mutable_closed_on() = event.closed_on();
  }
}

void Site::Evolve(State& state, const v1::PastPhaseRecorded& event) {
  State::Episode& episode = *state.add_episodes();
  episode.set_number(event.episode());
  episode.set_phase(event.phase());
  episode.set_zone(event.zone());
  *episode.mutable_opened_on() = event.opened_on();
  *episode.mutable_closed_on() = event.closed_on();
  episode.set_recorded_afterwards(true);
  state.set_last_episode(event.episode());
  if (event.phase() == v1::Phase::CLEAR) state.set_baseline_retrospective(true);
}

}  // namespace holdfast::initiative
