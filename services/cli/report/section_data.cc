// What the figures rest on: which months came in, and how good they are.
#include <algorithm>
#include <map>
#include <set>

#include "absl/strings/str_join.h"
#include "cli/report/sections.h"
#include "cli/report/valid_time.h"
#include "cli/report/words.h"

namespace holdfast::cli::report {
namespace {

namespace v1 = metrics::v1;

// One dataset, summed over the months up to the day of the report.
struct Quality {
  int months = 0;
  std::uint64_t rows_in = 0, accepted = 0, rejected = 0, unlocated = 0;
  double geocoded = 0;  // rows
  std::set<absl::CivilMonth> present, named;
  std::map<absl::CivilMonth, std::string> reasons;
  int held = 0;
};

std::map<std::string, Quality> QualityByDataset(const ReportData& data) {
  std::map<std::string, Quality> all;
  for (const v1::ExtractQuality& extract : data.extracts.answer.extracts()) {
    Quality& quality = all[extract.dataset_id()];
    const absl::CivilMonth month = ToCivil(extract.month());
    quality.named.insert(month);
    if (!extract.gap_reason().empty()) quality.reasons[month] = extract.gap_reason();
    if (extract.quarantined()) ++quality.held;
    if (extract.completeness() == v1::Completeness::MISSING || extract.revision() == 0) continue;
    quality.present.insert(month);
    quality.rows_in += extract.rows_in();
    quality.accepted += extract.accepted();
    quality.rejected += extract.rejected();
    quality.unlocated += extract.unlocated();
    quality.geocoded += extract.geocoded_percent() / 100 * static_cast<double>(extract.accepted());
  }
  return all;
}

std::vector<std::string> MissingMonths(const Quality& quality) {
  std::vector<std::string> missing;
  if (quality.named.empty()) return missing;
  for (absl::CivilMonth month = *quality.named.begin(); month <= *quality.named.rbegin(); ++month) {
    if (quality.present.count(month) > 0) continue;
    const auto reason = quality.reasons.find(month);
    missing.push_back(ShortMonth(month) +
                      (reason == quality.reasons.end() ? "" : " (" + reason->second + ")"));
  }
  return missing;
}

std::string Whole(std::uint64_t count) {
  return Number(static_cast<double>(count), 0);
}

std::vector<std::string> QualityRow(const std::string& name, const std::string& agency,
                                    const Quality& quality) {
  const bool any = !quality.present.empty();
  const std::vector<std::string> missing = MissingMonths(quality);
  const auto count = [any](std::uint64_t rows) { return any ? Whole(rows) : "no data"; };
  return {
      name,
      agency.empty() ? "police" : agency,
      std::to_string(quality.present.size()),
      !any              ? "all"
      : missing.empty() ? "none"
                        : absl::StrJoin(missing, ", "),
      count(quality.rows_in),
      count(quality.accepted),
      count(quality.rejected),
      count(quality.unlocated),
      quality.accepted == 0
          ? "no data"
          : Number(quality.geocoded / static_cast<double>(quality.accepted) * 100, 1) + "\u00A0%"};
}

Markup QualityTable(const ReportData& data, const std::map<std::string, Quality>& all) {
  Table table{"table-data",
              "Datasets up to " + LongMonth(LastEndedMonth(data.as_of)),
              {{"Dataset"},
               {"Agency"},
               {"Months", true},
               {"Months without data"},
               {"Rows read", true},
               {"Accepted", true},
               {"Rejected", true},
               {"In no area", true},
               {"Geocoded", true}},
              {{}}};
  for (const auto& dataset : data.datasets.datasets()) {
    const auto found = all.find(dataset.dataset_id());
    const Quality quality = found == all.end() ? Quality() : found->second;
    std::string name = dataset.title().empty() ? dataset.dataset_id() : dataset.title();
    if (dataset.territorial()) name += " (decides whether a month is there)";
    if (name.empty()) name = "declaration";
    if (dataset.no_data_held()) {
      table.groups[0].rows.push_back({name, dataset.agency(), "",
                                      "the agency declares that it holds no data", "", "", "", "",
                                      ""});
      continue;
    }
    table.groups[0].rows.push_back(QualityRow(name, dataset.agency(), quality));
  }
  return RenderTable(table);
}

// Territorial months after the last with data, up to the day of the report.
std::string Tail(const ReportData& data, const std::map<std::string, Quality>& all) {
  absl::CivilMonth last;
  bool any = false;
  for (const auto& dataset : data.datasets.datasets()) {
    const auto found = all.find(dataset.dataset_id());
    if (!dataset.territorial() || found == all.end() || found->second.present.empty()) continue;
    last = any ? std::max(last, *found->second.present.rbegin()) : *found->second.present.rbegin();
    any = true;
  }
  if (!any) return "";
  const absl::CivilMonth ended = LastEndedMonth(data.as_of);
  if (last >= ended) return "The latest month with data is " + LongMonth(last) + ".";
  return "The latest month with data is " + LongMonth(last) + "; there is none for " +
         SayMonths({last + 1, ended}) + ".";
}

}  // namespace

Markup DataSection(const ReportData& data) {
  if (data.datasets.datasets().empty()) {
    return Section("data", "Data behind this report",
                   Missing("No data is loaded.", "bin/holdfast import police-uk FILE"));
  }
  const std::map<std::string, Quality> all = QualityByDataset(data);
  std::vector<std::string> sentences;
  if (const std::string tail = Tail(data, all); !tail.empty()) sentences.push_back(tail);
  for (const auto& [dataset, quality] : all) {
    if (quality.held > 0)
      sentences.push_back(dataset + ": " + std::to_string(quality.held) +
                          " months are held until a person lets them through.");
  }
  Markup notes = List(sentences);
  Markup line = Text("A month without data is never zero: figures that need it are not given. ");
  line += Link("table-extracts", "Every month with its digest");
  line += Text(".");
  notes += Element("p", {{"class", "quiet"}}, line);
  return Section("data", "Data behind this report",
                 FigureBlock("figure-data", "What came in, and how good it is", "",
                             QualityTable(data, all), notes, ExtractsClaim(data)));
}

}  // namespace holdfast::cli::report
