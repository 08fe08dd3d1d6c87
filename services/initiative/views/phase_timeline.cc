#include "initiative/views/phase_timeline.h"

#include "absl/strings/str_format.h"
#include "initiative/views/episode.h"

namespace holdfast::initiative {

std::string PhaseTimeline::KeyOf(std::string_view site_id, std::uint32_t episode) {
  return RowKey({site_id, absl::StrFormat("%010u", episode)});
}

RowKeys PhaseTimeline::Key(const v1::SiteCorrected& event, const EventMeta& meta) {
  if (!event.has_episode()) return {};
  return KeyOf(meta.stream_id, event.episode().episode());
}

void PhaseTimeline::Apply(Row& row, const v1::PhaseOpened& event, const EventMeta& meta) {
  row.set_site_id(std::string(meta.stream_id));
  ApplyToEpisode(*row.mutable_episode(), event);
}

void PhaseTimeline::Apply(Row& row, const v1::PhaseClosed& event, const EventMeta&) {
  ApplyToEpisode(*row.mutable_episode(), event);
}

void PhaseTimeline::Apply(Row& row, const v1::PastPhaseRecorded& event, const EventMeta& meta) {
  row.set_site_id(std::string(meta.stream_id));
  ApplyToEpisode(*row.mutable_episode(), event);
}

void PhaseTimeline::Apply(Row& row, const v1::SiteCorrected& event, const EventMeta&) {
  ApplyToEpisode(*row.mutable_episode(), event.episode());
}

}  // namespace holdfast::initiative
