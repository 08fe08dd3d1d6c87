// Folds facts into the rows of one view, as the projector does.
#pragma once

#include <concepts>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "absl/time/time.h"
#include "readmodel/view.h"

namespace holdfast::testing {

template <View V>
class Folded {
 public:
  explicit Folded(std::string stream_id) : stream_id_(std::move(stream_id)) {}

  // The next facts of the stream, a commit each; what the view does not read passes by.
  template <class... E>
  Folded& Add(const E&... events) {
    (One(events), ...);
    return *this;
  }

  std::size_t size() const { return rows_.size(); }
  const typename V::Row& row(const std::string& key) const { return rows_.at(key); }
  const typename V::Row& row() const { return row(stream_id_); }

 private:
  template <class E>
  void One(const E& event) {
    ++version_;
    EventMeta meta;
    meta.tenant = "westmoor";
    meta.stream_id = stream_id_;
    meta.version = version_;
    meta.seq = version_;
    meta.recorded_at = absl::FromUnixSeconds(1772445600);
    meta.actor = "ann";
    if constexpr (std::constructible_from<typename V::Event, const E&>) {
      for (const std::string& key : V::Key(event, meta)) {
        meta.row_key = key;
        V::Apply(rows_[key], event, meta);
      }
    }
  }

  std::string stream_id_;
  std::map<std::string, typename V::Row> rows_;
  std::uint64_t version_ = 0;
};

}  // namespace holdfast::testing
