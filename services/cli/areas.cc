#include "cli/areas.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "cli/exit_code.h"
#include "cli/invocation.h"
#include "cli/rpc_names.h"

namespace holdfast::cli {

std::vector<Option> AreaOptions() {
  return {{"--area", "CODE", "Areas by code; several are taken together", false, true},
          {"--kind", "KIND", "Kind of area: ward, lsoa, lad, custom (default ward)"},
          {"--vintage", "VINTAGE", "Vintage of the boundaries (default the newest)"}};
}

std::vector<Option> MonthOptions() {
  return {{"--from", "MONTH", "First month, such as 2016-01"},
          {"--to", "MONTH", "Last month, included"}};
}

std::vector<Option> MeasureOptions() {
  return {{"--measure", "ID", "A measure: severity, crime, or one of measure list"},
          {"--category", "SLUG", "A category of crime, such as burglary"}};
}

metrics::v1::AreaChoice AreasOf(const Invocation& invocation) {
  metrics::v1::AreaChoice choice;
  choice.set_kind(invocation.Has("--kind") ? invocation.Get("--kind") : "ward");
  choice.set_vintage(invocation.Get("--vintage"));
  for (std::string& code : invocation.GetAll("--area")) choice.add_codes(std::move(code));
  return choice;
}

absl::StatusOr<type::v1::AreaSet> AreaSetOf(Invocation& invocation) {
  type::v1::AreaSet set;
  set.set_kind(invocation.Has("--kind") ? invocation.Get("--kind") : "ward");
  set.set_vintage(invocation.Get("--vintage"));
  if (!set.vintage().empty()) return set;
  metrics::v1::ListAreasRequest request;
  request.set_kind(set.kind());
  metrics::v1::ListAreasResponse answer;
  RETURN_IF_ERROR(invocation.session().Call(Metrics("ListAreas"), request, answer));
  for (const auto& known : answer.sets()) {
    if (known.set().vintage() > set.vintage()) set.set_vintage(known.set().vintage());
  }
  if (set.vintage().empty()) {
    return absl::NotFoundError(absl::StrCat(
        "No areas of kind ", set.kind(),
        " are loaded. Load them first: holdfast geography import FILE --kind ", set.kind(), " …"));
  }
  return set;
}

template <class Request>
absl::Status SetMonths(const Invocation& invocation, Request& request) {
  ASSIGN_OR_RETURN(const auto from, invocation.Month("--from"));
  ASSIGN_OR_RETURN(const auto to, invocation.Month("--to"));
  if (from) *request.mutable_from() = *from;
  if (to) *request.mutable_to() = *to;
  return absl::OkStatus();
}

template <class Request>
absl::Status SetMeasure(const Invocation& invocation, Request& request) {
  if (invocation.Has("--measure") == invocation.Has("--category")) {
    return UsageError("Name either --measure or --category, such as --category burglary.");
  }
  request.set_measure(invocation.Get("--measure"));
  request.set_category(invocation.Get("--category"));
  return absl::OkStatus();
}

template absl::Status SetMonths(const Invocation&, metrics::v1::GetSeriesRequest&);
template absl::Status SetMonths(const Invocation&, metrics::v1::GetControlChartRequest&);
template absl::Status SetMonths(const Invocation&, metrics::v1::ExportCountsRequest&);
template absl::Status SetMonths(const Invocation&, metrics::v1::CompareAreasRequest&);
template absl::Status SetMonths(const Invocation&, metrics::v1::ExplainFigureRequest&);
template absl::Status SetMonths(const Invocation&, metrics::v1::ListExtractsRequest&);
template absl::Status SetMonths(const Invocation&, metrics::v1::LockBaselineRequest&);
template absl::Status SetMeasure(const Invocation&, metrics::v1::GetSeriesRequest&);
template absl::Status SetMeasure(const Invocation&, metrics::v1::GetControlChartRequest&);
template absl::Status SetMeasure(const Invocation&, metrics::v1::CompareAreasRequest&);
template absl::Status SetMeasure(const Invocation&, metrics::v1::ExplainFigureRequest&);

std::vector<Option> Join(std::initializer_list<std::vector<Option>> lists) {
  std::vector<Option> all;
  for (const auto& list : lists) all.insert(all.end(), list.begin(), list.end());
  return all;
}

}  // namespace holdfast::cli
