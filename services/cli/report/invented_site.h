// A small invented report for the tests: two wards of a town that does not exist, three years, one
// month without data, a phase recorded afterwards, an override, a waived gate.
#pragma once

#include "cli/report/report_data.h"

namespace holdfast::cli::report {

ReportData InventedReport();
// The same place before anything was loaded: no areas, no data, no baseline, no phase.
ReportData EmptyReport();

}  // namespace holdfast::cli::report
