#include "metrics/intake/row_store.h"

#include <cstring>
#include <utility>

#include "base/check.h"
#include "base/hex.h"
#include "ingest/crime_category.h"
#include "metrics/domain/row_block.h"

namespace holdfast::metrics {
namespace {

constexpr std::size_t kIdPageBytes = std::size_t{64} << 10U;

}  // namespace

RowStore::RowStore() {
  texts_.emplace_back();
  text_ids_.emplace(texts_.back(), 0);
}

std::uint32_t RowStore::Intern(std::string_view text) {
  if (text.empty()) return 0;
  const auto known = text_ids_.find(text);
  if (known != text_ids_.end()) return known->second;
  const auto id = static_cast<std::uint32_t>(texts_.size());
  texts_.emplace_back(text);
  text_ids_.emplace(texts_.back(), id);
  return id;
}

std::uint32_t RowStore::InternPlace(const Place& place) {
  const auto [known, is_new] =
      place_ids_.try_emplace(place, static_cast<std::uint32_t>(places_.size()));
  if (is_new) places_.push_back(place);
  return known->second;
}

std::string_view RowStore::KeepId(std::string_view id) {
  if (id.empty()) return {};
  HOLDFAST_CHECK(id.size() <= kIdPageBytes);
  if (id_page_left_ < id.size()) {
    id_pages_.push_back(std::make_unique<char[]>(kIdPageBytes));
    id_at_ = id_pages_.back().get();
    id_page_left_ = kIdPageBytes;
  }
  char* const kept = id_at_;
  std::memcpy(kept, id.data(), id.size());
  id_at_ += id.size();
  id_page_left_ -= id.size();
  return {kept, id.size()};
}

RowStore::Row RowStore::FromStreet(const ingest::StreetRow& street) {
  const auto intern = [this](std::string_view text, std::uint32_t last) {
    return texts_[last] == text ? last : Intern(text);
  };
  Row row;
  row.crime_id = KeepId(street.crime_id);
  row.category = intern(ingest::SlugOf(street.category), last_.category);
  row.outcome = intern(street.last_outcome, last_.outcome);
  row.reported_by = intern(street.reported_by, last_.reported_by);
  row.falls_within = intern(street.falls_within, last_.falls_within);
  row.note = intern(street.context, last_.note);
  Place place;
  place.has_point = street.has_point;
  place.lon_e6 = street.has_point ? street.lon_e6 : 0;
  place.lat_e6 = street.has_point ? street.lat_e6 : 0;
  place.location = Intern(street.location);
  place.lsoa_code = Intern(street.lsoa_code);
  place.lsoa_name = Intern(street.lsoa_name);
  row.place = InternPlace(place);
  last_ = row;
  return row;
}

ingest::StreetRow RowStore::ToStreet(const Row& row, absl::CivilMonth month) const {
  const Place& place = places_[row.place];
  ingest::StreetRow street;
  street.crime_id = row.crime_id;
  street.month = month;
  street.reported_by = text(row.reported_by);
  street.falls_within = text(row.falls_within);
  street.has_point = place.has_point;
  street.lon_e6 = place.lon_e6;
  street.lat_e6 = place.lat_e6;
  street.location = text(place.location);
  street.lsoa_code = text(place.lsoa_code);
  street.lsoa_name = text(place.lsoa_name);
  street.category =
      ingest::CategoryOfSlug(text(row.category)).value_or(ingest::CrimeCategory::kUnspecified);
  street.last_outcome = text(row.outcome);
  street.context = text(row.note);
  return street;
}

std::uint32_t RowStore::InternPlace(const v1::RowBlock& block, const v1::RowBlock::Place& kept,
                                    bool area_given) {
  Place place;
  place.has_point = kept.has_longitude_e6();
  place.lon_e6 = kept.longitude_e6();
  place.lat_e6 = kept.latitude_e6();
  place.location = Intern(TextOf(block, kept.location()));
  place.lsoa_code = Intern(TextOf(block, kept.lsoa_code()));
  place.lsoa_name = Intern(TextOf(block, kept.lsoa_name()));
  if (area_given && kept.area_size() > 0) place.given_area = Intern(TextOf(block, kept.area(0)));
  return InternPlace(place);
}

RowStore::Row RowStore::FromBlock(const v1::RowBlock& block, int i, std::string_view crime_id,
                                  bool area_given) {
  Row row;
  row.crime_id = crime_id;
  row.place = InternPlace(block, PlaceOf(block, i), area_given);
  row.category = Intern(CategoryOf(block, i));
  row.outcome = Intern(TextOf(block, ColumnAt(block.outcome(), i)));
  row.reported_by = Intern(TextOf(block, ColumnAt(block.reported_by(), i)));
  row.falls_within = Intern(TextOf(block, ColumnAt(block.falls_within(), i)));
  row.note = Intern(TextOf(block, ColumnAt(block.note(), i)));
  row.count = CrimesOf(block, i);
  return row;
}

std::vector<std::string_view> RowStore::IdsOf(const v1::RowBlock& block) {
  std::vector<std::string_view> ids(block.rows());
  std::size_t hashed = 0;
  for (std::uint32_t i = 0; i < block.rows(); ++i) {
    const std::uint64_t id = ColumnAt(block.id(), static_cast<int>(i));
    if (id == 1) {
      ids[i] = KeepId(ToHex(std::string_view(block.ids()).substr(hashed++ * 32, 32)));
    } else if (id >= 2) {
      ids[i] = KeepId(TextOf(block, id - 1));
    }
  }
  return ids;
}

}  // namespace holdfast::metrics
