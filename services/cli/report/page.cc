// The page: its parts in order, between a head that loads nothing and a foot.
#include "cli/report/report.h"
#include "cli/report/sections.h"
#include "cli/report/style.h"
#include "cli/report/words.h"

namespace holdfast::cli::report {
namespace {

Markup Contents() {
  Markup items;
  for (const auto& [id, title] : {std::pair{"phases", "Phases"},
                                  {"measures", "Measures"},
                                  {"comparison", "Before and after"},
                                  {"ranks", "Ranks"},
                                  {"baseline", "Baseline"},
                                  {"data", "Data"},
                                  {"caveats", "Caveats"},
                                  {"provenance", "Provenance"},
                                  {"annex", "Tables"}}) {
    items += Element("li", Link(id, title));
  }
  return Element("nav", {{"aria-label", "Parts of this report"}}, Element("ol", items));
}

Markup Foot(const ReportData& data) {
  return Element("footer",
                 "Made by Holdfast from the journal of tenant " + data.tenant + ", as of " +
                     LongDay(data.as_of) +
                     ". Each figure names the command that recomputes it from the accepted facts.");
}

}  // namespace

std::string Render(const ReportData& data) {
  const std::string title = SiteTitle(data.board.answer.site()) + ", as of " + LongDay(data.as_of);
  Markup head = Markup::Trusted(
      "<meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width, "
      "initial-scale=1\"><meta name=\"color-scheme\" content=\"light\">"
      // Whoever opens the file, whatever it may hold: nothing runs and nothing is fetched.
      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src "
      "'unsafe-inline'\">");
  head += Element("title", title);
  head += Element("style", Markup::Trusted(Style()));

  Markup main = Warnings(data);
  main += AtAGlance(data);
  main += PhaseSection(data);
  main += MeasureSection(data);
  main += ComparisonSection(data);
  main += RankSection(data);
  main += BaselineSection(data);
  main += DataSection(data);
  main += CaveatSection(data);
  main += ProvenanceSection(data);
  main += TableAnnex(data);

  Markup body = Masthead(data);
  body += Contents();
  body += Element("main", main);
  body += Foot(data);
  Markup page = Element("head", head);
  page += Element("body", body);
  return "<!doctype html>\n" + Element("html", {{"lang", "en-GB"}}, page).html() + "\n";
}

}  // namespace holdfast::cli::report
