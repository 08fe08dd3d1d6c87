#include "cli/report/claims.h"

#include <google/protobuf/struct.pb.h>
#include <google/protobuf/util/json_util.h>

#include "absl/strings/str_replace.h"
#include "base/check.h"
#include "cli/report/command_line.h"

namespace holdfast::cli::report {
namespace {

namespace v1 = metrics::v1;

constexpr std::string_view kCommandMark = " data-command=\"";
constexpr std::string_view kFigureMark = " data-figure=\"";

std::string Json(const google::protobuf::Message& message) {
  google::protobuf::util::JsonPrintOptions options;
  options.preserve_proto_field_names = true;
  std::string json;
  HOLDFAST_CHECK(google::protobuf::util::MessageToJsonString(message, &json, options).ok());
  return json;
}

// The numbers of a figure, without where they came from.
v1::Figure Bare(const v1::Figure& figure) {
  v1::Figure bare;
  if (figure.has_value()) {
    v1::Value& value = *bare.mutable_value();
    value = figure.value();
    value.clear_interval_method();
  }
  if (figure.has_undefined()) *bare.mutable_undefined() = figure.undefined();
  if (figure.has_suppressed()) *bare.mutable_suppressed() = figure.suppressed();
  return bare;
}

bool Within(const google::protobuf::Value& answer, const google::protobuf::Value& figure);

bool Within(const google::protobuf::Struct& answer, const google::protobuf::Struct& figure) {
  for (const auto& [name, value] : figure.fields()) {
    const auto found = answer.fields().find(name);
    if (found == answer.fields().end() || !Within(found->second, value)) return false;
  }
  return true;
}

bool Within(const google::protobuf::ListValue& answer, const google::protobuf::ListValue& figure) {
  int at = 0;
  for (const google::protobuf::Value& wanted : figure.values()) {
    while (at < answer.values_size() && !Within(answer.values(at), wanted)) ++at;
    if (at++ == answer.values_size()) return false;
  }
  return true;
}

bool Within(const google::protobuf::Value& answer, const google::protobuf::Value& figure) {
  if (answer.kind_case() != figure.kind_case()) return false;
  if (figure.has_struct_value()) return Within(answer.struct_value(), figure.struct_value());
  if (figure.has_list_value()) return Within(answer.list_value(), figure.list_value());
  if (figure.has_string_value()) return answer.string_value() == figure.string_value();
  if (figure.has_bool_value()) return answer.bool_value() == figure.bool_value();
  // Both were printed from the same double, in the shortest form that reads back as it.
  return !(answer.number_value() < figure.number_value()) &&
         !(answer.number_value() > figure.number_value());
}

// The value of the attribute that begins at `mark` after `from`; moves `from` behind it.
bool ReadAttribute(std::string_view html, std::string_view mark, std::size_t& from,
                   std::string& value) {
  const std::size_t begin = html.find(mark, from);
  if (begin == std::string_view::npos) return false;
  const std::size_t first = begin + mark.size();
  const std::size_t end = html.find('"', first);
  if (end == std::string_view::npos) return false;
  value = absl::StrReplaceAll(
      std::string(html.substr(first, end - first)),
      {{"&lt;", "<"}, {"&gt;", ">"}, {"&quot;", "\""}, {"&#39;", "'"}, {"&amp;", "&"}});
  from = end;
  return true;
}

}  // namespace

Claim SeriesClaim(const ReportData& data, const MeasureReport& measure) {
  v1::GetSeriesResponse cut;
  *cut.mutable_measure() = measure.series.answer.measure();
  *cut.mutable_months_without_data() = measure.series.answer.months_without_data();
  for (const v1::Series& series : measure.series.answer.series()) {
    v1::Series& out = *cut.add_series();
    *out.mutable_area()->mutable_codes() = series.area().codes();
    for (const v1::SeriesPoint& point : series.points()) {
      v1::SeriesPoint& kept = *out.add_points();
      kept = point;
      *kept.mutable_figure() = Bare(point.figure());
    }
  }
  return {CommandLine(measure.series.request, data.tenant), Json(cut)};
}

Claim ChartClaim(const ReportData& data, const MeasureReport& measure) {
  v1::GetControlChartResponse cut = measure.chart.answer;
  cut.clear_as_of();
  cut.clear_provenance();
  // Said of today; the report says them of its day.
  cut.clear_phases();
  cut.clear_breaks();
  return {CommandLine(measure.chart.request, data.tenant), Json(cut)};
}

Claim ComparisonClaim(const ReportData& data, const MeasureReport& measure) {
  v1::CompareAreasResponse cut;
  for (const auto& change : measure.comparison.answer.changes()) {
    auto& out = *cut.add_changes();
    out = change;
    *out.mutable_rate_ratio() = Bare(change.rate_ratio());
    *out.mutable_percent_change() = Bare(change.percent_change());
  }
  return {CommandLine(measure.comparison.request, data.tenant), Json(cut)};
}

Claim RankClaim(const ReportData& data,
                const Asked<v1::GetRanksRequest, v1::GetRanksResponse>& ranks) {
  v1::GetRanksResponse cut;
  *cut.mutable_set() = ranks.answer.set();
  for (const v1::PeriodRanks& period : ranks.answer.periods()) {
    v1::PeriodRanks& out = *cut.add_periods();
    out = period;
    out.clear_provenance();
    for (v1::RankRow& row : *out.mutable_rows()) *row.mutable_figure() = Bare(row.figure());
  }
  return {CommandLine(ranks.request, data.tenant), Json(cut)};
}

Claim BaselineClaim(const ReportData& data) {
  v1::GetBaselineResponse cut;
  const v1::BaselineLocked& locked = data.baseline.answer.baseline();
  v1::BaselineLocked& out = *cut.mutable_baseline();
  out = locked;
  out.clear_extracts();
  for (v1::Figure& value : *out.mutable_values()) {
    v1::Figure bare = Bare(value);
    *bare.mutable_measure() = value.measure();
    value = bare;
  }
  return {CommandLine(data.baseline.request, data.tenant), Json(cut)};
}

Claim PhasesClaim(const ReportData& data) {
  board::v1::SiteBoard cut;
  *cut.mutable_site() = data.board.answer.site();
  // What ended after the day of the report is printed as open, so neither end nor state is claimed.
  cut.mutable_site()->clear_closed_on();
  return {CommandLine(data.board.request, data.tenant), Json(cut)};
}

Claim ExtractsClaim(const ReportData& data) {
  v1::ListExtractsResponse cut;
  for (const v1::ExtractQuality& extract : data.extracts.answer.extracts()) {
    v1::ExtractQuality& out = *cut.add_extracts();
    out.set_dataset_id(extract.dataset_id());
    *out.mutable_month() = extract.month();
    out.set_completeness(extract.completeness());
    out.set_revision(extract.revision());
    out.set_rows_in(extract.rows_in());
    out.set_accepted(extract.accepted());
    out.set_rejected(extract.rejected());
    out.set_unlocated(extract.unlocated());
    out.set_geocoded_percent(extract.geocoded_percent());
    out.set_digest(extract.digest());
  }
  return {CommandLine(data.extracts.request, data.tenant), Json(cut)};
}

Attributes AttributesOf(const Claim& claim) {
  return {{"data-command", claim.command}, {"data-figure", claim.figure}};
}

Markup RecomputeLine(const Claim& claim) {
  Markup inner = Text("Recompute: ");
  inner += Element("code", claim.command);
  return Element("p", {{"class", "recompute"}}, inner);
}

std::vector<Claim> ReadClaims(std::string_view html) {
  std::vector<Claim> claims;
  std::size_t at = 0;
  Claim claim;
  while (ReadAttribute(html, kCommandMark, at, claim.command) &&
         ReadAttribute(html, kFigureMark, at, claim.figure)) {
    claims.push_back(claim);
  }
  return claims;
}

absl::StatusOr<bool> Contains(const std::string& answer, const std::string& figure) {
  google::protobuf::Value whole;
  google::protobuf::Value part;
  if (!google::protobuf::util::JsonStringToMessage(answer, &whole).ok())
    return absl::InvalidArgumentError("the answer is no JSON");
  if (!google::protobuf::util::JsonStringToMessage(figure, &part).ok())
    return absl::InvalidArgumentError("the figure is no JSON");
  return Within(whole, part);
}

}  // namespace holdfast::cli::report
