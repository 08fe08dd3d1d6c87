#include "initiative/reactors/mirror_areas.h"

#include "holdfast/initiative/v1/initiative.pb.h"

#include "initiative/domain/areas.h"

namespace holdfast::initiative {

std::vector<eventsourcing::Reaction> MirrorGeography::React(
    const metrics::v1::ReferenceSetPublished& event, const EventMeta&) {
  std::vector<eventsourcing::Reaction> reactions;
  if (event.kind() != metrics::v1::ReferenceKind::GEOGRAPHY) return reactions;
  v1::MirrorAreas command;
  command.set_areas_id(Areas::IdOf(event.area_set()));
  *command.mutable_set() = event.area_set();
  *command.mutable_codes() = event.codes();
  reactions.push_back(eventsourcing::Reaction::Of(std::move(command)));
  return reactions;
}

}  // namespace holdfast::initiative
