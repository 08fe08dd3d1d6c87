// A view with its types erased: what the projector folds with.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include <google/protobuf/message.h>

#include "base/check.h"
#include "eventsourcing/stream_type.h"
#include "readmodel/view.h"

namespace holdfast::eventsourcing {
class Upcasters;
}

namespace holdfast::readmodel {

struct ViewType {
  std::string name;     // "site_board@1"
  std::string context;  // whose events it reads: the package of its events
  std::vector<const google::protobuf::Descriptor*> events;
  const google::protobuf::Message* row_prototype = nullptr;  // lives as long as the program
  // `event` is of one of `events`, `row` of the row's type.
  RowKeys (*key)(const google::protobuf::Message& event, const EventMeta& meta) = nullptr;
  Fit (*apply)(google::protobuf::Message& row, const google::protobuf::Message& event,
               const EventMeta& meta) = nullptr;
  bool (*gone)(const google::protobuf::Message& row) = nullptr;
  // How events of old are read, set by the read model; null: as they were written.
  const eventsourcing::Upcasters* upcasters = nullptr;
};

// Applies the event to the row `key`. A view is ours and throws nothing, but what it calls may
// (protobuf's own checks do): that is Unfit too, reason EXCEPTION. After Unfit the row is worth
// nothing.
Fit ApplyTo(const ViewType& view, google::protobuf::Message& row,
            const google::protobuf::Message& event, const EventMeta& meta, std::string_view key);

namespace internal {

template <class V, class Variant>
struct Erased;
template <class V, class... E>
struct Erased<V, std::variant<E...>> {
  static RowKeys Key(const google::protobuf::Message& event, const EventMeta& meta) {
    RowKeys keys;
    const bool found = ((event.GetDescriptor() == E::descriptor() &&
                         (keys = V::Key(static_cast<const E&>(event), meta), true)) ||
                        ...);
    HOLDFAST_CHECK(found);
    return keys;
  }
  static Fit Apply(google::protobuf::Message& row, const google::protobuf::Message& event,
                   const EventMeta& meta) {
    Fit fit;
    const bool found =
        ((event.GetDescriptor() == E::descriptor() &&
          (fit = ApplyOne(static_cast<typename V::Row&>(row), static_cast<const E&>(event), meta),
           true)) ||
         ...);
    HOLDFAST_CHECK(found);
    return fit;
  }
  static std::vector<const google::protobuf::Descriptor*> Events() { return {E::descriptor()...}; }

 private:
  template <class Event>
  static Fit ApplyOne(typename V::Row& row, const Event& event, const EventMeta& meta) {
    if constexpr (std::is_void_v<decltype(V::Apply(row, event, meta))>) {
      V::Apply(row, event, meta);
      return {};
    } else {
      return V::Apply(row, event, meta);
    }
  }
};

}  // namespace internal

template <View V>
ViewType ViewTypeOf() {
  using Erased = internal::Erased<V, typename V::Event>;
  ViewType type;
  type.name = std::string(V::kName);
  type.events = Erased::Events();
  type.context = eventsourcing::ContextOf(*type.events.front());
  type.row_prototype = &V::Row::default_instance();
  type.key = &Erased::Key;
  type.apply = &Erased::Apply;
  if constexpr (requires(const typename V::Row& row) { V::Gone(row); }) {
    type.gone = [](const google::protobuf::Message& row) {
      return V::Gone(static_cast<const typename V::Row&>(row));
    };
  }
  return type;
}

}  // namespace holdfast::readmodel
