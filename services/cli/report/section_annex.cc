// The table twins of the charts, and every extract: for reading a number, not for the first look.
#include <algorithm>
#include <cmath>
#include <map>

#include "absl/strings/str_join.h"
#include "cli/report/sections.h"
#include "cli/report/words.h"

namespace holdfast::cli::report {
namespace {

namespace v1 = metrics::v1;

std::map<absl::CivilMonth, std::string> SignalsByMonth(const v1::GetControlChartResponse& chart) {
  std::map<absl::CivilMonth, std::string> signals;
  for (const v1::ControlPoint& point : chart.points()) {
    std::vector<std::string> rules;
    for (const std::string& rule : point.rules()) rules.push_back(RuleName(rule));
    signals[ToCivil(point.month())] = absl::StrJoin(rules, "; ");
  }
  return signals;
}

bool IsMissing(const v1::SeriesPoint& point) {
  return point.completeness() == v1::Completeness::MISSING || !point.has_count();
}

std::string CountOf(const v1::SeriesPoint& point) {
  if (IsMissing(point)) return "no data";
  return Number(static_cast<double>(point.count()), 0) +
         (point.completeness() == v1::Completeness::PARTIAL ? " (partial month)" : "");
}

// Whether the figure is the count itself, so that one column says both.
bool IsCounted(const v1::Series& series) {
  return std::all_of(series.points().begin(), series.points().end(), [](const auto& point) {
    return IsMissing(point) || !point.figure().has_value() ||
           std::abs(point.figure().value().estimate() - static_cast<double>(point.count())) < 1e-9;
  });
}

bool HasEffectiveCounts(const v1::Series& series) {
  return std::any_of(series.points().begin(), series.points().end(),
                     [](const auto& point) { return point.figure().value().has_n_eff(); });
}

Table SeriesTable(const MeasureReport& measure, const v1::Series& series) {
  const bool counted = IsCounted(series);
  const bool effective = HasEffectiveCounts(series);
  Table table{"table-" + measure.measure_id, MeasureTitle(measure) + ", by month", {}, {}, "tight"};
  table.columns = {{"Month"}, {"Count", true}};
  std::string unit;
  for (const auto& point : series.points()) {
    if (unit.empty()) unit = point.figure().value().unit();
  }
  if (!counted) table.columns.push_back({unit.empty() ? "Value" : "Value, " + unit, true});
  table.columns.push_back({"Interval", true});
  if (effective) table.columns.push_back({"Effective number", true});
  table.columns.push_back({"Signal"});
  const auto signals = SignalsByMonth(measure.chart.answer);
  for (const v1::SeriesPoint& point : series.points()) {
    const absl::CivilMonth month = ToCivil(point.month());
    if (table.groups.empty() || month.month() == 1)
      table.groups.push_back({std::to_string(month.year())});
    std::vector<std::string> row = {ShortMonth(month), CountOf(point)};
    const bool missing = IsMissing(point);
    if (!counted) row.push_back(missing ? "no data" : Estimate(point.figure()));
    row.push_back(missing ? "" : IntervalOf(point.figure()));
    if (effective) {
      row.push_back(point.figure().value().has_n_eff() ? Number(point.figure().value().n_eff(), 1)
                                                       : "");
    }
    const auto signal = signals.find(month);
    row.push_back(signal == signals.end() ? "" : signal->second);
    table.groups.back().rows.push_back(std::move(row));
  }
  return table;
}

std::string LevelOf(const v1::Series& series) {
  for (const auto& point : series.points()) {
    if (point.figure().value().level() > 0)
      return "Intervals of " + Level(point.figure().value().level()) + ", " +
             point.figure().value().interval_method() + ".";
  }
  return "";
}

Markup OneMeasure(const ReportData& data, const MeasureReport& measure) {
  if (!measure.series.has() || measure.series.answer.series().empty()) {
    Markup inner = Element("h3", MeasureTitle(measure));
    inner += Missing(measure.series.has() ? "The series is empty." : measure.series.missing, "");
    return inner;
  }
  const v1::Series& series = measure.series.answer.series(0);
  const Markup columns =
      Element("div", {{"class", "columns"}}, RenderTable(SeriesTable(measure, series)));
  return FigureBlock("figure-table-" + measure.measure_id, MeasureTitle(measure), LevelOf(series),
                     columns, Markup(), SeriesClaim(data, measure));
}

Markup Extracts(const ReportData& data) {
  Table table{"table-extracts",
              "Every extract by month",
              {{"Month"},
               {"State"},
               {"Revision", true},
               {"Read", true},
               {"Rejected", true},
               {"Geocoded", true},
               {"Digest (SHA-256)", false, true}},
              {},
              "tight"};
  std::string dataset;
  for (const v1::ExtractQuality& extract : data.extracts.answer.extracts()) {
    if (table.groups.empty() || extract.dataset_id() != dataset) {
      dataset = extract.dataset_id();
      table.groups.push_back({dataset});
    }
    const bool missing = extract.completeness() == v1::Completeness::MISSING;
    const auto cell = [missing](std::string text) { return missing ? "no data" : text; };
    std::string state = missing                                               ? "no data"
                        : extract.completeness() == v1::Completeness::PARTIAL ? "partial"
                                                                              : "complete";
    if (extract.quarantined()) state += ", a newer one is held";
    table.groups.back().rows.push_back({ShortMonth(ToCivil(extract.month())), state,
                                        missing ? "" : std::to_string(extract.revision()),
                                        cell(Number(static_cast<double>(extract.rows_in()), 0)),
                                        cell(Number(static_cast<double>(extract.rejected()), 0)),
                                        cell(Number(extract.geocoded_percent(), 1) + "\u00A0%"),
                                        Short(extract.digest())});
  }
  if (table.groups.empty()) return Markup();
  return FigureBlock("figure-extracts", "Extracts", "",
                     Element("div", {{"class", "columns"}}, RenderTable(table)), Markup(),
                     ExtractsClaim(data));
}

}  // namespace

Markup TableAnnex(const ReportData& data) {
  Markup inner;
  for (const MeasureReport& measure : data.measures) inner += OneMeasure(data, measure);
  inner += Extracts(data);
  return Section("annex", "Annex: tables", inner);
}

}  // namespace holdfast::cli::report
