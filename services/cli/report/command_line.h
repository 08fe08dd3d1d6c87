// The command line that asks what a request asked: printed beside the figure it gave.
#pragma once

#include <string>
#include <string_view>

#include "holdfast/board/v1/board.pb.h"
#include "holdfast/metrics/v1/metrics.pb.h"

namespace holdfast::cli::report {

// Each ends with "-o json" and names the tenant, so that it gives the same whoever's context it is
// run in. For a POSIX shell: anything but plain characters is quoted.
std::string CommandLine(const metrics::v1::GetSeriesRequest& request, std::string_view tenant);
std::string CommandLine(const metrics::v1::GetControlChartRequest& request,
                        std::string_view tenant);
std::string CommandLine(const metrics::v1::CompareAreasRequest& request, std::string_view tenant);
std::string CommandLine(const metrics::v1::GetRanksRequest& request, std::string_view tenant);
std::string CommandLine(const metrics::v1::GetBaselineRequest& request, std::string_view tenant);
std::string CommandLine(const metrics::v1::ListExtractsRequest& request, std::string_view tenant);
std::string CommandLine(const board::v1::GetSiteBoardRequest& request, std::string_view tenant);

// One word of a shell: as it is where it is plain, else in single quotes.
std::string ShellWord(std::string_view text);

}  // namespace holdfast::cli::report
