#include <algorithm>
#include <map>

#include "absl/strings/str_join.h"
#include "cli/report/charts.h"
#include "cli/report/sections.h"
#include "cli/report/words.h"

namespace holdfast::cli::report {
namespace {

namespace v1 = metrics::v1;

constexpr std::size_t kMostBreaks = 26;  // a letter each

std::string Limits(const v1::GetControlChartResponse& chart) {
  if (chart.has_undefined())
    return "No limits are drawn: " + UndefinedReason(chart.undefined().reason()) + ".";
  return "Mean " + Number(chart.mean()) + " a month, natural limits " +
         Number(std::max(0.0, chart.lower())) + " to " + Number(chart.upper()) + ".";
}

std::string Signals(const v1::GetControlChartResponse& chart) {
  std::map<std::string, int> by_rule;
  int signals = 0;
  std::string last;
  for (const v1::ControlPoint& point : chart.points()) {
    if (point.rules().empty()) continue;
    ++signals;
    last = LongMonth(ToCivil(point.month()));
    for (const std::string& rule : point.rules()) ++by_rule[RuleName(rule)];
  }
  if (chart.has_undefined()) return "";
  if (signals == 0) return " No month is beyond what chance explains.";
  std::vector<std::string> rules;
  rules.reserve(by_rule.size());
  for (const auto& [rule, months] : by_rule)
    rules.push_back(rule + " (" + std::to_string(months) + ")");
  return " " + std::to_string(signals) + (signals == 1 ? " month is" : " months are") +
         " part of a pattern that chance does not explain, the last in " + last + ": " +
         absl::StrJoin(rules, "; ") + ". A signal says that something changed, not why.";
}

std::string Gaps(const v1::GetControlChartResponse& chart) {
  std::vector<std::string> gaps;
  for (const v1::ControlPoint& point : chart.points()) {
    if (!point.has_value() || point.completeness() == v1::Completeness::MISSING)
      gaps.push_back(LongMonth(ToCivil(point.month())));
  }
  return gaps.empty() ? "" : " No data, which is not zero: " + absl::StrJoin(gaps, ", ") + ".";
}

std::vector<Band> Bands(const ReportData& data) {
  std::vector<Band> bands;
  for (const auto& band : data.board.answer.site().phases()) {
    bands.push_back({initiative::v1::Phase::Code_Name(band.phase()), PhaseLabel(band),
                     PlaceOf(ToCivil(band.from())),
                     PlaceOf((band.has_to() ? ToCivil(band.to()) : data.as_of) + 1)});
  }
  return bands;
}

std::string Letter(std::size_t number) {
  return std::string(1, static_cast<char>('a' + number));
}

ControlPicture Picture(const ReportData& data, const MeasureReport& measure,
                       const std::string& finding) {
  const v1::GetControlChartResponse& chart = measure.chart.answer;
  ControlPicture picture;
  picture.id = "chart-" + measure.measure_id;
  picture.title = MeasureTitle(measure) + ", by month";
  picture.described = finding;
  for (const v1::ControlPoint& point : chart.points()) {
    const bool missing = !point.has_value() || point.completeness() == v1::Completeness::MISSING;
    picture.points.push_back({ToCivil(point.month()),
                              missing ? std::nullopt : std::optional<double>(point.value()),
                              !point.rules().empty()});
  }
  if (chart.has_mean()) picture.mean = chart.mean();
  if (chart.has_lower()) picture.lower = chart.lower();
  if (chart.has_upper()) picture.upper = chart.upper();
  picture.bands = Bands(data);
  if (data.baseline.has()) {
    const v1::BaselineWindow& window = data.baseline.answer.baseline().window();
    picture.baseline = {PlaceOf(ToCivil(window.from())), PlaceOf(ToCivil(window.to())) + 1};
  }
  const auto& breaks = data.board.answer.breaks();
  for (std::size_t i = 0;
       i < std::min<std::size_t>(kMostBreaks, static_cast<std::size_t>(breaks.size())); ++i)
    picture.marks.push_back({PlaceOf(ToCivil(breaks[static_cast<int>(i)].from())), Letter(i)});
  return picture;
}

Markup Legend() {
  const auto key = [](std::string_view sign, std::string_view words) {
    Markup item =
        Element("span", {{"class", "key key-" + std::string(sign)}, {"aria-hidden", "true"}}, "");
    item += Text(words);
    return Element("span", {{"class", "legend-item"}}, item);
  };
  Markup legend = key("mean", "mean");
  legend += key("limit", "natural limits");
  legend += key("signal", "part of a signal");
  legend += key("baseline", "baseline window");
  legend += key("no-data", "no data (not zero)");
  return Element("p", {{"class", "legend"}}, legend);
}

Markup Notes(const MeasureReport& measure) {
  const v1::GetControlChartResponse& chart = measure.chart.answer;
  const auto& request = measure.chart.request;
  std::string text = "Method " + chart.method() + ", rules " + chart.rule_set() + ". ";
  text += request.has_freeze_from()
              ? "Limits frozen on the baseline, " +
                    SayMonths({ToCivil(request.freeze_from()), ToCivil(request.freeze_to())}) + ". "
              : "Limits frozen on the first twelve months with data: no baseline window lies "
                "within these months. ";
  if (measure.definition.polarity() == v1::Measure::AMBIGUOUS)
    text += "A rise may be more trust in reporting: neither direction is good or bad by itself. ";
  text += IsPolice(measure.definition)
              ? "Recorded crime of the site's areas together. "
              : "Source: " + measure.definition.agency() + ", not police. ";
  Markup notes = Text(text);
  notes += Link("table-" + measure.measure_id, "Table of every month");
  notes += Text(".");
  return Element("p", {{"class", "quiet"}}, notes);
}

Markup BreakList(const ReportData& data) {
  const auto& breaks = data.board.answer.breaks();
  if (breaks.empty()) return Markup();
  Table table{"table-breaks",
              "What else changed (dashed lines in the charts)",
              {{"Line"}, {"From"}, {"To"}, {"Kind"}, {"What"}},
              {{}}};
  for (int i = 0; i < breaks.size(); ++i) {
    const auto& mark = breaks[i];
    table.groups[0].rows.push_back(
        {static_cast<std::size_t>(i) < kMostBreaks ? Letter(static_cast<std::size_t>(i))
                                                   : "not drawn",
         LongDay(ToCivil(mark.from())), mark.has_to() ? LongDay(ToCivil(mark.to())) : "for good",
         BreakName(mark.kind()), mark.text()});
  }
  return RenderTable(table);
}

Markup OneMeasure(const ReportData& data, const MeasureReport& measure) {
  const std::string title = measure.definition.plain_title().empty()
                                ? MeasureTitle(measure)
                                : measure.definition.plain_title();
  if (!measure.chart.has()) {
    Markup inner = Element("h3", title);
    const std::string supply = measure.months ? ""
                               : IsPolice(measure.definition)
                                   ? SupplyCommand(data)
                                   : "bin/holdfast import run FILE --profile agency-series";
    inner += Missing(measure.chart.missing, supply);
    return inner;
  }
  const v1::GetControlChartResponse& chart = measure.chart.answer;
  const std::string finding = Limits(chart) + Signals(chart) + Gaps(chart);
  return FigureBlock("figure-" + measure.measure_id, title, finding,
                     ControlChart(Picture(data, measure, finding)), Notes(measure),
                     ChartClaim(data, measure));
}

}  // namespace

Markup MeasureSection(const ReportData& data) {
  Markup inner;
  if (data.measures.empty())
    inner += Missing("No measure is defined.", "bin/holdfast measure list");
  const bool any = std::any_of(data.measures.begin(), data.measures.end(),
                               [](const MeasureReport& measure) { return measure.chart.has(); });
  if (any) inner += Legend();
  for (const MeasureReport& measure : data.measures) inner += OneMeasure(data, measure);
  inner += BreakList(data);
  return Section("measures", "Measures, month by month", inner);
}

}  // namespace holdfast::cli::report
