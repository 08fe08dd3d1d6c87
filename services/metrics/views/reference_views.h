// The reference sets as they are read: which versions there are, their rows, the outlines, and the
// areas by name.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "holdfast/metrics/v1/events.pb.h"
#include "holdfast/metrics/v1/rows.pb.h"

#include "readmodel/view.h"

namespace holdfast::metrics {

// Key: the set. Published versions only.
struct ReferenceList {
  static constexpr std::string_view kName = "reference_list@1";
  using Row = v1::ReferenceListRow;
  using Event = std::variant<v1::ReferenceSetPublished>;

  static RowKeys Key(const v1::ReferenceSetPublished& event, const EventMeta&);
  static void Apply(Row&, const v1::ReferenceSetPublished&, const EventMeta&);
};
static_assert(View<ReferenceList>);

// Keys: (set, version, seq). Rows of a version count once ReferenceList has it.
struct ReferenceRows {
  static constexpr std::string_view kName = "reference_rows@1";
  using Row = v1::ReferenceRowsRow;
  using Event = std::variant<v1::ReferenceRowsStaged>;

  static RowKeys Key(const v1::ReferenceRowsStaged& event, const EventMeta&);
  static void Apply(Row&, const v1::ReferenceRowsStaged&, const EventMeta&);
};
static_assert(View<ReferenceRows>);

// Keys: (set, version, seq).
struct GeographySet {
  static constexpr std::string_view kName = "geography_set@1";
  using Row = v1::GeographyRow;
  using Event = std::variant<v1::FeaturesStaged>;

  static RowKeys Key(const v1::FeaturesStaged& event, const EventMeta&);
  static void Apply(Row&, const v1::FeaturesStaged&, const EventMeta&);
};
static_assert(View<GeographySet>);

// Key: "ward/2013". Codes and names, without outlines, of every file published into the set; in the
// files' order.
struct AreaList {
  static constexpr std::string_view kName = "area_list@2";
  using Row = v1::AreaListRow;
  using Event = std::variant<v1::ReferenceSetOpened, v1::FeaturesStaged, v1::ReferenceSetPublished>;

  static RowKeys Key(const v1::ReferenceSetOpened& event, const EventMeta&);
  static RowKeys Key(const v1::FeaturesStaged& event, const EventMeta&);
  static RowKeys Key(const v1::ReferenceSetPublished& event, const EventMeta&);
  static void Apply(Row&, const v1::ReferenceSetOpened&, const EventMeta&);
  static void Apply(Row&, const v1::FeaturesStaged&, const EventMeta&);
  static void Apply(Row&, const v1::ReferenceSetPublished&, const EventMeta&);
};
static_assert(View<AreaList>);

// The versions of a set that count together: those of the same areas and first day as `of`, in the
// order of their publication. Of geography: all.
std::vector<const v1::ReferenceSetPublished*> Together(const v1::ReferenceListRow& row,
                                                       const v1::ReferenceSetPublished& of);

// The prefix of the pieces of a version.
std::string VersionKey(std::string_view set, std::uint32_t version);
// "geography.ward.2013" of ward, 2013.
std::string GeographyStream(const type::v1::AreaSet& set);

}  // namespace holdfast::metrics
