// A locked baseline is evidence for the gate of CLEAR: metrics' fact becomes RecordEvidence at its
// site.
#pragma once

#include <string_view>
#include <variant>
#include <vector>

#include "holdfast/metrics/v1/events.pb.h"

#include "eventsourcing/reactor.h"

namespace holdfast::initiative {

struct CarryBaseline {
  static constexpr std::string_view kReactor = "carry-baseline";
  using Event = std::variant<metrics::v1::BaselineLocked>;

  // Observed on the last day of the window: what a baseline speaks of. Its value is the months of
  // the window; its caveats go along, with the gates that were waived ("WAIVED_G8_SURVEY").
  static std::vector<eventsourcing::Reaction> React(const metrics::v1::BaselineLocked&,
                                                    const EventMeta&);
};
static_assert(eventsourcing::Reactor<CarryBaseline>);

}  // namespace holdfast::initiative
