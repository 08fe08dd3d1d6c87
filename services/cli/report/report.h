// board report: one self-contained, printable page of a site as it stood on a day: figures with
// their intervals, each with its table and the command that recomputes it, gates, waivers, gaps.
//
//   Collect   asks the services           (I/O)
//   Render    prints what they answered   (pure: the same data, the same bytes)
#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"
#include "cli/report/report_data.h"

namespace holdfast::cli {

class Invocation;
class Session;

// The command `board report SITE --as-of DATE -o html|json`. Without --as-of: today in London.
absl::Status RunReport(Invocation& invocation);

namespace report {

// Data, a baseline or areas that are missing are said in the report; an unknown site, a caller who
// may not read it, or a service that is away is an error.
absl::StatusOr<ReportData> Collect(Session& session, const std::string& site, absl::CivilDay as_of);

// HTML without script and without any request; light; for A4.
std::string Render(const ReportData& data);

// The collected messages as one JSON object, each in the API's own form.
absl::StatusOr<std::string> JsonOf(const ReportData& data);

}  // namespace report
}  // namespace holdfast::cli
