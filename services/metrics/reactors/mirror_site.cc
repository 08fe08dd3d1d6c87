#include "metrics/reactors/mirror_site.h"

#include <string>
#include <utility>

#include "holdfast/metrics/v1/metrics.pb.h"

#include "absl/strings/str_cat.h"

namespace holdfast::metrics {
namespace {

using Reactions = MirrorInitiative::Reactions;

v1::MirrorSite Of(const EventMeta& meta) {
  v1::MirrorSite command;
  command.set_site_id(std::string(meta.stream_id));
  return command;
}

Reactions One(v1::MirrorSite command) {
  Reactions reactions;
  reactions.push_back(eventsourcing::Reaction::Of(std::move(command)));
  return reactions;
}

// An episode as far as this fact tells it; what it does not tell stays as it was.
struct Episode {
  std::uint32_t number = 0;
  std::string phase;
  std::string zone;
  const type::v1::Day* from = nullptr;
  const type::v1::Day* to = nullptr;
  bool recorded_afterwards = false;
};

template <class Message>
void Fill(Message& message, const Episode& episode) {
  message.set_episode_id(absl::StrCat(episode.number));
  message.set_phase(episode.phase);
  message.set_zone(episode.zone);
  if (episode.from != nullptr) *message.mutable_from() = *episode.from;
  if (episode.to != nullptr) *message.mutable_to() = *episode.to;
  message.set_recorded_afterwards(episode.recorded_afterwards);
}

Reactions Mark(const EventMeta& meta, const Episode& episode) {
  v1::MirrorSite mirror = Of(meta);
  Fill(*mirror.mutable_phase(), episode);
  v1::MarkPhase mark;
  mark.set_site_id(std::string(meta.stream_id));
  Fill(mark, episode);
  Reactions reactions = One(std::move(mirror));
  reactions.push_back(eventsourcing::Reaction::Of(std::move(mark)));
  return reactions;
}

std::string NameOf(initiative::v1::Phase::Code phase) {
  return initiative::v1::Phase::Code_Name(phase);
}

}  // namespace

Reactions MirrorInitiative::React(const initiative::v1::SiteCreated& event, const EventMeta& meta) {
  v1::MirrorSite command = Of(meta);
  command.mutable_site()->set_site_id(std::string(meta.stream_id));
  command.mutable_site()->set_name(event.name());
  return One(std::move(command));
}

Reactions MirrorInitiative::React(const initiative::v1::BoundarySet& event, const EventMeta& meta) {
  v1::MirrorSite command = Of(meta);
  command.mutable_site()->set_site_id(std::string(meta.stream_id));
  *command.mutable_site()->mutable_set() = event.set();
  *command.mutable_site()->mutable_areas() = event.codes();
  return One(std::move(command));
}

Reactions MirrorInitiative::React(const initiative::v1::AgencySignedUp& event,
                                  const EventMeta& meta) {
  v1::MirrorSite command = Of(meta);
  command.mutable_signed_up()->set_agency(event.agency());
  command.mutable_signed_up()->set_type(event.type());
  return One(std::move(command));
}

Reactions MirrorInitiative::React(const initiative::v1::AgencyWithdrawn& event,
                                  const EventMeta& meta) {
  v1::MirrorSite command = Of(meta);
  command.mutable_withdrew()->set_agency(event.agency());
  return One(std::move(command));
}

Reactions MirrorInitiative::React(const initiative::v1::SponsorNamed& event,
                                  const EventMeta& meta) {
  v1::MirrorSite command = Of(meta);
  command.mutable_duty_held()->set_actor_ref(event.holder_ref());
  command.mutable_duty_held()->set_duty(event.duty());
  command.mutable_duty_held()->set_sponsor(true);
  return One(std::move(command));
}

Reactions MirrorInitiative::React(const initiative::v1::OfficerAppointed& event, const EventMeta&) {
  v1::MirrorSite command;
  command.set_site_id(event.site_id());
  command.mutable_duty_held()->set_actor_ref(event.holder_ref());
  command.mutable_duty_held()->set_duty(event.duty());
  return One(std::move(command));
}

Reactions MirrorInitiative::React(const initiative::v1::OfficerStoodDown& event, const EventMeta&) {
  v1::MirrorSite command;
  command.set_site_id(event.site_id());
  command.mutable_duty_ended()->set_actor_ref(event.holder_ref());
  command.mutable_duty_ended()->set_duty(event.duty());
  return One(std::move(command));
}

Reactions MirrorInitiative::React(const initiative::v1::PhaseOpened& event, const EventMeta& meta) {
  return Mark(meta,
              {event.episode(), NameOf(event.phase()), event.zone(), &event.opened_on(), nullptr});
}

Reactions MirrorInitiative::React(const initiative::v1::PhaseClosed& event, const EventMeta& meta) {
  return Mark(meta,
              {event.episode(), NameOf(event.phase()), event.zone(), nullptr, &event.closed_on()});
}

Reactions MirrorInitiative::React(const initiative::v1::PastPhaseRecorded& event,
                                  const EventMeta& meta) {
  return Mark(meta, {event.episode(), NameOf(event.phase()), event.zone(), &event.opened_on(),
                     &event.closed_on(), true});
}

Reactions MirrorInitiative::React(const initiative::v1::SiteCorrected& event,
                                  const EventMeta& meta) {
  if (event.has_episode()) {
    const auto& episode = event.episode();
    return Mark(meta, {episode.episode(), "", "", &episode.opened_on(),
                       episode.has_closed_on() ? &episode.closed_on() : nullptr});
  }
  if (!event.has_name()) return {};
  v1::MirrorSite command = Of(meta);
  command.mutable_site()->set_site_id(std::string(meta.stream_id));
  command.mutable_site()->set_name(event.name());
  return One(std::move(command));
}

}  // namespace holdfast::metrics
