#include "initiative/views/episode.h"

namespace holdfast::initiative {

void ApplyToEpisode(v1::Episode& episode, const v1::PhaseOpened& event) {
  episode.set_number(event.episode());
  episode.set_phase(event.phase());
  episode.set_zone(event.zone());
  *episode.mutable_opened_on() = event.opened_on();
  episode.set_lead_agency(event.lead_agency());
  episode.set_lead_class(event.lead_class());
  episode.set_decision_id(event.decision_id());
  episode.set_gate(event.gate());
  episode.set_override(event.override());
  *episode.mutable_warnings() = event.warnings();
  episode.set_without_baseline(event.without_baseline());
}

void ApplyToEpisode(v1::Episode& episode, const v1::PhaseClosed& event) {
  *episode.mutable_closed_on() = event.closed_on();
  episode.set_closed_reason(event.reason());
}

void ApplyToEpisode(v1::Episode& episode, const v1::PastPhaseRecorded& event) {
  episode.set_number(event.episode());
  episode.set_phase(event.phase());
  episode.set_zone(event.zone());
  *episode.mutable_opened_on() = event.opened_on();
  *episode.mutable_closed_on() = event.closed_on();
  episode.set_source(event.source());
  episode.set_recorded_afterwards(true);
}

void ApplyToEpisode(v1::Episode& episode, const v1::SiteCorrected::Episode& correction) {
  *episode.mutable_opened_on() = correction.opened_on();
  if (correction.has_closed_on()) *episode.mutable_closed_on() = correction.closed_on();
  episode.set_corrections(episode.corrections() + 1);
}

}  // namespace holdfast::initiative
