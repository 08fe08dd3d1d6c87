// Where every figure came from: methods, weights, exposure, inputs, and the position of knowledge.
#include <map>
#include <set>

#include "absl/strings/str_join.h"
#include "base/civil_time.h"
#include "cli/report/command_line.h"
#include "cli/report/sections.h"
#include "cli/report/words.h"

namespace holdfast::cli::report {
namespace {

namespace v1 = metrics::v1;

void AddRow(Table& table, const std::string& figure, const v1::Provenance& provenance) {
  if (provenance.method().empty() && provenance.inputs_digest().empty()) return;
  table.groups[0].rows.push_back({figure, provenance.method(), provenance.weight_set(),
                                  provenance.exposure_version(), Short(provenance.inputs_digest()),
                                  provenance.code_version()});
}

Markup Methods(const ReportData& data) {
  Table table{"table-methods",
              "Method and inputs of each figure",
              {{"Figure"},
               {"Method", false, true},
               {"Weights", false, true},
               {"Exposure", false, true},
               {"Inputs (SHA-256)", false, true},
               {"Version", false, true}},
              {{}},
              "tight wraps"};
  for (const MeasureReport& measure : data.measures) {
    const std::string title = MeasureTitle(measure);
    for (const auto& series : measure.series.answer.series()) {
      // The months of one series differ in inputs only; the first stands for them.
      for (const auto& point : series.points()) {
        if (!point.figure().has_provenance()) continue;
        AddRow(table, title + ", first month", point.figure().provenance());
        break;
      }
    }
    AddRow(table, title + ", limits", measure.chart.answer.provenance());
    for (const auto& change : measure.comparison.answer.changes())
      AddRow(table, title + ", " + change.label(), change.rate_ratio().provenance());
  }
  for (const auto& period : data.ranks.answer.periods())
    AddRow(table, "Ranks, " + period.period(), period.provenance());
  for (const auto& value : data.baseline.answer.baseline().values()) {
    AddRow(table, "Baseline, " + MeasureTitle(data, value.measure().measure_id()),
           value.provenance());
  }
  return table.groups[0].rows.empty() ? Markup() : RenderTable(table);
}

Markup References(const ReportData& data) {
  if (data.references.sets().empty()) return Markup();
  Table table{"table-references",
              "Reference sets that are loaded",
              {{"Set"},
               {"Version", true},
               {"Valid from"},
               {"Checked against its source"},
               {"Source"},
               {"SHA-256", false, true}},
              {{}}};
  for (const auto& set : data.references.sets()) {
    table.groups[0].rows.push_back({set.set(), std::to_string(set.version()),
                                    set.has_valid_from() ? LongDay(ToCivil(set.valid_from())) : "",
                                    set.verification() == v1::Verification::VERIFIED ? "yes" : "no",
                                    set.source(), Short(set.sha256())});
  }
  return RenderTable(table);
}

class Positions {
 public:
  void Add(const type::v1::AsOf& as_of) {
    for (const auto& context : as_of.contexts()) {
      std::string text = std::to_string(context.position().seq());
      if (context.has_recorded_at()) {
        text += ", recorded on " +
                LongDay(LondonDay(absl::FromUnixSeconds(context.recorded_at().seconds())));
      }
      by_context_[context.position().context()].insert(text);
    }
  }
  std::vector<std::string> Sentences() const {
    std::vector<std::string> sentences;
    for (const auto& [context, positions] : by_context_) {
      sentences.push_back(context + " at position " + absl::StrJoin(positions, "; ") +
                          (positions.size() > 1
                               ? " (facts came in while this report was made; make it again)"
                               : ""));
    }
    return sentences;
  }

 private:
  std::map<std::string, std::set<std::string>> by_context_;
};

std::vector<std::string> Knowledge(const ReportData& data) {
  Positions positions;
  positions.Add(data.board.answer.as_of());
  positions.Add(data.baseline.answer.as_of());
  positions.Add(data.extracts.answer.as_of());
  for (const MeasureReport& measure : data.measures) {
    positions.Add(measure.series.answer.as_of());
    positions.Add(measure.chart.answer.as_of());
    positions.Add(measure.comparison.answer.as_of());
  }
  positions.Add(data.ranks.answer.as_of());
  positions.Add(data.latest_ranks.answer.as_of());
  return positions.Sentences();
}

}  // namespace

Markup ProvenanceSection(const ReportData& data) {
  Markup inner = Paragraph(
      "This report shows what was so by the end of " + LongDay(data.as_of) +
      ": months, half-years and phases of that day. It rests on what was known at these positions "
      "of the journal; facts that come in later, or corrections, change what the commands give.");
  inner += List(Knowledge(data));
  Markup again = Text("The whole report again: ");
  again += Element("code", "bin/holdfast board report " + ShellWord(data.site_id) + " --as-of " +
                               FormatDay(data.as_of) + " --tenant " + ShellWord(data.tenant) +
                               " -o html");
  inner += Element("p", {{"class", "recompute"}}, again);
  inner += Methods(data);
  inner += References(data);
  return Section("provenance", "Where the figures come from", inner);
}

}  // namespace holdfast::cli::report
