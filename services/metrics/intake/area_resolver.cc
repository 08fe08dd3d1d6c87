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
                                                       const v1::ReferenceListRow& set) {
  std::vector<geography::Area> areas;
  RETURN_IF_ERROR(EachArea(reader, set, [&](const v1::Feature& f) { areas.push_back(ToArea(f)); }));
  std::size_t published = 0;
  for (const auto& version : set.versions()) published += version.published().rows();
  if (areas.size() != published) {
    return absl::DataLossError("geography: areas of a published set are missing");
  }
  return areas;
}

// The newest lookup into a set, with all files that count together with it. Returns how many
// lookups into the set were ever published.
absl::StatusOr<std::uint32_t> ReadLookup(const readmodel::Reader& reader,
                                         const v1::ReferenceListRow& lookups,
                                         const type::v1::AreaSet& set,
                                         absl::flat_hash_map<std::string, std::string>& lookup) {
  std::uint32_t published = 0;
  const v1::ReferenceSetPublished* newest = nullptr;
  for (const auto& version : lookups.versions()) {
    if (SetKey(version.published().area_set()) != SetKey(set)) continue;
    newest = &version.published();
    ++published;
  }
  if (newest == nullptr) return published;
  for (const v1::ReferenceSetPublished* version : Together(lookups, *newest)) {
    RETURN_IF_ERROR(
        reader.Scan<ReferenceRows>(VersionKey(version->set(), version->version()), "", 0,
                                   [&](std::string_view, const v1::ReferenceRowsRow& piece) {
                                     for (const auto& row : piece.rows())
                                       lookup.emplace(row.key(), row.to());
                                     return true;
                                   }));
  }
  return published;
}

}  // namespace

absl::Status EachArea(const readmodel::Reader& reader, const v1::ReferenceListRow& set,
                      absl::FunctionRef<void(const v1::Feature&)> use) {
  for (const auto& version : set.versions()) {
    RETURN_IF_ERROR(reader.Scan<GeographySet>(VersionKey(set.set(), version.published().version()),
                                              "", 0,
                                              [&](std::string_view, const v1::GeographyRow& piece) {
                                                for (const auto& feature : piece.features())
                                                  use(feature);
                                                return true;
                                              }));
  }
  return absl::OkStatus();
}

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
  std::vector<v1::ReferenceListRow> published;
  RETURN_IF_ERROR(reader.Scan<ReferenceList>(
      kGeographyPrefix, "", 0, [&](std::string_view, const v1::ReferenceListRow& row) {
        published.push_back(row);
        return true;
      }));
  ASSIGN_OR_RETURN(const auto lookups, reader.Get<ReferenceList>("lookups"));
  for (const auto& geography : published) {
    const type::v1::AreaSet& area_set = geography.versions(0).published().area_set();
    auto set = std::make_unique<Set>();
    ASSIGN_OR_RETURN(const std::vector<geography::Area> areas, ReadAreas(reader, geography));
    for (const auto& area : areas) set->codes.push_back(area.code);
    for (const auto& code : set->codes) set->known.insert(code);
    ASSIGN_OR_RETURN(set->index, geography::AreaIndex::Create(areas));
    set->cache = std::make_unique<geography::PointCache>(*set->index);
    auto version = static_cast<std::uint32_t>(geography.versions_size());
    if (lookups) {
      ASSIGN_OR_RETURN(const std::uint32_t into,
                       ReadLookup(reader, *lookups, area_set, set->lookup));
      version += into;
    }
    resolver->sets_.push_back(area_set);
    resolver->versions_.push_back(version);
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
