#include "initiative/views/site_page.h"

#include <algorithm>

#include "base/timestamps.h"
#include "initiative/domain/zone.h"
#include "initiative/views/episode.h"

namespace holdfast::initiative {
namespace {

v1::Episode* FindEpisode(v1::SitePage& row, std::uint32_t number) {
  auto& all = *row.mutable_episodes();
  const auto found = std::ranges::find(all, number, &v1::Episode::number);
  return found == all.end() ? nullptr : &*found;
}

bool OpenedAPhase(const v1::SitePage& row, std::uint32_t gate) {
  return std::ranges::any_of(row.episodes(),
                             [&](const v1::Episode& episode) { return episode.gate() == gate; });
}

}  // namespace

void SitePage::Apply(Row& row, const v1::SiteCreated& event, const EventMeta& meta) {
  row.set_site_id(std::string(meta.stream_id));
  row.set_name(event.name());
  *row.mutable_created_on() = event.created_on();
  row.set_version(meta.version);
}

void SitePage::Apply(Row& row, const v1::BoundarySet& event, const EventMeta& meta) {
  *row.mutable_set() = event.set();
  *row.mutable_codes() = event.codes();
  row.set_version(meta.version);
}

void SitePage::Apply(Row& row, const v1::AgencySignedUp& event, const EventMeta& meta) {
  row.set_version(meta.version);
  auto& all = *row.mutable_agencies();
  const auto found = std::ranges::find(all, event.agency(), &v1::SignedAgency::agency);
  v1::SignedAgency& agency = found != all.end() ? *found : *all.Add();
  agency.set_agency(event.agency());
  agency.set_type(event.type());
  *agency.mutable_signed_on() = event.signed_on();
  agency.clear_withdrawn_on();
}

void SitePage::Apply(Row& row, const v1::AgencyWithdrawn& event, const EventMeta& meta) {
  row.set_version(meta.version);
  for (v1::SignedAgency& agency : *row.mutable_agencies()) {
    if (agency.agency() == event.agency()) *agency.mutable_withdrawn_on() = event.withdrawn_on();
  }
}

void SitePage::Apply(Row& row, const v1::SponsorNamed& event, const EventMeta& meta) {
  row.set_version(meta.version);
  auto& all = *row.mutable_sponsors();
  const auto found = std::ranges::find(all, event.duty(), &v1::Sponsor::duty);
  v1::Sponsor& sponsor = found != all.end() ? *found : *all.Add();
  sponsor.set_duty(event.duty());
  sponsor.set_holder_ref(event.holder_ref());
  sponsor.set_agency(event.agency());
  *sponsor.mutable_named_on() = event.named_on();
}

void SitePage::Apply(Row& row, const v1::BrandNamed& event, const EventMeta& meta) {
  row.set_version(meta.version);
  row.set_brand(event.brand());
  row.set_brand_chosen_by(event.chosen_by());
}

Fit SitePage::Apply(Row& row, const v1::SiteCorrected& event, const EventMeta& meta) {
  row.set_version(meta.version);
  if (event.has_name()) row.set_name(event.name());
  if (!event.has_episode()) return {};
  v1::Episode* episode = FindEpisode(row, event.episode().episode());
  if (episode == nullptr) return Unfit("UNKNOWN_EPISODE");
  ApplyToEpisode(*episode, event.episode());
  return {};
}

void SitePage::Apply(Row& row, const v1::SiteClosed& event, const EventMeta& meta) {
  row.set_version(meta.version);
  *row.mutable_closed_on() = event.closed_on();
  row.set_closed_reason(event.reason());
}

void SitePage::Apply(Row& row, const v1::EvidenceRecorded& event, const EventMeta& meta) {
  row.set_version(meta.version);
  v1::RecordedEvidence& recorded = *row.add_evidence();
  *recorded.mutable_evidence() = event.evidence();
  *recorded.mutable_recorded_at() = ToTimestamp(meta.recorded_at);
  recorded.set_recorded_by(std::string(meta.actor));
}

void SitePage::Apply(Row& row, const v1::EvidenceWithdrawn& event, const EventMeta& meta) {
  row.set_version(meta.version);
  for (v1::RecordedEvidence& recorded : *row.mutable_evidence()) {
    if (recorded.evidence().number() != event.evidence()) continue;
    recorded.set_withdrawn(true);
    recorded.set_withdrawn_reason(event.reason());
  }
  for (v1::GateEvaluation& gate : *row.mutable_gates()) {
    const bool rests = gate.passed() && gate.fallen_with() == 0 &&
                       std::ranges::any_of(gate.results(), [&](const v1::CriterionResult& result) {
                         return result.evidence() == event.evidence() &&
                                result.outcome() == v1::CriterionResult::MET &&
                                result.level() == v1::GateCriterion::HARD;
                       });
    if (rests) gate.set_fallen_with(event.evidence());
  }
}

void SitePage::Apply(Row& row, const v1::GateEvaluated& event, const EventMeta& meta) {
  row.set_version(meta.version);
  auto& all = *row.mutable_gates();
  all.erase(std::remove_if(all.begin(), all.end(),
                           [&](const v1::GateEvaluation& gate) {
                             return gate.phase() == event.phase() &&
                                    SameZone(gate.zone(), event.zone()) &&
                                    !OpenedAPhase(row, gate.number());
                           }),
            all.end());
  v1::GateEvaluation& gate = *all.Add();
  gate.set_number(event.gate());
  gate.set_phase(event.phase());
  gate.set_zone(event.zone());
  *gate.mutable_for_day() = event.for_day();
  gate.set_criteria_version(event.criteria_version());
  *gate.mutable_results() = event.results();
  gate.set_requested_by(event.requested_by());
  *gate.mutable_evaluated_at() = ToTimestamp(meta.recorded_at);
}

void SitePage::Apply(Row& row, const v1::GatePassed& event, const EventMeta& meta) {
  row.set_version(meta.version);
  for (v1::GateEvaluation& gate : *row.mutable_gates()) {
    if (gate.number() != event.gate()) continue;
    gate.set_passed(true);
    *gate.mutable_valid_until() = event.valid_until();
  }
}

void SitePage::Apply(Row& row, const v1::GateOverridden& event, const EventMeta& meta) {
  row.set_version(meta.version);
  v1::GateOverride& added = *row.add_overrides();
  added.set_number(event.override());
  added.set_gate(event.gate());
  added.set_phase(event.phase());
  added.set_zone(event.zone());
  *added.mutable_criteria() = event.criteria();
  added.set_rationale(event.rationale());
  *added.mutable_until() = event.until();
  added.set_overridden_by(event.overridden_by());
  added.set_duty(event.duty());
  *added.mutable_overridden_at() = ToTimestamp(meta.recorded_at);
}

void SitePage::Apply(Row& row, const v1::OverrideEnded& event, const EventMeta& meta) {
  row.set_version(meta.version);
  for (v1::GateOverride& added : *row.mutable_overrides()) {
    if (added.number() == event.override()) added.set_ended(true);
  }
}

void SitePage::Apply(Row& row, const v1::PhaseOpened& event, const EventMeta& meta) {
  row.set_version(meta.version);
  ApplyToEpisode(*row.add_episodes(), event);
  if (event.without_baseline()) row.set_baseline_retrospective(true);
}

Fit SitePage::Apply(Row& row, const v1::PhaseClosed& event, const EventMeta& meta) {
  row.set_version(meta.version);
  v1::Episode* const episode = FindEpisode(row, event.episode());
  if (episode == nullptr) return Unfit("UNKNOWN_EPISODE");
  ApplyToEpisode(*episode, event);
  return {};
}

void SitePage::Apply(Row& row, const v1::PastPhaseRecorded& event, const EventMeta& meta) {
  row.set_version(meta.version);
  ApplyToEpisode(*row.add_episodes(), event);
  if (event.phase() == v1::Phase::CLEAR) row.set_baseline_retrospective(true);
}

// The version of the row is that of the site's own stream: the team's facts leave it.

void SitePage::Apply(Row& row, const v1::OfficerAppointed& event, const EventMeta&) {
  v1::Officer& officer = *row.add_officers();
  officer.set_duty(event.duty());
  officer.set_holder_ref(event.holder_ref());
  officer.set_agency(event.agency());
  *officer.mutable_appointed_on() = event.appointed_on();
}

void SitePage::Apply(Row& row, const v1::OfficerStoodDown& event, const EventMeta&) {
  auto& all = *row.mutable_officers();
  all.erase(std::remove_if(all.begin(), all.end(),
                           [&](const v1::Officer& officer) {
                             return officer.duty() == event.duty() &&
                                    officer.holder_ref() == event.holder_ref();
                           }),
            all.end());
}

}  // namespace holdfast::initiative
