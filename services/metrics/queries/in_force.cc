#include "metrics/queries/in_force.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/civil_time.h"
#include "base/day.h"
#include "base/status_macros.h"
#include "metrics/views/reference_views.h"
#include "metrics/views/set_tally.h"

namespace holdfast::metrics {
namespace {

// The latest version up to that day that `fits`; of two of one day the later published.
template <class Fits>
absl::StatusOr<std::optional<v1::ReferenceSetPublished>> VersionOn(const readmodel::Reader& reader,
                                                                   const std::string& set,
                                                                   absl::CivilDay day, Fits fits) {
  ASSIGN_OR_RETURN(const auto row, reader.Get<ReferenceList>(set));
  std::optional<v1::ReferenceSetPublished> best;
  if (!row) return best;
  for (const auto& version : row->versions()) {
    const auto& published = version.published();
    if (ToDay(published.valid_from()) > day || !fits(published)) continue;
    if (!best || ToDay(best->valid_from()) <= ToDay(published.valid_from())) best = published;
  }
  return best;
}

absl::StatusOr<std::map<std::string, double>> AmountsOf(const readmodel::Reader& reader,
                                                        const v1::ReferenceSetPublished& version) {
  std::map<std::string, double> amounts;
  RETURN_IF_ERROR(reader.Scan<ReferenceRows>(
      VersionKey(version.set(), version.version()), "", 0,
      [&](std::string_view, const v1::ReferenceRowsRow& piece) {
        for (const auto& row : piece.rows()) {
          amounts.emplace(row.key(), static_cast<double>(row.amount_e6()) / 1e6);
        }
        return true;
      }));
  return amounts;
}

}  // namespace

absl::StatusOr<WeightsInForce> WeightsOn(const readmodel::Reader& reader, const std::string& set,
                                         absl::CivilDay day) {
  WeightsInForce out;
  ASSIGN_OR_RETURN(const auto version,
                   VersionOn(reader, set, day, [](const v1::ReferenceSetPublished& published) {
                     return published.keyed_by() == v1::KeyedBy::CATEGORY;
                   }));
  if (!version) return out;
  out.label = absl::StrCat(version->title(), "@", version->version());
  out.unverified = version->verification() != v1::Verification::VERIFIED;
  ASSIGN_OR_RETURN(out.weights, AmountsOf(reader, *version));
  return out;
}

absl::StatusOr<PopulationInForce> PopulationOn(const readmodel::Reader& reader,
                                               const type::v1::AreaSet& set, absl::CivilDay day) {
  PopulationInForce out;
  ASSIGN_OR_RETURN(
      const auto version,
      VersionOn(reader, "populations", day, [&](const v1::ReferenceSetPublished& published) {
        return SetKey(published.area_set()) == SetKey(set);
      }));
  if (!version) return out;
  ASSIGN_OR_RETURN(const auto row, reader.Get<ReferenceList>("populations"));
  std::vector<std::uint32_t> numbers;
  for (const v1::ReferenceSetPublished* part : Together(*row, *version)) {
    ASSIGN_OR_RETURN(auto residents, AmountsOf(reader, *part));
    out.residents.merge(residents);
    numbers.push_back(part->version());
  }
  out.label = absl::StrCat("populations@", absl::StrJoin(numbers, "+"), " from ",
                           FormatDay(ToDay(version->valid_from())));
  return out;
}

}  // namespace holdfast::metrics
