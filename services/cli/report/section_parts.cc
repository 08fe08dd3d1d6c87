#include "cli/report/command_line.h"
#include "cli/report/sections.h"
#include "cli/report/words.h"

namespace holdfast::cli::report {

std::string SiteTitle(const board::v1::InitiativeBoardRow& site) {
  if (!site.brand().empty()) return site.brand();
  return site.name().empty() ? site.site_id() : site.name();
}

std::string MeasureTitle(const MeasureReport& measure) {
  if (!measure.definition.title().empty()) return measure.definition.title();
  return measure.measure_id;
}

std::string MeasureTitle(const ReportData& data, std::string_view measure_id) {
  for (const MeasureReport& measure : data.measures) {
    if (measure.measure_id == measure_id) return MeasureTitle(measure);
  }
  return std::string(measure_id);
}

std::string AreaName(const ReportData& data, const std::string& code) {
  for (const auto& set : data.areas.sets()) {
    for (const auto& area : set.areas()) {
      if (area.code() == code && !area.name().empty()) return area.name();
    }
  }
  return code;
}

std::string PhaseLabel(const board::v1::PhaseBand& band) {
  std::string label = PhaseName(band.phase());
  if (!band.zone().empty() && band.zone() != "site") label += ", " + band.zone();
  return band.recorded_afterwards() ? label + " (recorded afterwards)" : label;
}

bool IsInForce(const initiative::v1::GateOverride& override, absl::CivilDay day) {
  return !override.ended() && (!override.has_until() || ToCivil(override.until()) >= day);
}

Markup Section(std::string_view id, std::string_view title, const Markup& inner) {
  const std::string heading = std::string(id) + "-heading";
  Markup all = Element("h2", {{"id", heading}}, title);
  all += inner;
  return Element("section", {{"id", std::string(id)}, {"aria-labelledby", heading}}, all);
}

Markup Paragraph(std::string_view text) {
  return Element("p", text);
}

Markup Missing(std::string_view sentence, std::string_view command) {
  Markup inner = Text(std::string(sentence) + (command.empty() ? "" : " Supply it with "));
  if (!command.empty()) {
    inner += Element("code", command);
    inner += Text(".");
  }
  return Element("p", {{"class", "missing"}}, inner);
}

std::string SupplyCommand(const ReportData& data) {
  if (data.board.answer.site().codes().empty())
    return "bin/holdfast site boundary " + ShellWord(data.site_id) + " --areas CODE";
  return "bin/holdfast import police-uk FILE";
}

Markup List(const std::vector<std::string>& sentences) {
  Markup items;
  for (const std::string& sentence : sentences) items += Element("li", sentence);
  return items.empty() ? Markup() : Element("ul", items);
}

Markup FigureBlock(std::string_view id, std::string_view title, std::string_view finding,
                   const Markup& picture, const Markup& notes, const Claim& claim) {
  Markup caption = Element("h3", title);
  if (!finding.empty()) caption += Element("p", {{"class", "finding"}}, finding);
  Markup inner = Element("figcaption", caption);
  inner += picture;
  inner += notes;
  inner += RecomputeLine(claim);
  Attributes attributes = {{"id", std::string(id)}};
  for (auto& attribute : AttributesOf(claim)) attributes.push_back(std::move(attribute));
  return Element("figure", attributes, inner);
}

Markup Link(std::string_view id, std::string_view text) {
  return Element("a", {{"href", "#" + std::string(id)}}, text);
}

}  // namespace holdfast::cli::report
