// The lines of an episode, as every view of phases shows them; and instants as rows keep them.
#pragma once

#include "google/protobuf/timestamp.pb.h"
#include "holdfast/initiative/v1/events.pb.h"
#include "holdfast/initiative/v1/views.pb.h"

#include "absl/time/time.h"

namespace holdfast::initiative {

void ApplyToEpisode(v1::Episode& episode, const v1::PhaseOpened& event);
void ApplyToEpisode(v1::Episode& episode, const v1::PhaseClosed& event);
void ApplyToEpisode(v1::Episode& episode, const v1::PastPhaseRecorded& event);
void ApplyToEpisode(v1::Episode& episode, const v1::SiteCorrected::Episode& correction);

google::protobuf::Timestamp ToTimestamp(absl::Time at);

}  // namespace holdfast::initiative
