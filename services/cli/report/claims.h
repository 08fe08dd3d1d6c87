// A claim: numbers that the report prints, with the command that gives them again. Both stand on an
// element of the page (data-command, data-figure), so that a program can check every one of them.
//
// data-figure is the API's own JSON, cut to what is printed. A claim holds where the command's
// output contains it (`Contains`).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "cli/report/html.h"
#include "cli/report/report_data.h"

namespace holdfast::cli::report {

struct Claim {
  std::string command;
  std::string figure;  // JSON
};

Claim SeriesClaim(const ReportData& data, const MeasureReport& measure);
Claim ChartClaim(const ReportData& data, const MeasureReport& measure);
Claim ComparisonClaim(const ReportData& data, const MeasureReport& measure);
Claim RankClaim(const ReportData& data,
                const Asked<metrics::v1::GetRanksRequest, metrics::v1::GetRanksResponse>& ranks);
Claim BaselineClaim(const ReportData& data);
Claim PhasesClaim(const ReportData& data);
Claim ExtractsClaim(const ReportData& data);

// data-command, data-figure.
Attributes AttributesOf(const Claim& claim);
// The line "Recompute: <command>".
Markup RecomputeLine(const Claim& claim);

// Every claim of a page that `Render` made, in its order.
std::vector<Claim> ReadClaims(std::string_view html);

// True where every field of `figure` is in `answer` with the same value, and the items of each list
// are in its list, in their order. kInvalidArgument where one of them is no JSON.
absl::StatusOr<bool> Contains(const std::string& answer, const std::string& figure);

}  // namespace holdfast::cli::report
