// The rows of one month in memory: each text and each place is kept once, a row is a few numbers.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "holdfast/metrics/v1/words.pb.h"

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/time/civil_time.h"
#include "ingest/street_reader.h"

namespace holdfast::metrics {

// Not thread-safe. Rows of a file and of the revision before it may share one store.
class RowStore {
 public:
  struct Place {
    bool has_point = false;
    std::int32_t lon_e6 = 0;
    std::int32_t lat_e6 = 0;
    std::uint32_t location = 0;  // texts
    std::uint32_t lsoa_code = 0;
    std::uint32_t lsoa_name = 0;
    std::uint32_t given_area = 0;  // of a file that names the area itself

    friend bool operator==(const Place&, const Place&) = default;
    template <class H>
    friend H AbslHashValue(H h, const Place& p) {
      return H::combine(std::move(h), p.has_point, p.lon_e6, p.lat_e6, p.location, p.lsoa_code,
                        p.given_area);
    }
  };
  struct Row {
    std::string_view crime_id;  // of the store
    std::uint32_t place = 0;
    std::uint32_t category = 0;  // texts
    std::uint32_t outcome = 0;
    std::uint32_t reported_by = 0;
    std::uint32_t falls_within = 0;
    std::uint32_t note = 0;
    std::uint64_t count = 1;
  };

  RowStore();
  RowStore(const RowStore&) = delete;
  RowStore& operator=(const RowStore&) = delete;

  // The number of a text; 0 is the empty one.
  std::uint32_t Intern(std::string_view text);
  std::string_view text(std::uint32_t id) const { return texts_[id]; }
  std::size_t texts() const { return texts_.size(); }
  std::uint32_t InternPlace(const Place& place);
  // A place of a well-formed block; `area_given`: it is the area that it names.
  std::uint32_t InternPlace(const v1::RowBlock& block, const v1::RowBlock::Place& kept,
                            bool area_given);
  const Place& place(std::uint32_t id) const { return places_[id]; }
  std::size_t places() const { return places_.size(); }

  Row FromStreet(const ingest::StreetRow& row);
  // Texts live as long as the store.
  ingest::StreetRow ToStreet(const Row& row, absl::CivilMonth month) const;

  // Row `i` of a well-formed block, back as it was; `area_given`: its place is the area that it
  // names.
  Row FromBlock(const v1::RowBlock& block, int i, std::string_view crime_id, bool area_given);
  // The crime ids of a block in order; ids kept as hashes become 64 hex digits again.
  std::vector<std::string_view> IdsOf(const v1::RowBlock& block);

 private:
  std::string_view KeepId(std::string_view id);

  std::deque<std::string> texts_;
  absl::flat_hash_map<std::string_view, std::uint32_t> text_ids_;
  std::vector<Place> places_;
  absl::flat_hash_map<Place, std::uint32_t> place_ids_;
  std::vector<std::unique_ptr<char[]>> id_pages_;
  std::size_t id_page_left_ = 0;
  char* id_at_ = nullptr;
  // The texts of the row before: most columns repeat.
  Row last_{};
};

}  // namespace holdfast::metrics
