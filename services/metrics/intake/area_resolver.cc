#include "metrics/intake/area_resolver.h"

#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "base/status_macros.h"
#include "geography/area_index.h"
#include "geography/point_cache.h"
#include "metrics/intake/outline_codec.h"
#include "metrics/views/reference_views.h"
#include "metrics/views/set_tally.h"
#include "readmodel/reader.h"

namespace holdfast::metrics {

struct AreaResolver::Set {
  std::vector<std::string> codes;
  absl::flat_hash_set<std::string_view> known;
  std::unique_ptr<geography::AreaIndex> index;
  std::unique_ptr<geography::PointCache> cache;
  absl::flat_hash_map<std::string, std::string> lookup;  // from the code of an LSOA
};

namespace {

constexpr std::string_view kGeographyPrefix = "geography.";

absl::StatusOr<std::vector<geography::Area>> ReadAreas(const readmodel::Reader& reader,
                                                       const v1::ReferenceSetPublished& set) {
  std::vector<geography::Area> areas;
  RETURN_IF_ERROR(reader.Scan<GeographySet>(VersionKey(set.set(), set.version()), "", 0,
                                            [&](std::string_view, const v1::GeographyRow& row) {
                                              for (const auto& feature : row.features())
                                                areas.push_back(ToArea(feature));
                                              return true;
                                            }));
  if (areas.size() != set.rows()) {
    return absl::DataLossError("geography: areas of a published set are missing");
  }
  return areas;
}

}  // namespace

absl::StatusOr<std::vector<type::v1::AreaSet>> PublishedAreaSets(const readmodel::Reader& reader,
                                                                 std::string_view kind) {
  std::vector<type::v1::AreaSet> sets;
  RETURN_IF_ERROR(reader.Scan<ReferenceList>(
      kGeographyPrefix, "", 0, [&](std::string_view, const v1::ReferenceListRow& row) {
        const type::v1::AreaSet& set = row.versions(0).published().area_set();
        if (kind.empty() || set.kind() == kind) sets.push_back(set);
        return true;
      }));
  return sets;
}

AreaResolver::AreaResolver() = default;
AreaResolver::~AreaResolver() = default;

absl::StatusOr<std::unique_ptr<AreaResolver>> AreaResolver::Load(const readmodel::Reader& reader) {
  std::unique_ptr<AreaResolver> resolver(new AreaResolver());
  std::vector<v1::ReferenceSetPublished> published;
  RETURN_IF_ERROR(reader.Scan<ReferenceList>(
      kGeographyPrefix, "", 0, [&](std::string_view, const v1::ReferenceListRow& row) {
        published.push_back(row.versions(0).published());
        return true;
      }));
  ASSIGN_OR_RETURN(const auto lookups, reader.Get<ReferenceList>("lookups"));
  for (const auto& geography : published) {
    auto set = std::make_unique<Set>();
    ASSIGN_OR_RETURN(const std::vector<geography::Area> areas, ReadAreas(reader, geography));
    for (const auto& area : areas) set->codes.push_back(area.code);
    for (const auto& code : set->codes) set->known.insert(code);
    ASSIGN_OR_RETURN(set->index, geography::AreaIndex::Create(areas));
    set->cache = std::make_unique<geography::PointCache>(*set->index);
    // The newest lookup into this set.
    for (int v = lookups ? lookups->versions_size() : 0; v-- > 0;) {
      const auto& version = lookups->versions(v).published();
      if (SetKey(version.area_set()) != SetKey(geography.area_set())) continue;
      RETURN_IF_ERROR(
          reader.Scan<ReferenceRows>(VersionKey("lookups", version.version()), "", 0,
                                     [&](std::string_view, const v1::ReferenceRowsRow& row) {
                                       for (const auto& r : row.rows())
                                         set->lookup.emplace(r.key(), r.to());
                                       return true;
                                     }));
      break;
    }
    resolver->sets_.push_back(geography.area_set());
    resolver->resolvers_.push_back(std::move(set));
  }
  return resolver;
}

ResolvedArea AreaResolver::Resolve(std::size_t set, bool has_point, std::int32_t lon_e6,
                                   std::int32_t lat_e6, std::string_view lsoa_code) {
  Set& in = *resolvers_[set];
  if (!lsoa_code.empty()) {
    const auto found = in.lookup.find(absl::string_view(lsoa_code.data(), lsoa_code.size()));
    if (found != in.lookup.end()) return {found->second, v1::AreaMethod::LOOKUP};
  }
  if (!has_point) return {};
  const std::int32_t area = in.cache->Find(geography::FromMicrodegrees(lon_e6, lat_e6));
  if (area == geography::AreaIndex::kNowhere) return {};
  return {in.codes[static_cast<std::size_t>(area)], v1::AreaMethod::POINT_IN_POLYGON};
}

bool AreaResolver::Knows(std::size_t set, std::string_view code) const {
  return resolvers_[set]->known.contains(code);
}

}  // namespace holdfast::metrics
