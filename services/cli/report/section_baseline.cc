#include <algorithm>

#include "absl/strings/str_join.h"
#include "base/civil_time.h"
#include "base/hex.h"
#include "cli/report/command_line.h"
#include "cli/report/sections.h"
#include "cli/report/words.h"

namespace holdfast::cli::report {
namespace {

namespace v1 = metrics::v1;

std::string Said(const ReportData& data) {
  const v1::GetBaselineResponse& answer = data.baseline.answer;
  const v1::BaselineLocked& locked = answer.baseline();
  std::string text = "Window " + LongMonth(ToCivil(locked.window().from())) + " to " +
                     LongMonth(ToCivil(locked.window().to())) + ". ";
  if (answer.has_locked_at()) {
    const absl::CivilDay on = LondonDay(absl::FromUnixSeconds(answer.locked_at().seconds()));
    text += "Locked on " + LongDay(on) +
            (on > data.as_of ? ", after the day of this report" : std::string()) + ", by " +
            (answer.actor_ref().empty() ? "an unnamed person" : answer.actor_ref()) + ". ";
  }
  text += locked.retrospective() ? "Retrospective: it was built after Clear began, and stays so. "
                                 : "Built before Clear. ";
  if (answer.superseded()) text += "Superseded: it is in force no more. ";
  return text;
}

Markup Values(const v1::BaselineLocked& locked, const ReportData& data) {
  Table table{"table-baseline",
              "What was locked: the mean of a month over the window",
              {{"Measure"},
               {"Mean a month", true},
               {"Interval", true},
               {"Level", true},
               {"Smallest fall it can show", true}},
              {{}}};
  for (int i = 0; i < locked.values_size(); ++i) {
    const v1::Figure& figure = locked.values(i);
    const double fall =
        i < locked.detectable_fall_percent_size() ? locked.detectable_fall_percent(i) : 0;
    table.groups[0].rows.push_back(
        {MeasureTitle(data, figure.measure().measure_id()), Estimate(figure), IntervalOf(figure),
         figure.value().level() > 0 ? Level(figure.value().level()) : "",
         fall > 0 ? Number(fall, 0) + "\u00A0% (power 0.8)" : "none: too few to show any"});
  }
  return RenderTable(table);
}

Markup Gates(const v1::BaselineLocked& locked) {
  Table table{"table-gates",
              "The conditions of a baseline",
              {{"Condition"}, {"Outcome"}, {"Finding"}},
              {{}}};
  for (const v1::GateResult& gate : locked.gates())
    table.groups[0].rows.push_back(
        {GateName(gate.gate()), OutcomeName(gate.outcome()), gate.finding()});
  return RenderTable(table);
}

Markup Waivers(const v1::BaselineLocked& locked) {
  if (locked.waived().empty()) return Element("p", "No condition was waived.");
  Table table{"table-waivers",
              "Conditions that were waived",
              {{"Condition"}, {"By"}, {"Reference", false, true}, {"Why"}},
              {{}}};
  for (const v1::Waiver& waiver : locked.waived())
    table.groups[0].rows.push_back(
        {GateName(waiver.gate()), DutyName(waiver.duty()), waiver.by(), waiver.reason()});
  return RenderTable(table);
}

Markup Corrections(const v1::GetBaselineResponse& answer, const ReportData& data) {
  if (answer.corrections().empty()) return Markup();
  Table table{
      "table-corrections",
      "Corrections since the lock: they stand beside the baseline, never in it",
      {{"Measure"}, {"Locked", true}, {"By today's data", true}, {"Extracts changed", true}},
      {{}}};
  for (const auto& correction : answer.corrections())
    table.groups[0].rows.push_back({MeasureTitle(data, correction.measure().measure_id()),
                                    Estimate(correction.locked()), Estimate(correction.now()),
                                    std::to_string(correction.changed_size())});
  return RenderTable(table);
}

std::string Names(const ReportData& data,
                  const google::protobuf::RepeatedPtrField<std::string>& codes) {
  std::vector<std::string> names;
  for (const std::string& code : codes) names.push_back(AreaName(data, code));
  return names.empty() ? "none" : absl::StrJoin(names, ", ");
}

std::vector<std::string> Earlier(const ReportData& data) {
  std::vector<std::string> sentences;
  for (const auto& baseline : data.board.answer.baselines()) {
    if (!baseline.superseded()) continue;
    sentences.push_back("Baseline " + std::to_string(baseline.number()) + " (" +
                        SayMonths({ToCivil(baseline.from()), ToCivil(baseline.to())}) +
                        ") was superseded: " + baseline.superseded_reason());
  }
  return sentences;
}

}  // namespace

Markup BaselineSection(const ReportData& data) {
  if (!data.baseline.has()) {
    Markup inner = Missing(data.baseline.missing + " Without one, Clear opens only by an override.",
                           "bin/holdfast baseline lock " + ShellWord(data.site_id));
    inner += List(Earlier(data));
    return Section("baseline", "Baseline", inner);
  }
  const v1::BaselineLocked& locked = data.baseline.answer.baseline();
  Markup notes = Gates(locked);
  notes += Waivers(locked);
  notes += Corrections(data.baseline.answer, data);
  std::vector<std::string> facts = {
      "Comparison areas: " + Names(data, locked.comparators()) + ".",
      "Displacement zone: " + Names(data, locked.displacement_zone()) + "."};
  for (const int caveat : locked.caveats())
    facts.push_back(CaveatSentence(static_cast<v1::Caveat::Code>(caveat)));
  for (const std::string& sentence : Earlier(data)) facts.push_back(sentence);
  notes += List(facts);
  Markup digest =
      Text("Digest of " + std::to_string(locked.extracts_size()) + " extracts (SHA-256): ");
  digest += Element("code", ToHex(locked.digest()));
  notes += Element("p", {{"class", "quiet"}}, digest);
  return Section(
      "baseline", "Baseline",
      FigureBlock("figure-baseline", "Baseline " + std::to_string(std::max(1U, locked.number())),
                  Said(data), Values(locked, data), notes, BaselineClaim(data)));
}

}  // namespace holdfast::cli::report
