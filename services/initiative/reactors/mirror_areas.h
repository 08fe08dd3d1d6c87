// A published set of boundaries tells which areas a site may name: metrics' fact becomes
// MirrorAreas.
#pragma once

#include <string_view>
#include <variant>
#include <vector>

#include "holdfast/metrics/v1/events.pb.h"

#include "eventsourcing/reactor.h"

namespace holdfast::initiative {

struct MirrorGeography {
  static constexpr std::string_view kReactor = "mirror-areas";
  using Event = std::variant<metrics::v1::ReferenceSetPublished>;

  // Nothing for a set that is not geography.
  static std::vector<eventsourcing::Reaction> React(const metrics::v1::ReferenceSetPublished&,
                                                    const EventMeta&);
};
static_assert(eventsourcing::Reactor<MirrorGeography>);

}  // namespace holdfast::initiative
