// The parts of the page, in their order. Each is pure and prints something also where there is
// nothing to show: what is missing, and how to supply it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cli/report/claims.h"
#include "cli/report/html.h"
#include "cli/report/report_data.h"

namespace holdfast::cli::report {

Markup Masthead(const ReportData& data);   // title, day, force, areas, phase, baseline
Markup Warnings(const ReportData& data);   // overrides in force, waivers, retrospective
Markup AtAGlance(const ReportData& data);  // the main figures in large type, each with its interval
Markup PhaseSection(const ReportData& data);
Markup MeasureSection(const ReportData& data);
Markup ComparisonSection(const ReportData& data);
Markup RankSection(const ReportData& data);
Markup BaselineSection(const ReportData& data);
Markup DataSection(const ReportData& data);
Markup CaveatSection(const ReportData& data);
Markup ProvenanceSection(const ReportData& data);
Markup TableAnnex(const ReportData& data);  // the tables of the series, the extracts by month

// ---- what several of them say ----

std::string SiteTitle(const board::v1::InitiativeBoardRow& site);
std::string MeasureTitle(const ReportData& data, std::string_view measure_id);
std::string MeasureTitle(const MeasureReport& measure);
std::string AreaName(const ReportData& data, const std::string& code);
// "Clear, Mill Lane (recorded afterwards)".
std::string PhaseLabel(const board::v1::PhaseBand& band);
bool IsInForce(const initiative::v1::GateOverride& override, absl::CivilDay day);

// A numbered section with its heading; `id` is where links lead.
Markup Section(std::string_view id, std::string_view title, const Markup& inner);
Markup Paragraph(std::string_view text);
// What is missing, and the command that supplies it.
Markup Missing(std::string_view sentence, std::string_view command);
// The command that supplies what a site without figures lacks first: areas, then data.
std::string SupplyCommand(const ReportData& data);
Markup List(const std::vector<std::string>& sentences);
// A figure: heading, finding, drawing or table, notes, and the command that recomputes it.
Markup FigureBlock(std::string_view id, std::string_view title, std::string_view finding,
                   const Markup& picture, const Markup& notes, const Claim& claim);
// A link within the page.
Markup Link(std::string_view id, std::string_view text);

}  // namespace holdfast::cli::report
