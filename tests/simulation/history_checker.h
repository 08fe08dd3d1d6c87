// Whether a history keeps the promises of the journal, H1 to H8:
//
//   H1  an acknowledged command is accepted                H5  what a reader holds = fold(prefix)
//   H2  a command, and a reaction, is accepted once        H6  no byte of one tenant reaches
//   another H3  every answer is what accepted history says there   H7  readers' digests agree H4
//   seq and versions are dense, the chain holds        H8  once healed, all is answered
#pragma once

#include <map>
#include <string>
#include <vector>

#include "accepted_history.h"
#include "eventsourcing/stream_types.h"
#include "history.h"

namespace holdfast::simulation {

// Sentences, empty where all is kept.
std::vector<std::string> CheckHistory(const History& history,
                                      const std::map<std::string, AcceptedHistory>& accepted,
                                      const eventsourcing::StreamTypes& streams);

}  // namespace holdfast::simulation
