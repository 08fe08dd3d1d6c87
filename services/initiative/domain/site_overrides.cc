// Overrides: a gate let pass although it failed, by somebody senior, until a day.
#include <algorithm>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/civil_time.h"
#include "initiative/domain/site.h"
#include "initiative/domain/site_rules.h"
#include "initiative/domain/team.h"
#include "initiative/domain/zone.h"

namespace holdfast::initiative {
namespace {

std::string TimerOf(const v1::SiteState::Override& in_force) {
  return absl::StrCat("override-ends/", in_force.number());
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

// Those named, or every one that failed; in order, each once.
std::vector<std::string> CriteriaOf(const v1::OverrideGate& command,
                                    const v1::SiteState::Evaluation& last) {
  const auto& named = command.criteria().empty() ? last.missing() : command.criteria();
  const std::set<std::string> criteria(named.begin(), named.end());
  return {criteria.begin(), criteria.end()};
}

// The very same override stands already.
bool Stands(const v1::SiteState& now, const v1::OverrideGate& command, std::string_view zone,
            std::string_view by, const std::vector<std::string>& criteria) {
  return std::ranges::any_of(now.overrides(), [&](const v1::SiteState::Override& before) {
    return before.phase() == command.phase() && SameZone(before.zone(), zone) &&
           before.overridden_by() == by && SameDay(before.until(), command.until()) &&
           std::ranges::equal(before.criteria(), criteria);
  });
}

}  // namespace

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

  const std::vector<std::string> criteria = CriteriaOf(command, *last);
  for (const std::string& criterion : criteria) {
    if (std::ranges::find(last->missing(), criterion) == last->missing().end())
      return Refuse(Refusal::NOTHING_TO_OVERRIDE, "criteria", "only criteria that failed");
  }
  if (Stands(now, command, zone, context.actor, criteria)) return {};
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
    due.push_back({TimerOf(in_force), LondonMidnight(ToDay(in_force.until()) + 1)});
  }
  return due;
}

std::optional<Site::Command> Site::OnDue(const State& state, const DueAt& due) {
  for (const State::Override& in_force : state.overrides()) {
    if (due.kind != TimerOf(in_force)) continue;
    v1::NoteOverrideEnded command;
    command.set_site_id(state.site_id());
    command.set_override(in_force.number());
    return command;
  }
  return std::nullopt;
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
