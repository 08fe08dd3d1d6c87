// The first page: whose report this is, what must be said before any figure, and the main figures.
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "cli/report/sections.h"
#include "cli/report/words.h"

namespace holdfast::cli::report {
namespace {

namespace v1 = metrics::v1;

Markup Fact(std::string_view name, std::string_view value) {
  Markup fact = Element("dt", name);
  fact += Element("dd", value);
  return Element("div", fact);
}

std::string PhasesNow(const ReportData& data) {
  std::vector<std::string> open;
  for (const auto& band : data.board.answer.site().phases()) {
    if (!band.has_to())
      open.push_back(PhaseLabel(band) + " since " + LongDay(ToCivil(band.from())));
  }
  return open.empty() ? "No phase is open" : absl::StrJoin(open, "; ");
}

std::string Areas(const ReportData& data) {
  const auto& site = data.board.answer.site();
  if (site.codes().empty()) return "No areas yet";
  std::vector<std::string> names;
  for (const std::string& code : site.codes()) {
    const std::string name = AreaName(data, code);
    names.push_back(name == code ? code : absl::StrCat(name, " (", code, ")"));
  }
  return absl::StrJoin(names, ", ") + "; " + site.set().kind() + " boundaries of " +
         site.set().vintage();
}

std::string BaselineNow(const ReportData& data) {
  if (!data.baseline.has()) return "None locked";
  const v1::GetBaselineResponse& answer = data.baseline.answer;
  const v1::BaselineWindow& window = answer.baseline().window();
  std::string text = SayMonths({ToCivil(window.from()), ToCivil(window.to())});
  if (answer.superseded()) text += ", superseded";
  if (answer.baseline().retrospective()) text += ", retrospective";
  return text;
}

std::string Force(const ReportData& data) {
  std::vector<std::string> forces;
  for (const auto& dataset : data.datasets.datasets()) {
    if (dataset.territorial() && !dataset.force().empty() &&
        std::find(forces.begin(), forces.end(), dataset.force()) == forces.end()) {
      forces.push_back(dataset.force());
    }
  }
  if (forces.empty()) return data.tenant;
  return data.tenant + "; recorded crime of: " + absl::StrJoin(forces, ", ");
}

Markup Tile(std::string_view name, std::string_view value, std::string_view beside,
            std::string_view link) {
  Markup tile = Element("p", {{"class", "tile-name"}}, Link(link, name));
  tile += Element("p", {{"class", "tile-value"}}, value);
  tile += Element("p", {{"class", "tile-beside"}}, beside);
  return Element("div", {{"class", "tile"}}, tile);
}

std::string Counts(const v1::CompareAreasResponse::Change& change) {
  const auto said = [](bool has, std::uint64_t count) {
    return has ? Number(static_cast<double>(count), 0) : std::string("no data");
  };
  return said(change.has_count(), change.count()) + " recorded against " +
         said(change.has_comparison_count(), change.comparison_count());
}

// The change against the same months a year before, which is the first that is answered; where a
// percentage cannot be estimated, the ratio.
Markup ChangeTile(const ReportData& data, const MeasureReport& measure) {
  const std::string name = "Change, " + MeasureTitle(measure);
  if (!measure.comparison.has() || measure.comparison.answer.changes().empty())
    return Tile(name, "not compared", measure.comparison.missing, "comparison");
  const auto& change = measure.comparison.answer.changes(0);
  const bool percent = change.percent_change().has_value();
  const v1::Figure& figure = percent ? change.percent_change() : change.rate_ratio();
  if (!figure.has_value()) return Tile(name, "not given", Estimate(figure), "comparison");
  const v1::Value& value = figure.value();
  std::string beside;
  if (value.has_lower() && value.has_upper()) {
    beside =
        IntervalHeading(figure) + " " +
        (percent ? Percent(value.lower()) + " to " + Percent(value.upper()) : IntervalOf(figure)) +
        "; ";
  }
  if (data.phase && data.phase->months) beside += SayMonths(*data.phase->months) + " against ";
  beside += change.label() + ": " + Counts(change);
  return Tile(name, percent ? Percent(value.estimate()) : "ratio " + Number(value.estimate()),
              beside, "comparison");
}

Markup RankTile(const ReportData& data) {
  if (data.ranks.has()) {
    const auto& periods = data.ranks.answer.periods();
    for (auto period = periods.rbegin(); period != periods.rend(); ++period) {
      if (period->has_undefined() || period->rows().empty()) continue;
      // Of several areas the one that ranks highest.
      const auto row = std::min_element(
          period->rows().begin(), period->rows().end(),
          [](const auto& a, const auto& b) { return a.observed_rank() < b.observed_rank(); });
      const std::string name =
          row->area().codes_size() > 0 ? AreaName(data, row->area().codes(0)) : row->area().name();
      return Tile("Severity rank, " + period->period(),
                  std::to_string(row->observed_rank()) + " of " + std::to_string(period->areas()),
                  name + "; 90\u00A0% interval " + Number(row->rank_lower(), 0) + " to " +
                      Number(row->rank_upper(), 0) + ", 1 is the most severe",
                  "ranks");
    }
  }
  return Tile("Severity rank", "no rank",
              data.ranks.has() ? "No half-year can be ranked." : data.ranks.missing, "ranks");
}

}  // namespace

Markup Masthead(const ReportData& data) {
  const auto& site = data.board.answer.site();
  Markup head = Element("p", {{"class", "over"}}, "Clear, hold, build: report of a site");
  head += Element("h1", SiteTitle(site));
  if (!site.name().empty() && site.name() != SiteTitle(site))
    head += Element("p", {{"class", "under"}}, site.name());
  Markup facts = Fact("As of", LongDay(data.as_of));
  facts += Fact("Force", Force(data));
  facts += Fact("Areas", Areas(data));
  facts += Fact("Phase", PhasesNow(data));
  facts += Fact("Baseline", BaselineNow(data));
  facts += Fact("Signed up",
                site.agencies().empty() ? "No agency" : absl::StrJoin(site.agencies(), ", "));
  head += Element("dl", {{"class", "facts"}}, facts);
  return Element("header", head);
}

Markup Warnings(const ReportData& data) {
  Markup warnings;
  const auto warn = [&warnings](std::string_view title, std::string_view text) {
    Markup inner = Element("strong", title);
    inner += Text(" " + std::string(text));
    warnings += Element("p", {{"class", "warning"}}, inner);
  };
  for (const auto& override : data.board.answer.site().overrides()) {
    if (!IsInForce(override, data.as_of)) continue;
    warn("Override in force.",
         "The gate of " + PhaseName(override.phase()) + " was overridden by a " +
             DutyName(override.duty()) + " (" + override.overridden_by() + ")" +
             (override.has_until() ? " until " + LongDay(ToCivil(override.until())) : "") + ": " +
             override.rationale());
  }
  if (!data.baseline.has()) {
    warn("No baseline.",
         "Nothing here can be read as the effect of the work: there is no kept "
         "picture of the time before it.");
    return warnings;
  }
  const v1::GetBaselineResponse& answer = data.baseline.answer;
  if (answer.superseded())
    warn("Baseline superseded.", "Lock a new one before figures are compared with it.");
  if (answer.baseline().retrospective())
    warn("Retrospective baseline.",
         "It was built after Clear began, or after a phase that was recorded afterwards, and stays "
         "so for good.");
  for (const v1::Waiver& waiver : answer.baseline().waived()) {
    warn("Waived: " + GateName(waiver.gate()) + ".",
         "By a " + DutyName(waiver.duty()) + " (" + waiver.by() + "): " + waiver.reason());
  }
  return warnings;
}

Markup AtAGlance(const ReportData& data) {
  Markup tiles;
  for (const MeasureReport& measure : data.measures) {
    if (measure.measure_id == "crime" || measure.measure_id == "severity")
      tiles += ChangeTile(data, measure);
  }
  tiles += RankTile(data);
  std::vector<std::string> open;
  for (const auto& band : data.board.answer.site().phases()) {
    if (!band.has_to()) open.push_back(PhaseName(band.phase()));
  }
  tiles += Tile("Phase", open.empty() ? "none open" : absl::StrJoin(open, ", "), PhasesNow(data),
                "phases");
  Markup inner = Element("div", {{"class", "tiles"}}, tiles);
  inner += Element("p", {{"class", "quiet"}},
                   "A change is that of the latest whole months of the phase against an earlier "
                   "time. It says that something differs, not what made it differ.");
  return Section("glance", "At a glance", inner);
}

}  // namespace holdfast::cli::report
