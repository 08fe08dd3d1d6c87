// What came in and how good it is, and what is loaded.

#include <algorithm>
#include <map>
#include <set>

#include "absl/time/time.h"
#include "base/civil_time.h"
#include "base/status_macros.h"
#include "metrics/intake/area_resolver.h"
#include "metrics/queries/page.h"
#include "metrics/queries/queries.h"
#include "metrics/views/dataset_list.h"
#include "metrics/views/extract_list.h"
#include "metrics/views/measure_list.h"
#include "metrics/views/month_tally.h"
#include "metrics/views/reference_views.h"
#include "metrics/views/set_tally.h"
#include "metrics/views/site_views.h"

namespace holdfast::metrics {
namespace {

std::size_t SizeOf(std::uint32_t asked) {
  return asked == 0 ? 50 : std::min<std::size_t>(asked, 1000);
}

// Crimes of all categories that lie in no area of a set.
std::uint64_t UnlocatedIn(const v1::MonthTallyRow& row, const std::string& set_key) {
  std::int64_t sum = 0;
  for (const auto& revision : row.revisions()) {
    if (revision.standing() != v1::MonthTallyRow::ACCEPTED) continue;
    for (const auto& tally : revision.sets()) {
      if (tally.set() != set_key) continue;
      const int area = IndexOf(tally.areas(), "");
      if (area < 0) continue;
      for (int c = 0; c < tally.categories_size(); ++c) {
        sum += tally.counts(area * tally.categories_size() + c);
      }
    }
  }
  return static_cast<std::uint64_t>(std::max<std::int64_t>(sum, 0));
}

double Percent(std::uint64_t part, std::uint64_t whole) {
  return whole == 0 ? 0 : 100.0 * static_cast<double>(part) / static_cast<double>(whole);
}

// The newest set of areas, "" where none is loaded.
absl::StatusOr<std::string> NewestSet(const readmodel::Reader& reader) {
  ASSIGN_OR_RETURN(const auto sets, PublishedAreaSets(reader));
  std::string newest;
  std::string vintage;
  for (const auto& set : sets) {
    if (set.vintage() < vintage) continue;
    vintage = set.vintage();
    newest = SetKey(set);
  }
  return newest;
}

std::uint32_t LagDays(absl::CivilMonth month, const google::protobuf::Timestamp& accepted) {
  const absl::CivilDay day = LondonDay(absl::FromUnixSeconds(accepted.seconds()));
  return static_cast<std::uint32_t>(
      std::max<absl::civil_diff_t>(0, day - (absl::CivilDay(month + 1) - 1)));
}

absl::StatusOr<v1::ExtractQuality> QualityOf(const readmodel::Reader& reader,
                                             const v1::ExtractListRow& row,
                                             const std::string& set_key) {
  v1::ExtractQuality quality;
  quality.set_dataset_id(row.dataset_id());
  *quality.mutable_month() = row.month();
  quality.set_revisions(static_cast<std::uint32_t>(row.revisions_size()));
  const auto* open = OpenRevision(row);
  if (open != nullptr) {
    quality.set_open(true);
    quality.set_quarantined(open->quarantined());
    *quality.mutable_reasons() = open->reasons();
  }
  const auto* current = CurrentRevision(row);
  if (current == nullptr) {
    quality.set_completeness(v1::Completeness::MISSING);
    if (open != nullptr) quality.set_import_id(open->opened().import_id());
    return quality;
  }
  const v1::ExtractOpened& opened = current->opened();
  quality.set_completeness(opened.has_through() ? v1::Completeness::PARTIAL
                                                : v1::Completeness::COMPLETE);
  quality.set_revision(opened.revision());
  quality.set_accepted(opened.rows());
  quality.set_rejected(opened.rejected());
  quality.set_rows_in(opened.rows() + opened.rejected());
  ASSIGN_OR_RETURN(const auto tally,
                   reader.Get<MonthTally>(MonthKey(row.dataset_id(), row.month())));
  // Without areas nothing is located.
  quality.set_unlocated(set_key.empty() ? opened.rows() : tally ? UnlocatedIn(*tally, set_key) : 0);
  quality.set_geocoded_percent(
      Percent(opened.rows() - std::min(opened.rows(), quality.unlocated()), opened.rows()));
  quality.set_digest(opened.digest());
  quality.set_file_sha256(opened.file_sha256());
  quality.set_file_name(opened.file_name());
  quality.set_import_id(opened.import_id());
  *quality.mutable_accepted_at() = current->accepted_at();
  quality.set_lag_days(LagDays(FromMonth(row.month()), current->accepted_at()));
  quality.set_recorded(current->recorded());
  quality.set_cancelled(current->cancelled());
  quality.set_reclassified(current->reclassified());
  quality.set_outcome_changed(current->outcome_changed());
  quality.set_relocated(current->relocated());
  return quality;
}

// Every month of a dataset from its first to its last, those without data too.
absl::StatusOr<std::vector<v1::ExtractQuality>> QualityOfDataset(const readmodel::Reader& reader,
                                                                 const v1::DatasetRow& dataset,
                                                                 const std::string& set_key) {
  std::map<absl::CivilMonth, v1::ExtractListRow> rows;
  const std::string& id = dataset.dataset().dataset_id();
  RETURN_IF_ERROR(reader.Scan<ExtractList>(RowKey({id, ""}), "", 0,
                                           [&](std::string_view, const v1::ExtractListRow& row) {
                                             rows.emplace(FromMonth(row.month()), row);
                                             return true;
                                           }));
  std::vector<v1::ExtractQuality> out;
  if (rows.empty()) return out;
  // A force that is not the area's own may have no file for a month: that is no crime, no gap.
  const bool shows_gaps = dataset.dataset().kind() != v1::DatasetKind::POLICE_UK_STREET ||
                          dataset.dataset().territorial();
  for (absl::CivilMonth month = rows.begin()->first; month <= rows.rbegin()->first; ++month) {
    const auto row = rows.find(month);
    if (row != rows.end()) {
      ASSIGN_OR_RETURN(v1::ExtractQuality quality, QualityOf(reader, row->second, set_key));
      out.push_back(std::move(quality));
    } else if (shows_gaps) {
      v1::ExtractQuality& missing = out.emplace_back();
      missing.set_dataset_id(id);
      *missing.mutable_month() = ToMonth(month);
      missing.set_completeness(v1::Completeness::MISSING);
    } else {
      continue;
    }
    for (const auto& gap : dataset.gaps()) {
      if (FromMonth(gap.from()) <= month && month <= FromMonth(gap.to())) {
        out.back().set_gap_reason(gap.reason());
      }
    }
  }
  return out;
}

absl::StatusOr<std::vector<v1::DatasetRow>> Datasets(const readmodel::Reader& reader) {
  std::vector<v1::DatasetRow> rows;
  RETURN_IF_ERROR(
      reader.Scan<DatasetList>("", "", 0, [&](std::string_view, const v1::DatasetRow& row) {
        rows.push_back(row);
        return true;
      }));
  return rows;
}

v1::DatasetSummary SummaryOf(const v1::DatasetRow& row,
                             const std::vector<v1::ExtractQuality>& months) {
  v1::DatasetSummary summary;
  const auto& dataset = row.dataset();
  summary.set_dataset_id(dataset.dataset_id());
  summary.set_kind(dataset.kind());
  summary.set_agency(dataset.agency());
  summary.set_title(dataset.title());
  summary.set_definition(dataset.definition());
  summary.set_force(dataset.force());
  summary.set_territorial(dataset.territorial());
  summary.set_profile(dataset.profile());
  summary.set_no_data_held(row.no_data_held());
  for (const auto& month : months) {
    if (month.completeness() == v1::Completeness::MISSING) {
      *summary.add_missing() = month.month();
      continue;
    }
    if (summary.months() == 0) *summary.mutable_first_month() = month.month();
    *summary.mutable_last_month() = month.month();
    summary.set_months(summary.months() + 1);
    summary.set_rows(summary.rows() + month.accepted());
    summary.set_rejected(summary.rejected() + month.rejected());
    summary.set_unlocated(summary.unlocated() + month.unlocated());
  }
  summary.set_geocoded_percent(
      Percent(summary.rows() - std::min(summary.rows(), summary.unlocated()), summary.rows()));
  return summary;
}

bool Within(const v1::ListExtractsRequest& request, absl::CivilMonth month) {
  if (request.has_from() && month < FromMonth(request.from())) return false;
  return !request.has_to() || month <= FromMonth(request.to());
}

}  // namespace

absl::StatusOr<v1::ListExtractsResponse> ListExtracts(const v1::ListExtractsRequest& request,
                                                      const app::QueryContext& context) {
  const readmodel::Reader& reader = context.reader();
  ASSIGN_OR_RETURN(const std::string set_key, NewestSet(reader));
  ASSIGN_OR_RETURN(const auto datasets, Datasets(reader));
  v1::ListExtractsRequest filter = request;
  filter.clear_page_token();
  filter.clear_page_size();
  filter.clear_read();
  const std::string filter_bytes = filter.SerializeAsString();
  ASSIGN_OR_RETURN(const std::size_t first, ReadPageToken(filter_bytes, request.page_token()));
  const std::size_t end = first + SizeOf(request.page_size());
  v1::ListExtractsResponse response;
  std::size_t at = 0;
  for (const auto& dataset : datasets) {
    if (!request.dataset_id().empty() && dataset.dataset().dataset_id() != request.dataset_id()) {
      continue;
    }
    ASSIGN_OR_RETURN(const auto months, QualityOfDataset(reader, dataset, set_key));
    for (const auto& month : months) {
      if (!Within(request, FromMonth(month.month()))) continue;
      if (at >= first && at < end) *response.add_extracts() = month;
      ++at;
    }
  }
  if (at > end) response.set_next_page_token(MakePageToken(filter_bytes, end));
  *response.mutable_as_of() = reader.as_of();
  return response;
}

absl::StatusOr<v1::ListDatasetsResponse> ListDatasets(const v1::ListDatasetsRequest&,
                                                      const app::QueryContext& context) {
  const readmodel::Reader& reader = context.reader();
  ASSIGN_OR_RETURN(const std::string set_key, NewestSet(reader));
  ASSIGN_OR_RETURN(const auto datasets, Datasets(reader));
  v1::ListDatasetsResponse response;
  for (const auto& dataset : datasets) {
    ASSIGN_OR_RETURN(const auto months, QualityOfDataset(reader, dataset, set_key));
    *response.add_datasets() = SummaryOf(dataset, months);
  }
  *response.mutable_as_of() = reader.as_of();
  return response;
}

absl::StatusOr<v1::ListReferenceSetsResponse> ListReferenceSets(const v1::ListReferenceSetsRequest&,
                                                                const app::QueryContext& context) {
  v1::ListReferenceSetsResponse response;
  RETURN_IF_ERROR(context.reader().Scan<ReferenceList>(
      "", "", 0, [&](std::string_view, const v1::ReferenceListRow& row) {
        for (const auto& version : row.versions()) {
          const auto& published = version.published();
          v1::ReferenceSetSummary& summary = *response.add_sets();
          summary.set_set(published.set());
          summary.set_kind(published.kind());
          summary.set_version(published.version());
          if (published.has_area_set()) *summary.mutable_area_set() = published.area_set();
          summary.set_title(published.title());
          summary.set_source(published.source());
          summary.set_sha256(published.sha256());
          summary.set_rows(published.rows());
          if (published.has_valid_from()) *summary.mutable_valid_from() = published.valid_from();
          summary.set_verification(published.verification());
          *summary.mutable_published_at() = version.published_at();
        }
        return true;
      }));
  *response.mutable_as_of() = context.reader().as_of();
  return response;
}

absl::StatusOr<v1::ListAreasResponse> ListAreas(const v1::ListAreasRequest& request,
                                                const app::QueryContext& context) {
  const readmodel::Reader& reader = context.reader();
  ASSIGN_OR_RETURN(const auto sets, PublishedAreaSets(reader, request.kind()));
  v1::ListAreasResponse response;
  for (const auto& set : sets) {
    if (!request.vintage().empty() && set.vintage() != request.vintage()) continue;
    ASSIGN_OR_RETURN(const auto list, reader.Get<AreaList>(SetKey(set)));
    if (!list) continue;
    auto& out = *response.add_sets();
    *out.mutable_set() = set;
    out.set_source(list->source());
    out.set_sha256(list->sha256());
    for (const auto& area : list->areas()) {
      auto& shown = *out.add_areas();
      shown.set_code(area.code());
      shown.set_name(area.name());
    }
  }
  *response.mutable_as_of() = reader.as_of();
  return response;
}

absl::StatusOr<v1::GetOutlinesResponse> GetOutlines(const v1::GetOutlinesRequest& request,
                                                    const app::QueryContext& context) {
  const readmodel::Reader& reader = context.reader();
  v1::AreaChoice choice;
  choice.set_kind(request.kind());
  choice.set_vintage(request.vintage());
  *choice.mutable_codes() = request.codes();
  ASSIGN_OR_RETURN(const Areas areas, ChooseAreas(reader, choice));
  ASSIGN_OR_RETURN(const auto published, reader.Get<ReferenceList>(GeographyStream(*areas.set)));
  v1::GetOutlinesResponse response;
  *response.mutable_set() = *areas.set;
  if (published) {
    RETURN_IF_ERROR(EachArea(reader, *published, [&](const v1::Feature& feature) {
      if (std::ranges::binary_search(areas.codes, feature.code())) {
        *response.add_features() = feature;
      }
    }));
  }
  *response.mutable_as_of() = reader.as_of();
  return response;
}

absl::StatusOr<v1::ListMeasuresResponse> ListMeasures(const v1::ListMeasuresRequest&,
                                                      const app::QueryContext& context) {
  v1::ListMeasuresResponse response;
  RETURN_IF_ERROR(context.reader().Scan<MeasureList>(
      "", "", 0, [&](std::string_view, const v1::MeasureRow& row) {
        auto& entry = *response.add_measures();
        entry.set_measure_id(row.measure_id());
        entry.set_version(row.versions().rbegin()->version());
        *entry.mutable_definition() = row.versions().rbegin()->definition();
        entry.set_retired(row.retired());
        return true;
      }));
  *response.mutable_as_of() = context.reader().as_of();
  return response;
}

absl::StatusOr<v1::ListPeriodsResponse> ListPeriods(const v1::ListPeriodsRequest& request,
                                                    const app::QueryContext& context) {
  v1::ListPeriodsResponse response;
  const std::string prefix = request.measure().empty() ? "" : request.measure() + ".";
  RETURN_IF_ERROR(context.reader().Scan<PeriodList>(
      prefix, "", 0, [&](std::string_view, const v1::PeriodRow& row) {
        auto& entry = *response.add_periods();
        *entry.mutable_closed() = row.closed();
        *entry.mutable_restated() = row.restated();
        *entry.mutable_closed_at() = row.closed_at();
        return true;
      }));
  *response.mutable_as_of() = context.reader().as_of();
  return response;
}

absl::StatusOr<v1::GetSeriesMarksResponse> GetSeriesMarks(const v1::GetSeriesMarksRequest& request,
                                                          const app::QueryContext& context) {
  v1::GetSeriesMarksResponse response;
  ASSIGN_OR_RETURN(const auto row, context.reader().Get<SeriesMarksPage>(request.site_id()));
  if (row) {
    *response.mutable_phases() = row->phases();
    *response.mutable_breaks() = row->breaks();
  }
  *response.mutable_as_of() = context.reader().as_of();
  return response;
}

}  // namespace holdfast::metrics
