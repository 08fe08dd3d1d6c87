// Everything that a report prints: what was asked of the services, with what they answered. The
// command line beside a figure is written from its request, so it cannot differ from what was
// asked.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "holdfast/board/v1/board.pb.h"
#include "holdfast/metrics/v1/metrics.pb.h"

#include "absl/time/civil_time.h"

namespace holdfast::cli::report {

// A call whose refusal is part of the report, not the end of it.
template <class Request, class Answer>
struct Asked {
  Request request;
  Answer answer;
  // Why there is no answer, and what to do, in a sentence; empty where there is one.
  std::string missing = "It was not asked for.";

  bool has() const { return missing.empty(); }
};

struct MonthSpan {
  absl::CivilMonth first;
  absl::CivilMonth last;  // included
};

// Counts recorded crime; else it is the series of a partner.
inline bool IsPolice(const metrics::v1::MeasureDefinition& definition) {
  return definition.agency().empty() || definition.agency() == "police";
}

struct MeasureReport {
  std::string measure_id;
  metrics::v1::MeasureDefinition definition;
  // The months that its datasets cover up to the day of the report; absent: none.
  std::optional<MonthSpan> months;
  Asked<metrics::v1::GetSeriesRequest, metrics::v1::GetSeriesResponse> series;
  Asked<metrics::v1::GetControlChartRequest, metrics::v1::GetControlChartResponse> chart;
  Asked<metrics::v1::CompareAreasRequest, metrics::v1::CompareAreasResponse> comparison;
};

// The phase that the comparison is about.
struct ComparedPhase {
  board::v1::PhaseBand band;
  // Whole months of it that ended, at most the latest twelve; absent: none yet.
  std::optional<MonthSpan> months;
  bool shortened = false;  // it has lasted longer than those months
};

struct ReportData {
  std::string site_id;
  std::string tenant;
  absl::CivilDay as_of;  // valid time: what was so by the end of this day, by today's knowledge

  // Cut to `as_of` (see valid_time.h).
  Asked<board::v1::GetSiteBoardRequest, board::v1::SiteBoard> board;
  Asked<metrics::v1::GetBaselineRequest, metrics::v1::GetBaselineResponse> baseline;
  Asked<metrics::v1::ListExtractsRequest, metrics::v1::ListExtractsResponse> extracts;
  metrics::v1::ListDatasetsResponse datasets;
  metrics::v1::ListReferenceSetsResponse references;
  metrics::v1::ListAreasResponse areas;
  // Of phases, those that begin only after `as_of`.
  int later_phases = 0;

  std::optional<ComparedPhase> phase;
  std::vector<MeasureReport> measures;  // severity and crime first, then those of the baseline
  // Severity of the site's areas over half-years; of every area in the latest of them.
  Asked<metrics::v1::GetRanksRequest, metrics::v1::GetRanksResponse> ranks;
  Asked<metrics::v1::GetRanksRequest, metrics::v1::GetRanksResponse> latest_ranks;
};

}  // namespace holdfast::cli::report
