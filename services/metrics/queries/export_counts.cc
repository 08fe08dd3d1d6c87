// Counts by area, category and month, and the facts behind a count.

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "base/civil_time.h"
#include "base/error.h"
#include "base/status_macros.h"
#include "metrics/domain/extract.h"
#include "metrics/queries/page.h"
#include "metrics/queries/queries.h"
#include "metrics/views/extract_list.h"
#include "metrics/views/month_tally.h"
#include "metrics/views/set_tally.h"

namespace holdfast::metrics {
namespace {

constexpr std::size_t kPage = 20'000;

std::string FilterOf(v1::ExportCountsRequest request) {
  request.clear_page_token();
  request.clear_page_size();
  request.clear_read();
  return request.SerializeAsString();
}

// What the export is a table of: every combination is a row.
struct Axes {
  std::vector<std::string> areas;  // "" is unlocated
  std::vector<std::vector<std::string>> categories;
  std::vector<std::vector<absl::CivilMonth>> months;

  std::size_t size() const { return areas.size() * categories.size() * months.size(); }
};

// Each of them alone, or all as one.
template <class T>
std::vector<std::vector<T>> Split(const std::vector<T>& all, bool each) {
  if (!each) return {all};
  std::vector<std::vector<T>> out;
  out.reserve(all.size());
  for (const T& one : all) out.push_back({one});
  return out;
}

v1::CountRow RowAt(const Axes& axes, std::size_t index, const Counts& counts,
                   const std::string& set_key) {
  const auto& months = axes.months[index % axes.months.size()];
  index /= axes.months.size();
  const auto& categories = axes.categories[index % axes.categories.size()];
  const std::string& area = axes.areas[index / axes.categories.size()];
  v1::CountRow row;
  row.set_area(area.empty() ? "UNLOCATED" : area);
  if (categories.size() == 1) row.set_category(categories.front());
  if (months.size() == 1) *row.mutable_month() = ToMonth(months.front());
  const std::vector<std::string> one = {area};
  const bool missing = std::ranges::any_of(
      months, [&](absl::CivilMonth month) { return counts.missing(month, set_key, &one); });
  if (missing || months.empty()) {
    row.set_no_data(true);
    return row;
  }
  std::int64_t sum = 0;
  for (const absl::CivilMonth month : months) {
    for (const std::string& category : categories) {
      sum += counts.count(month, set_key, &one, category);
    }
  }
  row.set_count(static_cast<std::uint64_t>(sum));
  return row;
}

// Crimes of a category in some areas of a tally; `codes`, in byte order, null: in every one.
std::int64_t SumOf(const v1::MonthTallyRow::SetTally& tally, const std::string& category,
                   const std::vector<std::string>* codes) {
  const int column = IndexOf(tally.categories(), category);
  if (column < 0) return 0;
  std::int64_t sum = 0;
  for (int area = 0; area < tally.areas_size(); ++area) {
    const bool asked = codes == nullptr || std::ranges::binary_search(*codes, tally.areas(area));
    if (asked) sum += tally.counts(area * tally.categories_size() + column);
  }
  return sum;
}

// What one accepted revision brought to the counts of some areas and categories.
std::int64_t BroughtBy(const v1::MonthTallyRow::Revision& revision, const std::string& set_key,
                       const std::vector<std::string>* codes,
                       const v1::MeasureDefinition& definition) {
  const std::string_view wanted = codes == nullptr ? kEverywhere : std::string_view(set_key);
  std::int64_t sum = 0;
  for (const auto& tally : revision.sets()) {
    if (tally.set() != wanted) continue;
    for (const std::string& category : definition.basket()) sum += SumOf(tally, category, codes);
  }
  return sum;
}

absl::Status ExplainMonth(const readmodel::Reader& reader, const std::string& dataset,
                          absl::CivilMonth month, const Areas& areas,
                          const v1::MeasureDefinition& definition,
                          v1::ExplainFigureResponse& response) {
  const std::string key = MonthKey(dataset, ToMonth(month));
  ASSIGN_OR_RETURN(const auto tally, reader.Get<MonthTally>(key));
  ASSIGN_OR_RETURN(const auto list, reader.Get<ExtractList>(key));
  if (!tally || !list) return absl::OkStatus();
  for (const auto& revision : tally->revisions()) {
    if (revision.standing() != v1::MonthTallyRow::ACCEPTED) continue;
    v1::Explanation& fact = *response.add_facts();
    fact.mutable_extract()->set_dataset(dataset);
    *fact.mutable_extract()->mutable_month() = ToMonth(month);
    fact.mutable_extract()->set_revision(revision.revision());
    fact.mutable_extract()->set_digest(revision.digest());
    fact.mutable_extract()->set_rows(revision.rows());
    fact.mutable_extract()->set_completeness(revision.has_through() ? v1::Completeness::PARTIAL
                                                                    : v1::Completeness::COMPLETE);
    fact.set_stream("extract/" + ExtractId(dataset, ToMonth(month)));
    fact.mutable_accepted_at()->set_context("metrics");
    fact.mutable_accepted_at()->set_seq(revision.accepted_seq());
    fact.set_count(
        BroughtBy(revision, areas.set_key, areas.everything ? nullptr : &areas.codes, definition));
    response.set_count(response.count() + static_cast<std::uint64_t>(fact.count()));
    for (const auto& delivered : list->revisions()) {
      if (delivered.opened().revision() != revision.revision()) continue;
      *fact.mutable_recorded_at() = delivered.accepted_at();
      fact.set_actor_ref(delivered.actor());
      fact.set_file_name(delivered.opened().file_name());
      fact.set_file_sha256(delivered.opened().file_sha256());
      fact.set_import_id(delivered.opened().import_id());
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<v1::ExportCountsResponse> ExportCounts(const v1::ExportCountsRequest& request,
                                                      const app::QueryContext& context) {
  const readmodel::Reader& reader = context.reader();
  ASSIGN_OR_RETURN(const Areas areas, ChooseAreas(reader, request.areas()));
  if (!areas.set) {
    return ErrorWithReason(absl::StatusCode::kFailedPrecondition, "NO_AREAS",
                           "No areas are loaded yet; import the geography first.");
  }
  ASSIGN_OR_RETURN(const Counts counts, Counts::Load(reader, {}));
  const bool by_category =
      std::ranges::find(request.by(), v1::ExportCountsRequest::CATEGORY) != request.by().end();
  const bool by_month =
      std::ranges::find(request.by(), v1::ExportCountsRequest::MONTH) != request.by().end();
  Axes axes;
  axes.areas = areas.codes;
  if (areas.everything) axes.areas.emplace_back();
  std::vector<std::string> categories(request.categories().begin(), request.categories().end());
  if (categories.empty()) categories = counts.categories();
  axes.categories = Split(categories, by_category);
  ASSIGN_OR_RETURN(const auto months,
                   ChooseMonths(counts, request.has_from() ? &request.from() : nullptr,
                                request.has_to() ? &request.to() : nullptr));
  axes.months = Split(months, by_month);

  const std::string filter = FilterOf(request);
  ASSIGN_OR_RETURN(const std::size_t first, ReadPageToken(filter, request.page_token()));
  const std::size_t size =
      request.page_size() == 0 ? kPage : std::min<std::size_t>(request.page_size(), kPage);
  v1::ExportCountsResponse response;
  *response.mutable_set() = *areas.set;
  const std::size_t end = std::min(axes.size(), first + size);
  for (std::size_t i = first; i < end; ++i) {
    *response.add_rows() = RowAt(axes, i, counts, areas.set_key);
  }
  if (end < axes.size()) response.set_next_page_token(MakePageToken(filter, end));
  *response.mutable_as_of() = reader.as_of();
  return response;
}

absl::StatusOr<v1::ExplainFigureResponse> ExplainFigure(const v1::ExplainFigureRequest& request,
                                                        const app::QueryContext& context) {
  const readmodel::Reader& reader = context.reader();
  ASSIGN_OR_RETURN(const MeasureChoice choice,
                   ChooseMeasure(reader, request.measure(), request.category()));
  ASSIGN_OR_RETURN(const Areas areas, ChooseAreas(reader, request.areas()));
  ASSIGN_OR_RETURN(const Counts counts, Counts::Load(reader, choice.definition));
  ASSIGN_OR_RETURN(
      const auto months,
      ChooseMonths(counts, &request.from(), request.has_to() ? &request.to() : &request.from()));
  v1::ExplainFigureResponse response;
  for (const absl::CivilMonth month : months) {
    for (const auto& extract : counts.extracts(month)) {
      RETURN_IF_ERROR(
          ExplainMonth(reader, extract.dataset(), month, areas, choice.definition, response));
    }
  }
  *response.mutable_as_of() = reader.as_of();
  return response;
}

}  // namespace holdfast::metrics
