// Where a crime lies, in every published set of areas: by the lookup from its LSOA, else by its
// point, else nowhere.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "holdfast/metrics/v1/rows.pb.h"
#include "holdfast/metrics/v1/words.pb.h"
#include "holdfast/type/v1/type.pb.h"

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace holdfast::readmodel {
class Reader;
}

namespace holdfast::metrics {

struct ResolvedArea {
  std::string_view code;  // of the resolver; empty: unlocated
  v1::AreaMethod::Code method = v1::AreaMethod::UNLOCATED;
};

// Not thread-safe.
class AreaResolver {
 public:
  // All published sets. DataLoss where a stored outline cannot be read.
  static absl::StatusOr<std::unique_ptr<AreaResolver>> Load(const readmodel::Reader& reader);
  ~AreaResolver();

  // In the order of "<kind>/<vintage>".
  const std::vector<type::v1::AreaSet>& sets() const { return sets_; }
  // How many publications of the set, and of lookups into it, this resolver knows: crimes that were
  // resolved by fewer may lie elsewhere now.
  std::uint32_t version(std::size_t set) const { return versions_[set]; }
  ResolvedArea Resolve(std::size_t set, bool has_point, std::int32_t lon_e6, std::int32_t lat_e6,
                       std::string_view lsoa_code);
  bool Knows(std::size_t set, std::string_view code) const;

 private:
  struct Set;
  AreaResolver();

  std::vector<type::v1::AreaSet> sets_;
  std::vector<std::uint32_t> versions_;
  std::vector<std::unique_ptr<Set>> resolvers_;
};

// Every area of a published set, of all files that joined it, in their order.
absl::Status EachArea(const readmodel::Reader& reader, const v1::ReferenceListRow& set,
                      absl::FunctionRef<void(const v1::Feature&)> use);

// Published sets of areas, in the order of their keys; of `kind` alone where it is given.
absl::StatusOr<std::vector<type::v1::AreaSet>> PublishedAreaSets(const readmodel::Reader& reader,
                                                                 std::string_view kind = "");

}  // namespace holdfast::metrics
