// Every episode of every site, one row each. Key: the site's id, then the episode's number, so that
// the episodes of a site are a prefix and stand in order of record.
#pragma once

#include <string>
#include <string_view>
#include <variant>

#include "holdfast/initiative/v1/events.pb.h"
#include "holdfast/initiative/v1/views.pb.h"

#include "readmodel/view.h"

namespace holdfast::initiative {

struct PhaseTimeline {
  static constexpr std::string_view kName = "phase_timeline@1";
  using Row = v1::PhaseLine;
  using Event =
      std::variant<v1::PhaseOpened, v1::PhaseClosed, v1::PastPhaseRecorded, v1::SiteCorrected>;

  static std::string KeyOf(std::string_view site_id, std::uint32_t episode);

  static RowKeys Key(const auto& event, const EventMeta& meta) {
    return KeyOf(meta.stream_id, event.episode());
  }
  // A corrected name is no matter of the timeline.
  static RowKeys Key(const v1::SiteCorrected& event, const EventMeta& meta);

  static void Apply(Row&, const v1::PhaseOpened&, const EventMeta&);
  static void Apply(Row&, const v1::PhaseClosed&, const EventMeta&);
  static void Apply(Row&, const v1::PastPhaseRecorded&, const EventMeta&);
  static void Apply(Row&, const v1::SiteCorrected&, const EventMeta&);
};
static_assert(View<PhaseTimeline>);

}  // namespace holdfast::initiative
