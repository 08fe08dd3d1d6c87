#include <map>
#include <set>

#include "absl/strings/str_join.h"
#include "cli/report/sections.h"
#include "cli/report/words.h"

namespace holdfast::cli::report {
namespace {

namespace v1 = metrics::v1;

// Each caveat with the figures that it belongs to, in the order of the codes.
class Collected {
 public:
  void Add(const google::protobuf::RepeatedField<int>& codes, const std::string& what) {
    for (const int code : codes) said_[code].insert(what);
  }
  void Add(const v1::Figure& figure, const std::string& what) { Add(figure.caveats(), what); }

  std::vector<std::string> Sentences() const {
    std::vector<std::string> sentences;
    for (const auto& [code, figures] : said_) {
      sentences.push_back(CaveatSentence(static_cast<v1::Caveat::Code>(code)) + " (" +
                          absl::StrJoin(figures, ", ") + ")");
    }
    return sentences;
  }

 private:
  std::map<int, std::set<std::string>> said_;
};

void AddMeasure(const MeasureReport& measure, Collected& all) {
  const std::string title = MeasureTitle(measure);
  all.Add(measure.series.answer.caveats(), title);
  for (const auto& series : measure.series.answer.series()) {
    for (const auto& point : series.points()) all.Add(point.figure(), title);
  }
  for (const auto& change : measure.comparison.answer.changes()) {
    all.Add(change.rate_ratio(), title + ", before and after");
    all.Add(change.percent_change(), title + ", before and after");
  }
}

}  // namespace

Markup CaveatSection(const ReportData& data) {
  Collected all;
  for (const MeasureReport& measure : data.measures) AddMeasure(measure, all);
  for (const auto* ranks : {&data.ranks, &data.latest_ranks}) {
    for (const auto& period : ranks->answer.periods()) {
      all.Add(period.caveats(), "ranks");
      for (const auto& row : period.rows()) all.Add(row.figure(), "ranks");
    }
  }
  all.Add(data.baseline.answer.baseline().caveats(), "baseline");
  for (const auto& value : data.baseline.answer.baseline().values()) all.Add(value, "baseline");

  const std::vector<std::string> sentences = all.Sentences();
  Markup inner =
      sentences.empty() ? Paragraph("No figure carries a caveat of its own.") : List(sentences);
  inner += Element("p", {{"class", "quiet"}},
                   "Recorded crime is what was reported and recorded, not all that happened. "
                   "Sources of several agencies stand side by side and are never added up.");
  return Section("caveats", "Caveats", inner);
}

}  // namespace holdfast::cli::report
