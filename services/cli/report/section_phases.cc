#include <algorithm>

#include "absl/strings/str_join.h"
#include "base/civil_time.h"
#include "cli/report/charts.h"
#include "cli/report/command_line.h"
#include "cli/report/sections.h"
#include "cli/report/words.h"

namespace holdfast::cli::report {
namespace {

std::string Note(const board::v1::PhaseBand& band) {
  std::vector<std::string> notes;
  if (band.recorded_afterwards()) notes.push_back("recorded afterwards, source: " + band.source());
  if (band.override() != 0)
    notes.push_back("gate overridden (override " + std::to_string(band.override()) + ")");
  if (band.without_baseline()) notes.emplace_back("opened without a baseline");
  return absl::StrJoin(notes, "; ");
}

Markup Drawn(const ReportData& data, const std::string& finding) {
  TimelinePicture picture{"timeline", "Phases of the site", finding, {}, 0, 0};
  picture.to = PlaceOf(data.as_of + 1);
  picture.from = picture.to;
  for (const auto& band : data.board.answer.site().phases()) {
    const double from = PlaceOf(ToCivil(band.from()));
    const double to = band.has_to() ? PlaceOf(ToCivil(band.to()) + 1) : picture.to;
    picture.from = std::min(picture.from, from - 1);
    picture.bars.push_back({{initiative::v1::Phase::Code_Name(band.phase()),
                             PhaseLabel(band) + (band.has_to() ? "" : ", open"), from, to},
                            band.recorded_afterwards(),
                            !band.has_to()});
  }
  return Timeline(picture);
}

Markup PhaseTable(const ReportData& data) {
  Table table{"table-phases",
              "Phases as they stood on " + LongDay(data.as_of),
              {{"Phase"}, {"Zone"}, {"From"}, {"To"}, {"Lead"}, {"Note"}},
              {{}}};
  for (const auto& band : data.board.answer.site().phases()) {
    table.groups[0].rows.push_back(
        {PhaseName(band.phase()), band.zone(), LongDay(ToCivil(band.from())),
         band.has_to() ? LongDay(ToCivil(band.to())) : "still open",
         band.lead_agency().empty() ? "not named" : band.lead_agency(), Note(band)});
  }
  return RenderTable(table);
}

Markup OverrideTable(const ReportData& data) {
  const auto& overrides = data.board.answer.site().overrides();
  if (overrides.empty()) return Markup();
  Table table{
      "table-overrides",
      "Overrides of a gate",
      {{"Number", true}, {"Gate of"}, {"Who"}, {"Rationale"}, {"Criteria"}, {"Until"}, {"State"}},
      {{}}};
  for (const auto& override : overrides) {
    const std::string state = override.ended()                  ? "no longer holds"
                              : IsInForce(override, data.as_of) ? "in force"
                                                                : "ran out";
    const std::string given =
        override.has_overridden_at()
            ? ", on " +
                  LongDay(LondonDay(absl::FromUnixSeconds(override.overridden_at().seconds())))
            : "";
    table.groups[0].rows.push_back(
        {std::to_string(override.number()), PhaseName(override.phase()),
         DutyName(override.duty()) + " (" + override.overridden_by() + ")" + given,
         override.rationale(), absl::StrJoin(override.criteria(), ", "),
         override.has_until() ? LongDay(ToCivil(override.until())) : "not said", state});
  }
  return RenderTable(table);
}

}  // namespace

Markup PhaseSection(const ReportData& data) {
  const auto& phases = data.board.answer.site().phases();
  const std::string later = data.later_phases == 0
                                ? ""
                                : " " + std::to_string(data.later_phases) +
                                      (data.later_phases == 1 ? " phase begins" : " phases begin") +
                                      " after this day and " +
                                      (data.later_phases == 1 ? "is" : "are") + " not shown.";
  std::vector<std::string> open;
  for (const auto& band : phases) {
    if (!band.has_to()) open.push_back(PhaseLabel(band));
  }
  const std::string finding =
      (open.empty() ? "No phase was open." : "Open: " + absl::StrJoin(open, "; ") + ".") + later;
  Markup notes = phases.empty()
                     ? Missing("No phase had been opened by this day." + later,
                               "bin/holdfast phase open " + ShellWord(data.site_id) + " CLEAR")
                     : PhaseTable(data);
  notes += OverrideTable(data);
  return Section(
      "phases", "Phases",
      FigureBlock("figure-phases", "Phases of the site", phases.empty() ? "" : finding,
                  phases.empty() ? Markup() : Drawn(data, finding), notes, PhasesClaim(data)));
}

}  // namespace holdfast::cli::report
