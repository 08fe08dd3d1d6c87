// What a view is: a pure fold of one context's events into rows made for looking at.
//
//   struct SiteBoard {
//     static constexpr std::string_view kName = "site_board@1";  // @2 when any row would differ
//     using Row = v1::SiteBoardRow;  // a protobuf message: integers, no ratios, no map<>
//     using Event = std::variant<v1::SiteCreated, …>;  // what it reads, of one context only
//     // Which rows the event touches; may be none.
//     static RowKeys Key(const auto& event, const EventMeta&);
//     // One for each event. It answers void, or Fit where an event may not fit its row.
//     static void Apply(Row&, const v1::SiteCreated&, const EventMeta&);
//     static Fit Apply(Row&, const v1::PhaseClosed&, const EventMeta&);
//     static bool Gone(const Row&);  // optional: true deletes the row
//   };
//   static_assert(View<SiteBoard>);
//
// A view never passes over an event that contradicts its row: it answers Unfit, and the row is
// parked. It is no longer served, its events wait, the other rows go on; a build whose view can
// apply the event folds it again (`holdfast projection retry`).
//
// An event that touches several rows is applied to each; `EventMeta::row_key` says to which. Two
// rebuilds at the same position are byte-equal, so: no clock, no randomness, no map<>, no iteration
// over hash tables.
#pragma once

#include <concepts>
#include <cstddef>
#include <initializer_list>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include <tl/expected.hpp>

#include "eventsourcing/event_meta.h"

namespace holdfast {

// Why an event does not fit its row: a code in capitals, "UNKNOWN_EPISODE". A string literal.
struct Misfit {
  std::string_view reason;
};
using Fit = tl::expected<void, Misfit>;

// `return Unfit("UNKNOWN_EPISODE");`. What was written into the row before is thrown away.
inline tl::unexpected<Misfit> Unfit(std::string_view reason) {
  return tl::unexpected<Misfit>(Misfit{reason});
}

// Bytes that sort as the rows shall be listed. Parts are joined by RowKey().
class RowKeys {
 public:
  RowKeys() = default;
  // Implicit, so that a view's Key returns the one key, or all of them, as they are.
  // NOLINTBEGIN(google-explicit-constructor)
  RowKeys(std::string key) { keys_.push_back(std::move(key)); }
  RowKeys(std::string_view key) { keys_.emplace_back(key); }
  RowKeys(const char* key) { keys_.emplace_back(key); }
  RowKeys(std::vector<std::string> keys) : keys_(std::move(keys)) {}
  // NOLINTEND(google-explicit-constructor)

  auto begin() const { return keys_.begin(); }
  auto end() const { return keys_.end(); }
  std::size_t size() const { return keys_.size(); }

 private:
  std::vector<std::string> keys_;
};

// Parts joined by 0x1F, which no id, slug or code may contain: a part is then a prefix that can be
// scanned.
inline std::string RowKey(std::initializer_list<std::string_view> parts) {
  std::string key;
  for (const std::string_view part : parts) {
    if (!key.empty()) key.push_back('\x1F');
    key.append(part);
  }
  return key;
}

namespace internal {

template <class T>
concept AnswerOfApply = std::same_as<T, void> || std::same_as<T, Fit>;

template <class V, class E>
concept Applies = requires(typename V::Row& row, const E& event, const EventMeta& meta) {
  { V::Key(event, meta) } -> std::convertible_to<RowKeys>;
  { V::Apply(row, event, meta) } -> AnswerOfApply;
};

template <class V, class Variant>
struct AppliesEach : std::false_type {};
template <class V, class... E>
struct AppliesEach<V, std::variant<E...>> : std::bool_constant<(Applies<V, E> && ...)> {};

}  // namespace internal

template <class V>
concept View = requires {
  { V::kName } -> std::convertible_to<std::string_view>;
  typename V::Row;
  typename V::Event;
}
&&internal::AppliesEach<V, typename V::Event>::value;

}  // namespace holdfast
