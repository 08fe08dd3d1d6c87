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

constexpr std::size_t kRowsOfOne = 12;  // so few stand in one table

std::map<absl::CivilMonth, std::string> SignalsByMonth(const v1::GetControlChartResponse& chart) {
  std::map<absl::CivilMonth, std::string> signals;
  for (const v1::ControlPoint& point : chart.points()) {
    std::vector<std::string> rules;
    for (const std::string& rule : point.rules()) rules.push_back(BriefRuleName(rule));
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

bool HasSensitivity(const v1::Series& series) {
  return std::any_of(series.points().begin(), series.points().end(), [](const auto& point) {
    return !point.figure().value().sensitivity().empty();
  });
}

// Of the first month that has a value.
std::string UnitOf(const v1::Series& series) {
  for (const auto& point : series.points()) {
    if (!point.figure().value().unit().empty()) return point.figure().value().unit();
  }
  return "";
}

std::string EffectiveOf(const v1::SeriesPoint& point) {
  const v1::Value& value = point.figure().value();
  return value.has_n_eff() ? Number(value.n_eff(), 1) : "";
}

// The columns that not every series has.
struct SeriesColumns {
  bool value = false;
  bool effective = false;
  bool sensitivity = false;
};

std::vector<std::string> SeriesRow(const v1::SeriesPoint& point, const SeriesColumns& with,
                                   const std::string& signal) {
  std::vector<std::string> row = {ShortMonth(ToCivil(point.month())), CountOf(point)};
  const bool missing = IsMissing(point);
  if (with.value) row.push_back(missing ? "no data" : Estimate(point.figure()));
  row.push_back(missing ? "" : IntervalOf(point.figure()));
  if (with.effective) row.push_back(EffectiveOf(point));
  if (with.sensitivity) row.push_back(SensitivityOf(point.figure()));
  row.push_back(signal);
  return row;
}

Table SeriesTable(const MeasureReport& measure, const v1::Series& series) {
  const SeriesColumns with{!IsCounted(series), HasEffectiveCounts(series), HasSensitivity(series)};
  Table table{"table-" + measure.measure_id, MeasureTitle(measure), {}, {{}}, "tight"};
  table.columns = {{"Month"}, {"Count", true}};
  const std::string unit = UnitOf(series);
  if (with.value) table.columns.push_back({unit.empty() ? "Value" : "Value, " + unit, true});
  table.columns.push_back({"Interval", true});
  if (with.effective) table.columns.push_back({"Effective number", true});
  if (with.sensitivity) table.columns.push_back({"Sensitivity", true});
  table.columns.push_back({"Signal"});
  const auto signals = SignalsByMonth(measure.chart.answer);
  for (const v1::SeriesPoint& point : series.points()) {
    const auto signal = signals.find(ToCivil(point.month()));
    table.groups[0].rows.push_back(
        SeriesRow(point, with, signal == signals.end() ? "" : signal->second));
  }
  return table;
}

// Two tables beside each other, the earlier half first: half the paper, and each with its own head.
Markup Halves(const Table& whole) {
  const auto& rows = whole.groups[0].rows;
  const std::size_t first = rows.size() > kRowsOfOne ? (rows.size() + 1) / 2 : rows.size();
  Markup tables;
  for (std::size_t from = 0; from < rows.size(); from += first) {
    const std::size_t to = std::min(rows.size(), from + first);
    Table half = whole;
    if (from > 0) half.id += "-2";
    half.caption += ", " + rows[from][0] + " to " + rows[to - 1][0];
    half.groups[0].rows.assign(rows.begin() + static_cast<std::ptrdiff_t>(from),
                               rows.begin() + static_cast<std::ptrdiff_t>(to));
    tables += RenderTable(half);
  }
  return Element("div", {{"class", "halves"}}, tables);
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
  return FigureBlock("figure-table-" + measure.measure_id, MeasureTitle(measure), LevelOf(series),
                     Halves(SeriesTable(measure, series)), Markup(), SeriesClaim(data, measure));
}

Table ExtractTable(const std::string& id, const std::string& dataset) {
  return {id,
          dataset,
          {{"Month"},
           {"State"},
           {"Rev.", true},
           {"Read", true},
           {"Rejected", true},
           {"On map", true},
           {"Digest", false, true}},
          {{}},
          "tight"};
}

std::vector<std::string> ExtractRow(const v1::ExtractQuality& extract) {
  const bool missing = extract.completeness() == v1::Completeness::MISSING;
  const auto cell = [missing](const std::string& text) { return missing ? "no data" : text; };
  std::string state = missing                                               ? "no data"
                      : extract.completeness() == v1::Completeness::PARTIAL ? "partial"
                                                                            : "complete";
  if (extract.quarantined()) state += ", a newer one is held";
  return {ShortMonth(ToCivil(extract.month())),
          state,
          missing ? "" : std::to_string(extract.revision()),
          cell(Number(static_cast<double>(extract.rows_in()), 0)),
          cell(Number(static_cast<double>(extract.rejected()), 0)),
          cell(Number(extract.geocoded_percent(), 1) + "\u00A0%"),
          Short(extract.digest()).substr(0, 12)};
}

Markup Extracts(const ReportData& data) {
  std::vector<Table> tables;
  for (const v1::ExtractQuality& extract : data.extracts.answer.extracts()) {
    if (tables.empty() || tables.back().caption != extract.dataset_id()) {
      tables.push_back(ExtractTable(
          tables.empty() ? "table-extracts" : "table-extracts-of-" + extract.dataset_id(),
          extract.dataset_id()));
    }
    tables.back().groups[0].rows.push_back(ExtractRow(extract));
  }
  if (tables.empty()) return Markup();
  Markup all;
  for (const Table& table : tables) all += Halves(table);
  return FigureBlock("figure-extracts", "Extracts",
                     "The digest (SHA-256, its first 12 digits) names the rows that count.", all,
                     Markup(), ExtractsClaim(data));
}

}  // namespace

Markup TableAnnex(const ReportData& data) {
  Markup inner;
  for (const MeasureReport& measure : data.measures) inner += OneMeasure(data, measure);
  inner += Extracts(data);
  return Section("annex", "Annex: tables", inner);
}

}  // namespace holdfast::cli::report
