#include "initiative/queries.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/civil_time.h"
#include "base/day.h"
#include "base/error.h"
#include "base/status_macros.h"
#include "initiative/domain/reference.h"
#include "initiative/views/gate_page.h"
#include "initiative/views/phase_timeline.h"
#include "initiative/views/reference_sets.h"
#include "initiative/views/site_list.h"
#include "initiative/views/site_page.h"
#include "readmodel/page.h"

namespace holdfast::initiative {
namespace {

absl::StatusOr<v1::SitePage> FindSite(const std::string& site_id, const readmodel::Reader& reader) {
  ASSIGN_OR_RETURN(std::optional<v1::SitePage> row, reader.Get<SitePage>(site_id));
  // A team's stream may be older than what is known of its site.
  if (!row.has_value() || row->site_id().empty()) {
    return ErrorWithReason(absl::StatusCode::kNotFound, "NOT_FOUND",
                           "There is no such site: check its id, or list the sites.");
  }
  return *std::move(row);
}

// Whether `part` stands in `text`, in any case of Latin letters.
bool Holds(const std::string& text, const std::string& part) {
  return absl::StrContains(absl::AsciiStrToLower(text), absl::AsciiStrToLower(part));
}

bool Matches(const v1::SiteSummary& site, const v1::ListSitesRequest& request) {
  if (site.closed() && !request.include_closed()) return false;
  if (request.only_under_override() && site.overrides_in_force() == 0) return false;
  if (!Holds(site.name(), request.text()) && !Holds(site.brand(), request.text())) return false;
  if (request.phase() != v1::Phase::CODE_UNSPECIFIED &&
      std::ranges::find(site.open_phases(), request.phase(), &v1::SiteSummary::OpenPhase::phase) ==
          site.open_phases().end())
    return false;
  return request.area_code().empty() ||
         std::ranges::find(site.codes(), request.area_code()) != site.codes().end();
}

}  // namespace

absl::StatusOr<v1::GetSiteResponse> GetSite(const v1::GetSiteRequest& request,
                                            const app::QueryContext& context) {
  v1::GetSiteResponse answer;
  ASSIGN_OR_RETURN(*answer.mutable_site(), FindSite(request.site_id(), context.reader()));
  *answer.mutable_as_of() = context.reader().as_of();
  return answer;
}

absl::StatusOr<v1::GetGateResponse> GetGate(const v1::GetGateRequest& request,
                                            const app::QueryContext& context) {
  ASSIGN_OR_RETURN(const v1::SitePage site, FindSite(request.site_id(), context.reader()));
  ASSIGN_OR_RETURN(const std::optional<v1::ReferenceSet> criteria,
                   context.reader().Get<ReferenceSets>(Reference::kGateCriteria));
  const absl::CivilDay today = LondonDay(context.now());
  const absl::CivilDay day = request.has_for_day() ? ToDay(request.for_day()) : today;
  v1::GetGateResponse answer = GatePage(site, criteria.value_or(v1::ReferenceSet()),
                                        request.phase(), request.zone(), day, today);
  *answer.mutable_as_of() = context.reader().as_of();
  return answer;
}

absl::StatusOr<v1::ListSitesResponse> ListSites(const v1::ListSitesRequest& request,
                                                const app::QueryContext& context) {
  v1::ListSitesResponse answer;
  ASSIGN_OR_RETURN(*answer.mutable_next_page_token(),
                   readmodel::Page<SiteList>(
                       request, "", context.reader(),
                       [&](const v1::SiteSummary& site) { return Matches(site, request); },
                       [&](const v1::SiteSummary& site) { *answer.add_sites() = site; }));
  *answer.mutable_as_of() = context.reader().as_of();
  return answer;
}

absl::StatusOr<v1::ListPhasesResponse> ListPhases(const v1::ListPhasesRequest& request,
                                                  const app::QueryContext& context) {
  // The parts of a key end with 0x1F: an id that begins like another is not taken for it.
  const std::string prefix = request.site_id().empty() ? "" : RowKey({request.site_id(), ""});
  v1::ListPhasesResponse answer;
  ASSIGN_OR_RETURN(*answer.mutable_next_page_token(),
                   readmodel::Page<PhaseTimeline>(
                       request, prefix, context.reader(),
                       [&](const v1::PhaseLine& line) {
                         return (request.phase() == v1::Phase::CODE_UNSPECIFIED ||
                                 line.episode().phase() == request.phase()) &&
                                !(request.only_open() && line.episode().has_closed_on());
                       },
                       [&](const v1::PhaseLine& line) { *answer.add_phases() = line; }));
  *answer.mutable_as_of() = context.reader().as_of();
  return answer;
}

absl::StatusOr<v1::ListReferenceSetsResponse> ListReferenceSets(const v1::ListReferenceSetsRequest&,
                                                                const app::QueryContext& context) {
  v1::ListReferenceSetsResponse answer;
  RETURN_IF_ERROR(context.reader().Scan<ReferenceSets>(
      "", "", 0, [&](std::string_view, const v1::ReferenceSet& row) {
        *answer.add_sets() = row;
        return true;
      }));
  *answer.mutable_as_of() = context.reader().as_of();
  return answer;
}

}  // namespace holdfast::initiative
