#include <algorithm>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "base/civil_time.h"
#include "base/status_macros.h"
#include "cli/report/report.h"
#include "cli/report/valid_time.h"
#include "cli/report/words.h"
#include "cli/rpc_names.h"
#include "cli/session.h"

namespace holdfast::cli::report {
namespace {

namespace v1 = metrics::v1;

constexpr std::uint32_t kExtractsPerPage = 1000;

// What is said of the data, not of the call: it belongs into the report.
bool IsAnswer(const absl::Status& status) {
  return absl::IsNotFound(status) || absl::IsFailedPrecondition(status) ||
         absl::IsInvalidArgument(status) || absl::IsOutOfRange(status);
}

template <class Request, class Answer>
absl::Status Ask(Session& session, const std::string& method, Asked<Request, Answer>& asked) {
  const absl::Status status = session.Call(method, asked.request, asked.answer);
  if (!status.ok() && !IsAnswer(status)) return WithContext(status, method);
  asked.missing = status.ok()                ? ""
                  : status.message().empty() ? "There is no answer to this."
                                             : std::string(status.message());
  return absl::OkStatus();
}

absl::Status AskExtracts(Session& session, ReportData& data) {
  auto& asked = data.extracts;
  *asked.request.mutable_to() = ToMessage(LastEndedMonth(data.as_of));
  v1::ListExtractsRequest request = asked.request;
  request.set_page_size(kExtractsPerPage);
  do {
    v1::ListExtractsResponse page;
    RETURN_IF_ERROR(session.Call(Metrics("ListExtracts"), request, page));
    request.set_page_token(page.next_page_token());
    asked.answer.MergeFrom(page);
  } while (!request.page_token().empty());
  asked.answer.clear_next_page_token();
  asked.missing.clear();
  return absl::OkStatus();
}

bool Counts(const ReportData& data, const v1::MeasureDefinition& definition,
            const std::string& dataset_id) {
  const auto& wanted = definition.datasets();
  if (!wanted.empty()) return std::find(wanted.begin(), wanted.end(), dataset_id) != wanted.end();
  return std::any_of(data.datasets.datasets().begin(), data.datasets.datasets().end(),
                     [&](const auto& dataset) {
                       return dataset.dataset_id() == dataset_id && dataset.territorial() &&
                              dataset.kind() == v1::DatasetKind::POLICE_UK_STREET;
                     });
}

// From the first to the last month of which there is an extract that counts.
std::optional<MonthSpan> MonthsOf(const ReportData& data, const v1::MeasureDefinition& definition) {
  std::optional<MonthSpan> span;
  for (const v1::ExtractQuality& extract : data.extracts.answer.extracts()) {
    if (extract.completeness() == v1::Completeness::MISSING || extract.revision() == 0 ||
        !Counts(data, definition, extract.dataset_id())) {
      continue;
    }
    const absl::CivilMonth month = ToCivil(extract.month());
    if (!span) span = MonthSpan{month, month};
    span->first = std::min(span->first, month);
    span->last = std::max(span->last, month);
  }
  return span;
}

// Severity and crime, what the baseline locked; without one, every measure that is not police.
std::vector<std::string> WantedMeasures(const ReportData& data,
                                        const v1::ListMeasuresResponse& all) {
  std::vector<std::string> wanted = {"severity", "crime"};
  const auto add = [&wanted](const std::string& id) {
    if (std::find(wanted.begin(), wanted.end(), id) == wanted.end()) wanted.push_back(id);
  };
  for (const auto& measure : data.baseline.answer.baseline().measures()) add(measure.measure_id());
  if (data.baseline.answer.baseline().measures().empty()) {
    for (const auto& entry : all.measures()) {
      if (!entry.retired() && !IsPolice(entry.definition())) add(entry.measure_id());
    }
  }
  return wanted;
}

template <class Request>
void Choose(const ReportData& data, const MeasureReport& measure, const MonthSpan& months,
            Request& request) {
  request.set_measure(measure.measure_id);
  const board::v1::InitiativeBoardRow& site = data.board.answer.site();
  request.mutable_areas()->set_kind(site.set().kind());
  request.mutable_areas()->set_vintage(site.set().vintage());
  *request.mutable_areas()->mutable_codes() = site.codes();
  *request.mutable_from() = ToMessage(months.first);
  *request.mutable_to() = ToMessage(months.last);
}

absl::Status AskMeasure(Session& session, const ReportData& data, MeasureReport& measure) {
  if (!measure.months) {
    measure.series.missing = "No data of this measure is loaded up to this day.";
    measure.chart.missing = measure.comparison.missing = measure.series.missing;
    return absl::OkStatus();
  }
  Choose(data, measure, *measure.months, measure.series.request);
  RETURN_IF_ERROR(Ask(session, Metrics("GetSeries"), measure.series));

  auto& chart = measure.chart.request;
  Choose(data, measure, *measure.months, chart);
  chart.set_site_id(data.site_id);
  const v1::BaselineWindow& window = data.baseline.answer.baseline().window();
  // Limits that rest on months after the day of the report would not be as of that day.
  if (data.baseline.has() && window.has_to() && ToCivil(window.to()) <= measure.months->last &&
      ToCivil(window.from()) >= measure.months->first) {
    *chart.mutable_freeze_from() = window.from();
    *chart.mutable_freeze_to() = window.to();
  }
  RETURN_IF_ERROR(Ask(session, Metrics("GetControlChart"), measure.chart));

  if (!data.phase || !data.phase->months) {
    measure.comparison.missing = "No phase has lasted a whole month of which there is data.";
    return absl::OkStatus();
  }
  Choose(data, measure, *data.phase->months, measure.comparison.request);
  return Ask(session, Metrics("CompareAreas"), measure.comparison);
}

absl::Status AskRanks(Session& session, ReportData& data, const MonthSpan& covered) {
  const std::vector<HalfYear> halves = EndedHalfYears(covered, data.as_of);
  if (halves.empty()) {
    data.ranks.missing = data.latest_ranks.missing = "No half-year with data has ended.";
    return absl::OkStatus();
  }
  const board::v1::InitiativeBoardRow& site = data.board.answer.site();
  v1::GetRanksRequest request;
  request.set_measure("severity");
  request.mutable_areas()->set_kind(site.set().kind());
  request.mutable_areas()->set_vintage(site.set().vintage());
  data.latest_ranks.request = request;
  data.latest_ranks.request.add_periods(FormatHalfYear(halves.back()));
  RETURN_IF_ERROR(Ask(session, Metrics("GetRanks"), data.latest_ranks));
  *request.mutable_areas()->mutable_codes() = site.codes();
  for (const HalfYear& half : halves) request.add_periods(FormatHalfYear(half));
  data.ranks.request = std::move(request);
  return Ask(session, Metrics("GetRanks"), data.ranks);
}

absl::Status AskFigures(Session& session, ReportData& data) {
  v1::ListMeasuresResponse all;
  RETURN_IF_ERROR(session.Call(Metrics("ListMeasures"), v1::ListMeasuresRequest(), all));
  for (const std::string& id : WantedMeasures(data, all)) {
    MeasureReport measure;
    measure.measure_id = id;
    for (const auto& entry : all.measures()) {
      if (entry.measure_id() == id) measure.definition = entry.definition();
    }
    measure.months = MonthsOf(data, measure.definition);
    data.measures.push_back(std::move(measure));
  }
  const std::optional<MonthSpan> covered = MonthsOf(data, v1::MeasureDefinition());
  if (covered) data.phase = PhaseToCompare(data.board.answer, *covered);
  // No code would mean every area of the set, not those of the site.
  if (data.board.answer.site().codes().empty()) {
    for (MeasureReport& measure : data.measures)
      measure.series.missing = measure.chart.missing = measure.comparison.missing =
          "The site has no areas yet.";
    data.ranks.missing = data.latest_ranks.missing = "The site has no areas yet.";
    return absl::OkStatus();
  }
  for (MeasureReport& measure : data.measures) {
    RETURN_IF_ERROR(AskMeasure(session, data, measure));
  }
  if (covered) return AskRanks(session, data, *covered);
  data.ranks.missing = data.latest_ranks.missing = "No police data is loaded up to this day.";
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<ReportData> Collect(Session& session, const std::string& site,
                                   absl::CivilDay as_of) {
  ReportData data;
  data.site_id = site;
  data.tenant = session.options().tenant;
  data.as_of = as_of;

  data.board.request.set_site_id(site);
  RETURN_IF_ERROR(session.Call(Board("GetSiteBoard"), data.board.request, data.board.answer));
  data.board.missing.clear();
  const int phases = data.board.answer.site().phases_size();
  data.board.answer = CutTo(std::move(data.board.answer), as_of);
  data.later_phases = phases - data.board.answer.site().phases_size();

  data.baseline.request.set_site_id(site);
  RETURN_IF_ERROR(Ask(session, Metrics("GetBaseline"), data.baseline));
  if (data.baseline.has() && !data.baseline.answer.has_baseline())
    data.baseline.missing = "No baseline is locked.";

  RETURN_IF_ERROR(session.Call(Metrics("ListDatasets"), v1::ListDatasetsRequest(), data.datasets));
  RETURN_IF_ERROR(AskExtracts(session, data));
  RETURN_IF_ERROR(
      session.Call(Metrics("ListReferenceSets"), v1::ListReferenceSetsRequest(), data.references));
  if (const auto& set = data.board.answer.site().set(); !set.kind().empty()) {
    Asked<v1::ListAreasRequest, v1::ListAreasResponse> areas;
    areas.request.set_kind(set.kind());
    areas.request.set_vintage(set.vintage());
    RETURN_IF_ERROR(Ask(session, Metrics("ListAreas"), areas));
    data.areas = std::move(areas.answer);
  }
  RETURN_IF_ERROR(AskFigures(session, data));
  return data;
}

}  // namespace holdfast::cli::report
