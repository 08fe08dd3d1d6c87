// What was so by the end of a day, by today's knowledge.
#pragma once

#include <vector>

#include "holdfast/board/v1/board.pb.h"

#include "absl/time/civil_time.h"
#include "base/civil_time.h"
#include "cli/report/report_data.h"

namespace holdfast::cli::report {

// The last month whose last day is not after `day`.
absl::CivilMonth LastEndedMonth(absl::CivilDay day);

// Phases and breaks that had begun; one that ended later is open; months that had ended.
board::v1::SiteBoard CutTo(board::v1::SiteBoard board, absl::CivilDay day);

// Half-years within `span` that had ended by `day`, oldest first, at most the latest 40 (the limit
// of GetRanks).
std::vector<HalfYear> EndedHalfYears(const MonthSpan& span, absl::CivilDay day);

// The phase open on that day that began last, else the last that closed; PREPARE only where there
// is no other. `covered`: the months that have data.
std::optional<ComparedPhase> PhaseToCompare(const board::v1::SiteBoard& board,
                                            const MonthSpan& covered);

}  // namespace holdfast::cli::report
