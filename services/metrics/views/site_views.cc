#include "metrics/views/site_views.h"

#include <algorithm>
#include <string>

#include "base/timestamps.h"

namespace holdfast::metrics {
namespace {

template <class Items, class Gone>
void Remove(Items& items, Gone gone) {
  items.erase(std::remove_if(items.begin(), items.end(), gone), items.end());
}

bool Holds(const v1::MirrorRow::Holder& holder, std::string_view actor, type::v1::Duty::Code duty) {
  return holder.actor_ref() == actor && holder.duty() == duty;
}

}  // namespace

void BaselinePage::Apply(Row& row, const v1::ComparatorsChosen& event, const EventMeta& meta) {
  row.set_site_id(std::string(meta.stream_id));
  *row.mutable_comparators() = event;
}

void BaselinePage::Apply(Row& row, const v1::BaselineLocked& event, const EventMeta& meta) {
  row.set_site_id(event.site_id());
  Row::Locked& locked = *row.add_locked();
  *locked.mutable_baseline() = event;
  *locked.mutable_locked_at() = ToTimestamp(meta.recorded_at);
  locked.set_actor(std::string(meta.actor));
  locked.set_seq(meta.seq);
}

void BaselinePage::Apply(Row& row, const v1::BaselineSuperseded& event, const EventMeta&) {
  for (auto& locked : *row.mutable_locked()) {
    if (locked.baseline().number() != event.number()) continue;
    locked.set_superseded(true);
    locked.set_superseded_reason(event.reason());
  }
}

void SeriesMarksPage::Apply(Row& row, const v1::PhaseMarked& event, const EventMeta&) {
  row.set_site_id(event.site_id());
  for (auto& phase : *row.mutable_phases()) {
    if (phase.episode_id() != event.episode_id()) continue;
    phase = event;
    return;
  }
  *row.add_phases() = event;
}

void SeriesMarksPage::Apply(Row& row, const v1::BreakMarked& event, const EventMeta&) {
  *row.add_breaks() = event;
}

void SeriesMarksPage::Apply(Row& row, const v1::BreakWithdrawn& event, const EventMeta&) {
  Remove(*row.mutable_breaks(),
         [&](const v1::BreakMarked& mark) { return mark.break_id() == event.break_id(); });
}

void MirrorPage::Apply(Row& row, const v1::SiteMirrored& event, const EventMeta&) {
  *row.mutable_site() = event;
}

void MirrorPage::Apply(Row& row, const v1::MirrorAgencySignedUp& event, const EventMeta&) {
  Remove(*row.mutable_agencies(), [&](const auto& a) { return a.agency() == event.agency(); });
  Row::Agency& agency = *row.add_agencies();
  agency.set_agency(event.agency());
  agency.set_type(event.type());
}

void MirrorPage::Apply(Row& row, const v1::MirrorAgencyWithdrew& event, const EventMeta&) {
  Remove(*row.mutable_agencies(), [&](const auto& a) { return a.agency() == event.agency(); });
}

void MirrorPage::Apply(Row& row, const v1::MirrorDutyHeld& event, const EventMeta&) {
  Remove(*row.mutable_holders(), [&](const auto& h) {
    return h.sponsor() == event.sponsor() &&
           (event.sponsor() ? h.duty() == event.duty() : Holds(h, event.actor_ref(), event.duty()));
  });
  Row::Holder& holder = *row.add_holders();
  holder.set_actor_ref(event.actor_ref());
  holder.set_duty(event.duty());
  holder.set_sponsor(event.sponsor());
}

void MirrorPage::Apply(Row& row, const v1::MirrorDutyEnded& event, const EventMeta&) {
  Remove(*row.mutable_holders(),
         [&](const auto& h) { return !h.sponsor() && Holds(h, event.actor_ref(), event.duty()); });
}

void MirrorPage::Apply(Row& row, const v1::MirrorPhase& event, const EventMeta&) {
  for (auto& phase : *row.mutable_phases()) {
    if (phase.episode_id() != event.episode_id()) continue;
    phase = event;
    return;
  }
  *row.add_phases() = event;
}

void PeriodList::Apply(Row& row, const v1::PeriodClosed& event, const EventMeta& meta) {
  *row.mutable_closed() = event;
  *row.mutable_closed_at() = ToTimestamp(meta.recorded_at);
}

void PeriodList::Apply(Row& row, const v1::PeriodRestated& event, const EventMeta&) {
  *row.add_restated() = event;
}

}  // namespace holdfast::metrics
