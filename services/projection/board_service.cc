#include "projection/board_service.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "holdfast/board/v1/board.pb.h"

#include "base/error.h"
#include "base/month_number.h"
#include "base/status_macros.h"
#include "projection/views/initiative/initiative_board.h"
#include "projection/views/metrics/data_quality.h"
#include "projection/views/metrics/measures_board.h"

namespace holdfast::projection {
namespace {

namespace v1 = board::v1;

constexpr std::uint32_t kDefaultPageSize = 50;

absl::Status NotFound() {
  return ErrorWithReason(absl::StatusCode::kNotFound, "NOT_FOUND",
                         "There is no such site. List the sites with: holdfast site list");
}

absl::StatusOr<v1::SiteBoard> GetSiteBoard(const v1::GetSiteBoardRequest& request,
                                           const app::QueryContext& context) {
  v1::SiteBoard board;
  ASSIGN_OR_RETURN(std::optional<v1::InitiativeBoardRow> site,
                   context.reader().Get<InitiativeBoard>(request.site_id()));
  if (!site) return NotFound();
  *board.mutable_site() = *std::move(site);
  ASSIGN_OR_RETURN(std::optional<v1::MeasuresBoardRow> measures,
                   context.reader().Get<MeasuresBoard>(request.site_id()));
  if (measures) {
    board.mutable_baselines()->Swap(measures->mutable_baselines());
    board.mutable_breaks()->Swap(measures->mutable_breaks());
  }
  RETURN_IF_ERROR(context.reader().Scan<DataQuality>(
      "", "", 0, [&board](std::string_view, const v1::DatasetMonths& dataset) {
        if (dataset.territorial()) *board.add_datasets() = dataset;
        return true;
      }));
  *board.mutable_as_of() = context.reader().as_of();
  return board;
}

v1::ListSiteBoardsResponse::Line LineOf(const v1::InitiativeBoardRow& site,
                                        const std::optional<v1::MeasuresBoardRow>& measures) {
  v1::ListSiteBoardsResponse::Line line;
  line.set_site_id(site.site_id());
  line.set_name(site.name());
  line.set_brand(site.brand());
  for (const auto& band : site.phases()) {
    if (!band.has_to()) line.add_open_phases(band.phase());
  }
  line.set_overrides_in_force(static_cast<std::uint32_t>(
      std::count_if(site.overrides().begin(), site.overrides().end(),
                    [](const auto& override) { return !override.ended(); })));
  *line.mutable_set() = site.set();
  *line.mutable_codes() = site.codes();
  line.set_closed(site.has_closed_on());
  if (!measures) return line;
  for (const v1::BoardBaseline& baseline : measures->baselines()) {
    if (baseline.superseded()) continue;
    line.set_baseline_locked(true);
    line.set_baseline_retrospective(baseline.retrospective());
  }
  return line;
}

absl::StatusOr<v1::ListSiteBoardsResponse> ListSiteBoards(const v1::ListSiteBoardsRequest& request,
                                                          const app::QueryContext& context) {
  v1::ListSiteBoardsResponse response;
  const std::size_t size = request.page_size() == 0 ? kDefaultPageSize : request.page_size();
  absl::Status status;
  // One more than the page shows whether there is a next one.
  RETURN_IF_ERROR(context.reader().Scan<InitiativeBoard>(
      "", request.after(), size + 1, [&](std::string_view, const v1::InitiativeBoardRow& site) {
        if (static_cast<std::size_t>(response.sites_size()) == size) {
          response.set_next_after(response.sites(response.sites_size() - 1).site_id());
          return false;
        }
        const auto measures = context.reader().Get<MeasuresBoard>(site.site_id());
        status = measures.status();
        if (!status.ok()) return false;
        *response.add_sites() = LineOf(site, *measures);
        return true;
      }));
  RETURN_IF_ERROR(status);
  *response.mutable_as_of() = context.reader().as_of();
  return response;
}

type::v1::Month MonthOf(std::int32_t number) {
  type::v1::Month month;
  month.set_year(number / 12);
  month.set_month(number % 12 + 1);
  return month;
}

void FillKnown(const v1::DatasetMonths::Month& known, v1::ListDataQualityResponse::Month& month) {
  for (const auto& revision : known.revisions()) {
    if (revision.quarantined()) month.set_quarantined(true);
    if (revision.revision() != known.current()) continue;
    month.set_completeness(revision.partial() ? metrics::v1::Completeness::PARTIAL
                                              : metrics::v1::Completeness::COMPLETE);
    month.set_revision(revision.revision());
    month.set_rows(revision.rows());
    month.set_rejected(revision.rejected());
    month.set_with_point(revision.with_point());
    month.set_digest(revision.digest());
  }
}

// Every month from the first to the last of the dataset; those without an extract that counts are
// MISSING.
v1::ListDataQualityResponse::Dataset QualityOf(const v1::DatasetMonths& row) {
  v1::ListDataQualityResponse::Dataset dataset;
  dataset.set_dataset_id(row.dataset_id());
  dataset.set_title(row.title());
  dataset.set_agency(row.agency());
  dataset.set_territorial(row.territorial());
  if (row.months().empty()) return dataset;
  const std::int32_t first = MonthNumber(row.months(0).month());
  const std::int32_t last = MonthNumber(row.months(row.months_size() - 1).month());
  int at = 0;
  for (std::int32_t number = first; number <= last; ++number) {
    auto* month = dataset.add_months();
    *month->mutable_month() = MonthOf(number);
    month->set_completeness(metrics::v1::Completeness::MISSING);
    for (const auto& gap : row.gaps()) {
      if (MonthNumber(gap.from()) <= number && number <= MonthNumber(gap.to()))
        month->set_declared(gap.reason());
    }
    if (MonthNumber(row.months(at).month()) == number) FillKnown(row.months(at++), *month);
  }
  return dataset;
}

absl::StatusOr<v1::ListDataQualityResponse> ListDataQuality(
    const v1::ListDataQualityRequest& request, const app::QueryContext& context) {
  v1::ListDataQualityResponse response;
  RETURN_IF_ERROR(context.reader().Scan<DataQuality>(
      request.dataset_id(), "", 0, [&](std::string_view key, const v1::DatasetMonths& row) {
        if (request.dataset_id().empty() || key == request.dataset_id()) {
          *response.add_datasets() = QualityOf(row);
        }
        return true;
      }));
  *response.mutable_as_of() = context.reader().as_of();
  return response;
}

}  // namespace

app::Service Board() {
  return app::Service("holdfast.board.v1.BoardService")
      .Views<InitiativeBoard, MeasuresBoard, DataQuality>()
      .Query(GetSiteBoard)
      .Query(ListSiteBoards)
      .Query(ListDataQuality);
}

}  // namespace holdfast::projection
