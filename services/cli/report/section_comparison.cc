#include <cmath>

#include "cli/report/command_line.h"
#include "cli/report/sections.h"
#include "cli/report/words.h"

namespace holdfast::cli::report {
namespace {

namespace v1 = metrics::v1;

std::string Count(bool has, std::uint64_t count) {
  return has ? Number(static_cast<double>(count), 0) : "no data";
}

// Of a weighted measure the sum of weights stands beside the count that it is made of.
std::string WithScore(const std::string& count, bool has, double score, std::uint64_t of) {
  if (!has || std::abs(score - static_cast<double>(of)) < 1e-9) return count;
  return count + " (score " + Number(score, 0) + ")";
}

std::string P(const v1::Figure& figure) {
  if (!figure.value().has_p()) return "";
  std::string text = PValue(figure.value().p());
  if (figure.value().has_q()) text += " (q " + PValue(figure.value().q()) + ")";
  return text;
}

std::string PercentOf(const v1::Figure& figure) {
  if (figure.has_value()) return Percent(figure.value().estimate());
  const bool by_ratio = figure.undefined().reason() == v1::Undefined::NOT_ESTIMABLE;
  return by_ratio ? "see the ratio" : Estimate(figure);
}

// What the interval of a ratio says, without saying whether it is good.
std::string Reading(const v1::Figure& ratio) {
  const v1::Value& value = ratio.value();
  if (!ratio.has_value() || !value.has_lower() || !value.has_upper()) return "";
  if (value.upper() < 1) return "lower than chance explains";
  if (value.lower() > 1) return "higher than chance explains";
  return "no clear change";
}

RowGroup Rows(const ReportData& data, const MeasureReport& measure) {
  RowGroup group{MeasureTitle(measure), AttributesOf(ComparisonClaim(data, measure)), {}};
  for (const auto& change : measure.comparison.answer.changes()) {
    const v1::Figure& ratio = change.rate_ratio();
    const v1::Value& value = ratio.value();
    const std::string now =
        WithScore(Count(change.has_count(), change.count()),
                  ratio.has_value() && change.has_count(), value.numerator(), change.count());
    const std::string before =
        WithScore(Count(change.has_comparison_count(), change.comparison_count()),
                  value.has_comparison() && change.has_comparison_count(),
                  value.comparison().numerator(), change.comparison_count());
    group.rows.push_back({change.label(), now, before, Estimate(ratio), IntervalOf(ratio), P(ratio),
                          PercentOf(change.percent_change()), Reading(ratio)});
  }
  return group;
}

std::string IntervalTitle(const ReportData& data) {
  for (const MeasureReport& measure : data.measures) {
    for (const auto& change : measure.comparison.answer.changes()) {
      if (change.rate_ratio().has_value()) return IntervalHeading(change.rate_ratio());
    }
  }
  return "Interval";
}

std::string Said(const ReportData& data) {
  const ComparedPhase& phase = *data.phase;
  std::string text = PhaseLabel(phase.band) + " began on " + LongDay(ToCivil(phase.band.from())) +
                     (phase.band.has_to() ? " and ended on " + LongDay(ToCivil(phase.band.to()))
                                          : std::string(" and is open")) +
                     ". ";
  text += (phase.shortened ? "Compared are its latest twelve whole months with data, "
                           : "Compared are its whole months with data, ") +
          SayMonths(*phase.months) + ", in the site's areas together.";
  return text;
}

// Measures with a factor by which counts vary more than chance alone.
std::vector<std::string> Dispersion(const ReportData& data) {
  std::vector<std::string> sentences;
  for (const MeasureReport& measure : data.measures) {
    for (const auto& change : measure.comparison.answer.changes()) {
      const double phi = change.rate_ratio().value().phi();
      if (phi > 1) {
        sentences.push_back(MeasureTitle(measure) + ", " + change.label() +
                            ": counts vary more than chance alone (\u03C6 = " + Number(phi, 2) +
                            "); the interval is widened by it.");
      }
    }
  }
  return sentences;
}

// Severity, by other weights.
std::vector<std::string> Sensitivities(const ReportData& data) {
  std::vector<std::string> sentences;
  for (const MeasureReport& measure : data.measures) {
    for (const auto& change : measure.comparison.answer.changes()) {
      const std::string lines = SensitivityOf(change.rate_ratio());
      if (lines.empty()) continue;
      sentences.push_back(MeasureTitle(measure) + ", " + change.label() + ": " + lines + ".");
    }
  }
  if (!sentences.empty()) sentences.emplace_back(kSensitivitySentence);
  return sentences;
}

}  // namespace

Markup ComparisonSection(const ReportData& data) {
  if (!data.phase || !data.phase->months) {
    const std::string sentence =
        !data.phase ? "There is no phase to compare, or no data."
                    : PhaseLabel(data.phase->band) + " has no whole month with data yet.";
    return Section("comparison", "Before and after",
                   Missing(sentence, data.phase ? "bin/holdfast import police-uk FILE"
                                                : "bin/holdfast phase open " +
                                                      ShellWord(data.site_id) + " CLEAR"));
  }
  Table table{"table-comparison",
              "Change of each measure, " + SayMonths(*data.phase->months),
              {{"Compared with"},
               {"Count now", true},
               {"Count before", true},
               {"Rate ratio", true},
               {IntervalTitle(data), true},
               {"p", true},
               {"Change", true},
               {"Reading"}},
              {}};
  Markup commands;
  std::vector<std::string> missing;
  for (const MeasureReport& measure : data.measures) {
    if (!measure.comparison.has()) {
      missing.push_back(MeasureTitle(measure) + ": " + measure.comparison.missing);
      continue;
    }
    table.groups.push_back(Rows(data, measure));
    commands += RecomputeLine(ComparisonClaim(data, measure));
  }
  Markup caption = Element("h3", "The phase against earlier months");
  caption += Element("p", {{"class", "finding"}}, Said(data));
  Markup inner = Element("figcaption", caption);
  if (!table.groups.empty()) inner += RenderTable(table);
  inner += List(missing);
  inner += List(Dispersion(data));
  inner += List(Sensitivities(data));
  inner += commands;
  Markup all = Element("figure", {{"id", "figure-comparison"}}, inner);
  all += Element("p", {{"class", "quiet"}},
                 "Before and after in the same place cannot tell the work from everything else "
                 "that changed (Maryland scale 2 at most). A ratio of 1 is no change.");
  return Section("comparison", "Before and after", all);
}

}  // namespace holdfast::cli::report
