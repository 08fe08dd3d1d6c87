#include "projection/views/initiative/initiative_board.h"

#include <algorithm>

namespace holdfast::projection {
namespace {

namespace v1 = initiative::v1;

board::v1::PhaseBand* Find(board::v1::InitiativeBoardRow& row, std::uint32_t episode) {
  const auto found =
      std::find_if(row.mutable_phases()->begin(), row.mutable_phases()->end(),
                   [episode](const auto& band) { return band.episode() == episode; });
  return found == row.mutable_phases()->end() ? nullptr : &*found;
}

void RemoveAgency(board::v1::InitiativeBoardRow& row, const std::string& agency) {
  auto& agencies = *row.mutable_agencies();
  agencies.erase(std::remove(agencies.begin(), agencies.end(), agency), agencies.end());
}

}  // namespace

void InitiativeBoard::Apply(Row& row, const v1::SiteCreated& event, const EventMeta& meta) {
  row.set_site_id(std::string(meta.stream_id));
  row.set_name(event.name());
  *row.mutable_created_on() = event.created_on();
}

void InitiativeBoard::Apply(Row& row, const v1::BoundarySet& event, const EventMeta&) {
  *row.mutable_set() = event.set();
  *row.mutable_codes() = event.codes();
}

void InitiativeBoard::Apply(Row& row, const v1::BrandNamed& event, const EventMeta&) {
  row.set_brand(event.brand());
}

void InitiativeBoard::Apply(Row& row, const v1::AgencySignedUp& event, const EventMeta&) {
  RemoveAgency(row, event.agency());
  row.add_agencies(event.agency());
}

void InitiativeBoard::Apply(Row& row, const v1::AgencyWithdrawn& event, const EventMeta&) {
  RemoveAgency(row, event.agency());
}

void InitiativeBoard::Apply(Row& row, const v1::PhaseOpened& event, const EventMeta&) {
  auto* band = row.add_phases();
  band->set_episode(event.episode());
  band->set_phase(event.phase());
  band->set_zone(event.zone());
  *band->mutable_from() = event.opened_on();
  band->set_lead_agency(event.lead_agency());
  band->set_override(event.override());
  band->set_without_baseline(event.without_baseline());
}

Fit InitiativeBoard::Apply(Row& row, const v1::PhaseClosed& event, const EventMeta&) {
  auto* const band = Find(row, event.episode());
  if (band == nullptr) return Unfit("UNKNOWN_EPISODE");
  *band->mutable_to() = event.closed_on();
  return {};
}

void InitiativeBoard::Apply(Row& row, const v1::PastPhaseRecorded& event, const EventMeta&) {
  auto* band = row.add_phases();
  band->set_episode(event.episode());
  band->set_phase(event.phase());
  band->set_zone(event.zone());
  *band->mutable_from() = event.opened_on();
  *band->mutable_to() = event.closed_on();
  band->set_recorded_afterwards(true);
  band->set_source(event.source());
}

void InitiativeBoard::Apply(Row& row, const v1::GateOverridden& event, const EventMeta& meta) {
  auto* override = row.add_overrides();
  override->set_number(event.override());
  override->set_gate(event.gate());
  override->set_phase(event.phase());
  override->set_zone(event.zone());
  *override->mutable_criteria() = event.criteria();
  override->set_rationale(event.rationale());
  *override->mutable_until() = event.until();
  override->set_overridden_by(event.overridden_by());
  override->set_duty(event.duty());
  const std::int64_t seconds = absl::ToUnixSeconds(meta.recorded_at);
  override->mutable_overridden_at()->set_seconds(seconds);
}

void InitiativeBoard::Apply(Row& row, const v1::OverrideEnded& event, const EventMeta&) {
  for (auto& override : *row.mutable_overrides()) {
    if (override.number() == event.override()) override.set_ended(true);
  }
}

Fit InitiativeBoard::Apply(Row& row, const v1::SiteCorrected& event, const EventMeta&) {
  if (event.to_case() == v1::SiteCorrected::kName) row.set_name(event.name());
  if (event.to_case() != v1::SiteCorrected::kEpisode) return {};
  auto* band = Find(row, event.episode().episode());
  if (band == nullptr) return Unfit("UNKNOWN_EPISODE");
  *band->mutable_from() = event.episode().opened_on();
  band->clear_to();
  if (event.episode().has_closed_on()) *band->mutable_to() = event.episode().closed_on();
  return {};
}

void InitiativeBoard::Apply(Row& row, const v1::SiteClosed& event, const EventMeta&) {
  *row.mutable_closed_on() = event.closed_on();
}

}  // namespace holdfast::projection
