// The lines of an episode, as every view of phases shows them.
#pragma once

#include "holdfast/initiative/v1/events.pb.h"
#include "holdfast/initiative/v1/views.pb.h"

namespace holdfast::initiative {

void ApplyToEpisode(v1::Episode& episode, const v1::PhaseOpened& event);
void ApplyToEpisode(v1::Episode& episode, const v1::PhaseClosed& event);
void ApplyToEpisode(v1::Episode& episode, const v1::PastPhaseRecorded& event);
void ApplyToEpisode(v1::Episode& episode, const v1::SiteCorrected::Episode& correction);

}  // namespace holdfast::initiative
