#include "initiative/views/site_list.h"

#include <algorithm>

namespace holdfast::initiative {

void SiteList::Apply(Row& row, const v1::SiteCreated& event, const EventMeta& meta) {
  row.set_site_id(std::string(meta.stream_id));
  row.set_name(event.name());
  *row.mutable_created_on() = event.created_on();
}

void SiteList::Apply(Row& row, const v1::BoundarySet& event, const EventMeta&) {
  *row.mutable_set() = event.set();
  *row.mutable_codes() = event.codes();
}

void SiteList::Apply(Row& row, const v1::BrandNamed& event, const EventMeta&) {
  row.set_brand(event.brand());
}

void SiteList::Apply(Row& row, const v1::SiteCorrected& event, const EventMeta&) {
  if (event.has_name()) row.set_name(event.name());
  if (!event.has_episode()) return;
  for (v1::SiteSummary::OpenPhase& open : *row.mutable_open_phases()) {
    if (open.episode() == event.episode().episode())
      *open.mutable_opened_on() = event.episode().opened_on();
  }
}

void SiteList::Apply(Row& row, const v1::SiteClosed&, const EventMeta&) {
  row.set_closed(true);
}

void SiteList::Apply(Row& row, const v1::GateOverridden& event, const EventMeta&) {
  row.add_overrides(event.override());
  row.set_overrides_in_force(static_cast<std::uint32_t>(row.overrides_size()));
}

void SiteList::Apply(Row& row, const v1::OverrideEnded& event, const EventMeta&) {
  auto& all = *row.mutable_overrides();
  all.erase(std::remove(all.begin(), all.end(), event.override()), all.end());
  row.set_overrides_in_force(static_cast<std::uint32_t>(row.overrides_size()));
}

void SiteList::Apply(Row& row, const v1::PhaseOpened& event, const EventMeta&) {
  v1::SiteSummary::OpenPhase& open = *row.add_open_phases();
  open.set_phase(event.phase());
  open.set_zone(event.zone());
  *open.mutable_opened_on() = event.opened_on();
  open.set_episode(event.episode());
  row.set_episodes(row.episodes() + 1);
  if (event.without_baseline()) row.set_baseline_retrospective(true);
}

void SiteList::Apply(Row& row, const v1::PhaseClosed& event, const EventMeta&) {
  auto& all = *row.mutable_open_phases();
  all.erase(std::remove_if(all.begin(), all.end(),
                           [&](const v1::SiteSummary::OpenPhase& open) {
                             return open.episode() == event.episode();
                           }),
            all.end());
}

void SiteList::Apply(Row& row, const v1::PastPhaseRecorded& event, const EventMeta&) {
  row.set_episodes(row.episodes() + 1);
  if (event.phase() == v1::Phase::CLEAR) row.set_baseline_retrospective(true);
}

}  // namespace holdfast::initiative
