// measure list | series | xmr | rank | compare | export | explain
#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "holdfast/metrics/v1/metrics.pb.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/hex.h"
#include "base/status_macros.h"
#include "cli/areas.h"
#include "cli/exit_code.h"
#include "cli/figures.h"
#include "cli/invocation.h"
#include "cli/progress.h"
#include "cli/rpc_names.h"

namespace holdfast::cli {
namespace {

namespace v1 = metrics::v1;

void SayMissing(const google::protobuf::RepeatedPtrField<type::v1::Month>& months) {
  if (months.empty()) return;
  Say(absl::StrCat("no data, which is not zero: ",
                   absl::StrJoin(months, ", ", [](std::string* out, const type::v1::Month& month) {
                     out->append(ToText(month));
                   })));
}

// Two columns more where the figures are severity: what they are by other weights.
class SensitivityColumns {
 public:
  explicit SensitivityColumns(bool shown) : shown_(shown) {}

  void AddHead(Rows& rows) const {
    if (!shown_) return;
    rows.numeric.resize(rows.columns.size(), false);
    for (const char* head : {"capped", "heaviest_left_out"}) {
      rows.columns.emplace_back(head);
      rows.numeric.push_back(true);
    }
  }
  void AddCells(const v1::Figure& figure, std::vector<std::string>& row) const {
    if (!shown_) return;
    row.push_back(CappedCell(figure));
    row.push_back(LeftOutCell(figure));
  }

 private:
  bool shown_;
};

std::string AreaName(const v1::AreaRef& area) {
  return area.codes_size() == 0 ? "all" : absl::StrJoin(area.codes(), "+");
}

absl::Status List(Invocation& in) {
  v1::ListMeasuresResponse answer;
  RETURN_IF_ERROR(in.session().Call(Metrics("ListMeasures"), v1::ListMeasuresRequest(), answer));
  Rows rows{{"measure", "version", "title", "unit", "polarity", "retired"}, {}, {false, true}};
  for (const auto& measure : answer.measures()) {
    rows.rows.push_back({measure.measure_id(), absl::StrCat(measure.version()),
                         measure.definition().title(),
                         v1::Measure::Unit_Name(measure.definition().unit()),
                         v1::Measure::Polarity_Name(measure.definition().polarity()),
                         measure.retired() ? "yes" : ""});
  }
  return in.output().Print(answer, rows);
}

absl::Status Series(Invocation& in) {
  v1::GetSeriesRequest request;
  RETURN_IF_ERROR(SetMeasure(in, request));
  RETURN_IF_ERROR(SetMonths(in, request));
  *request.mutable_areas() = AreasOf(in);
  request.set_each(in.Has("--each"));
  v1::GetSeriesResponse answer;
  RETURN_IF_ERROR(in.session().Call(Metrics("GetSeries"), request, answer));
  Rows rows{{"area", "month", "count", "estimate", "lower", "upper", "completeness"},
            {},
            {false, false, true, true, true, true}};
  const SensitivityColumns sensitivity(answer.definition().unit() == v1::Measure::SEVERITY);
  sensitivity.AddHead(rows);
  for (const auto& series : answer.series()) {
    for (const auto& point : series.points()) {
      rows.rows.push_back({AreaName(series.area()), ToText(point.month()),
                           point.has_count() ? absl::StrCat(point.count()) : "no_data",
                           EstimateCell(point.figure()), LowerCell(point.figure()),
                           UpperCell(point.figure()),
                           v1::Completeness::Code_Name(point.completeness())});
      sensitivity.AddCells(point.figure(), rows.rows.back());
    }
  }
  SayMissing(answer.months_without_data());
  SayCaveats(answer.caveats());
  return in.output().Print(answer, rows);
}

absl::Status ControlChart(Invocation& in) {
  v1::GetControlChartRequest request;
  RETURN_IF_ERROR(SetMeasure(in, request));
  RETURN_IF_ERROR(SetMonths(in, request));
  *request.mutable_areas() = AreasOf(in);
  ASSIGN_OR_RETURN(const auto freeze_from, in.Month("--freeze-from"));
  ASSIGN_OR_RETURN(const auto freeze_to, in.Month("--freeze-to"));
  if (freeze_from) *request.mutable_freeze_from() = *freeze_from;
  if (freeze_to) *request.mutable_freeze_to() = *freeze_to;
  request.set_site_id(in.Get("--site"));
  v1::GetControlChartResponse answer;
  RETURN_IF_ERROR(in.session().Call(Metrics("GetControlChart"), request, answer));
  Rows rows{
      {"month", "value", "lower", "mean", "upper", "signal"}, {}, {false, true, true, true, true}};
  const auto cell = [](bool has, double value) { return has ? ToText(value, 4) : std::string(); };
  for (const auto& point : answer.points()) {
    rows.rows.push_back(
        {ToText(point.month()), point.has_value() ? ToText(point.value(), 4) : "no_data",
         cell(answer.has_lower(), answer.lower()), cell(answer.has_mean(), answer.mean()),
         cell(answer.has_upper(), answer.upper()), absl::StrJoin(point.rules(), "+")});
  }
  return in.output().Print(answer, rows);
}

absl::Status Rank(Invocation& in) {
  v1::GetRanksRequest request;
  request.set_measure(in.Get("--measure"));
  *request.mutable_areas() = AreasOf(in);
  for (std::string& period : in.GetAll("--period")) request.add_periods(std::move(period));
  v1::GetRanksResponse answer;
  RETURN_IF_ERROR(in.session().Call(Metrics("GetRanks"), request, answer));
  Rows rows{{"period", "area", "name", "rank", "median", "lower90", "upper90", "p_top3", "estimate",
             "areas"},
            {},
            {false, false, false, true, true, true, true, true, true, true}};
  const SensitivityColumns sensitivity(answer.definition().unit() == v1::Measure::SEVERITY);
  sensitivity.AddHead(rows);
  for (const auto& period : answer.periods()) {
    if (period.has_undefined()) {
      Say(absl::StrCat(period.period(), ": no rank, ",
                       v1::Undefined::Reason_Name(period.undefined().reason())));
    }
    SayMissing(period.months_without_data());
    SayCaveats(period.caveats());
    if (!period.areas_without_data().empty()) {
      Say(absl::StrCat(period.period(), ": no data, so no rank, for ",
                       absl::StrJoin(period.areas_without_data(), ", ",
                                     [](std::string* out, const v1::AreaRef& area) {
                                       out->append(AreaName(area));
                                     })));
    }
    if (!period.exposure().empty()) Say(absl::StrCat(period.period(), ": ", period.exposure()));
    for (const auto& row : period.rows()) {
      rows.rows.push_back({period.period(), AreaName(row.area()), row.area().name(),
                           absl::StrCat(row.observed_rank()), ToText(row.median_rank(), 1),
                           ToText(row.rank_lower(), 1), ToText(row.rank_upper(), 1),
                           ToText(row.probability_top_three(), 3), EstimateCell(row.figure()),
                           absl::StrCat(period.areas())});
      sensitivity.AddCells(row.figure(), rows.rows.back());
    }
  }
  return in.output().Print(answer, rows);
}

absl::Status Compare(Invocation& in) {
  v1::CompareAreasRequest request;
  RETURN_IF_ERROR(SetMeasure(in, request));
  RETURN_IF_ERROR(SetMonths(in, request));
  *request.mutable_areas() = AreasOf(in);
  if (in.Has("--compare-area")) {
    *request.mutable_comparison() = AreasOf(in);
    request.mutable_comparison()->clear_codes();
    for (std::string& code : in.GetAll("--compare-area"))
      request.mutable_comparison()->add_codes(std::move(code));
  }
  ASSIGN_OR_RETURN(const auto from, in.Month("--compare-from"));
  ASSIGN_OR_RETURN(const auto to, in.Month("--compare-to"));
  if (from) *request.mutable_comparison_from() = *from;
  if (to) *request.mutable_comparison_to() = *to;
  v1::CompareAreasResponse answer;
  RETURN_IF_ERROR(in.session().Call(Metrics("CompareAreas"), request, answer));
  Rows rows{{"comparison", "count", "before", "rate_ratio", "lower", "upper", "percent", "p"},
            {},
            {false, true, true, true, true, true, true, true}};
  const SensitivityColumns sensitivity(
      std::ranges::any_of(answer.changes(), [](const v1::CompareAreasResponse::Change& change) {
        return !change.rate_ratio().value().sensitivity().empty();
      }));
  sensitivity.AddHead(rows);
  for (const auto& change : answer.changes()) {
    const auto& ratio = change.rate_ratio();
    rows.rows.push_back(
        {change.label(), change.has_count() ? absl::StrCat(change.count()) : "no_data",
         change.has_comparison_count() ? absl::StrCat(change.comparison_count()) : "no_data",
         EstimateCell(ratio), LowerCell(ratio), UpperCell(ratio),
         EstimateCell(change.percent_change()),
         ratio.value().has_p() ? ToText(ratio.value().p(), 4) : ""});
    sensitivity.AddCells(ratio, rows.rows.back());
  }
  return in.output().Print(answer, rows);
}

absl::Status AddBy(const Invocation& in, v1::ExportCountsRequest& request) {
  for (const std::string& by : in.GetAll("--by")) {
    if (by == "category") {
      request.add_by(v1::ExportCountsRequest::CATEGORY);
    } else if (by == "month") {
      request.add_by(v1::ExportCountsRequest::MONTH);
    } else {
      return UsageError("--by must be category, month or category,month.");
    }
  }
  return absl::OkStatus();
}

absl::Status Export(Invocation& in) {
  v1::ExportCountsRequest request;
  RETURN_IF_ERROR(SetMonths(in, request));
  RETURN_IF_ERROR(AddBy(in, request));
  *request.mutable_areas() = AreasOf(in);
  for (std::string& category : in.GetAll("--category")) request.add_categories(std::move(category));
  request.set_page_size(20'000);
  v1::ExportCountsResponse all;
  do {
    v1::ExportCountsResponse page;
    RETURN_IF_ERROR(in.session().Call(Metrics("ExportCounts"), request, page));
    request.set_page_token(page.next_page_token());
    all.MergeFrom(page);
  } while (!request.page_token().empty());
  all.clear_next_page_token();
  Rows rows{{"area", "category", "month", "count"}, {}, {false, false, false, true}};
  for (const auto& row : all.rows()) {
    rows.rows.push_back(
        {row.area(), row.category().empty() ? "all" : row.category(),
         row.has_month() ? ToText(row.month()) : "all",
         row.no_data() || !row.has_count() ? "no_data" : absl::StrCat(row.count())});
  }
  return in.output().Print(all, rows);
}

absl::Status Explain(Invocation& in) {
  v1::ExplainFigureRequest request;
  RETURN_IF_ERROR(SetMeasure(in, request));
  RETURN_IF_ERROR(SetMonths(in, request));
  *request.mutable_areas() = AreasOf(in);
  v1::ExplainFigureResponse answer;
  RETURN_IF_ERROR(in.session().Call(Metrics("ExplainFigure"), request, answer));
  Rows rows{{"dataset", "month", "revision", "count", "position", "file", "sha256", "import"},
            {},
            {false, false, true, true, true}};
  for (const auto& fact : answer.facts()) {
    rows.rows.push_back({fact.extract().dataset(), ToText(fact.extract().month()),
                         absl::StrCat(fact.extract().revision()), absl::StrCat(fact.count()),
                         absl::StrCat(fact.accepted_at().seq()), fact.file_name(),
                         ToHex(fact.file_sha256()).substr(0, 16), fact.import_id()});
  }
  Say(absl::StrCat("count ", answer.count(), " from ", answer.facts_size(), " accepted extracts"));
  return in.output().Print(answer, rows);
}

}  // namespace

Commands MeasureCommands() {
  const std::vector<Option> chosen = Join({MeasureOptions(), AreaOptions(), MonthOptions()});
  return {
      {"measure list", "What is measured", {}, {}, "holdfast measure list", List},
      {"measure series",
       "A measure by month, with its intervals",
       {},
       Join({chosen, {{"--each", "", "One series for each area instead of one for all"}}}),
       "holdfast measure series --category burglary --area E05000026 --from 2016-01 --to 2018-06 "
       "-o json",
       Series},
      {"measure xmr",
       "A measure by month against its natural limits, and what is beyond chance",
       {},
       Join({chosen,
             {{"--freeze-from", "MONTH", "First month on which the limits are frozen"},
              {"--freeze-to", "MONTH", "Last month on which the limits are frozen"},
              {"--site", "SITE", "Draws the phases and breaks of this site"}}}),
       "holdfast measure xmr --measure crime --area E05000032 -o table",
       ControlChart},
      {"measure rank",
       "Every area of the set by a measure, with the uncertainty of its rank",
       {},
       Join({{{"--measure", "ID", "The measure, such as severity", true},
              {"--period", "HALF-YEAR", "Such as 2017H1; several are given in turn (default all)",
               false, true}},
             AreaOptions()}),
       "holdfast measure rank --measure severity --kind ward --period 2017H1 -o json",
       Rank},
      {"measure compare",
       "A change of a rate, against the same months last year and the period before",
       {},
       Join({chosen,
             {{"--compare-area", "CODE", "Compare with these areas instead", false, true},
              {"--compare-from", "MONTH", "First month to compare with"},
              {"--compare-to", "MONTH", "Last month to compare with, included"}}}),
       "holdfast measure compare --measure crime --area E05000032 --from 2017-07 --to 2017-12",
       Compare},
      {"measure export",
       "Counts by area, category and month; a month without data says no_data",
       {},
       Join({{{"--by", "LIST", "category, month or category,month", false, true},
              {"--category", "SLUG", "Only these categories", false, true}},
             AreaOptions(),
             MonthOptions()}),
       "holdfast measure export --kind ward --by category,month -o csv",
       Export},
      {"measure explain",
       "The accepted facts behind a figure: extracts, revisions, positions, files",
       {},
       chosen,
       "holdfast measure explain --category burglary --area E05000026 --from 2016-01 --to 2016-03",
       Explain},
  };
}

}  // namespace holdfast::cli
