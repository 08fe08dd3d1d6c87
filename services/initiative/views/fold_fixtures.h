// Folds facts into the rows of one view, as the projector does.
#pragma once

#include <string>
#include <utility>

#include "absl/time/time.h"
#include "readmodel/row_fold.h"
#include "readmodel/view_type.h"

namespace holdfast::initiative {

template <class V>
class Folded {
 public:
  explicit Folded(std::string stream_id)
      : stream_id_(std::move(stream_id)), type_(readmodel::ViewTypeOf<V>()), fold_(type_) {}

  // The next facts of the stream, a commit each.
  template <class... E>
  Folded& Add(const E&... events) {
    (One(events), ...);
    return *this;
  }

  std::size_t size() const { return fold_.rows().size(); }
  const typename V::Row& row(const std::string& key) const {
    return static_cast<const typename V::Row&>(*fold_.rows().at(key));
  }
  const typename V::Row& row() const { return row(stream_id_); }
  const readmodel::RowFold& fold() const { return fold_; }

 private:
  void One(const google::protobuf::Message& event) {
    ++version_;
    EventMeta meta;
    meta.tenant = "westmoor";
    meta.stream_id = stream_id_;
    meta.version = version_;
    meta.seq = version_;
    meta.recorded_at = absl::FromUnixSeconds(1772445600);
    meta.actor = "ann";
    if (fold_.Reads(*event.GetDescriptor())) fold_.Apply(event, meta);
  }

  std::string stream_id_;
  readmodel::ViewType type_;
  readmodel::RowFold fold_;
  std::uint64_t version_ = 0;
};

}  // namespace holdfast::initiative
