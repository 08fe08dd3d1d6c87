// What a reactor is: a pure function from another context's events to commands of its own context.
//
//   struct CarryBaseline {
//     static constexpr std::string_view kReactor = "carry-baseline";
//     using Event = std::variant<metrics::v1::BaselineLocked>;       // of one other context
//     static std::vector<Reaction> React(const metrics::v1::BaselineLocked&, const EventMeta&);
//   };
//
// Each command carries `caused_by`, so that it is answered once; the target keeps the highest (seq,
// event, command) accepted per (reactor, tenant, source). A refusal becomes a commit
// ReactionParked: listed, alarmed, never lost.
#pragma once

#include <concepts>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include <google/protobuf/message.h>

#include "base/check.h"
#include "eventsourcing/event_meta.h"

namespace holdfast::eventsourcing {

struct Reaction {
  std::unique_ptr<google::protobuf::Message> command;

  template <class C>
  static Reaction Of(C command) {
    return {std::make_unique<C>(std::move(command))};
  }
};

namespace internal {

template <class R, class E>
concept ReactsTo = requires(const E& event, const EventMeta& meta) {
  { R::React(event, meta) } -> std::same_as<std::vector<Reaction>>;
};

template <class R, class Variant>
struct ReactsToEach : std::false_type {};
template <class R, class... E>
struct ReactsToEach<R, std::variant<E...>> : std::bool_constant<(ReactsTo<R, E> && ...)> {
  static std::vector<Reaction> React(const google::protobuf::Message& event,
                                     const EventMeta& meta) {
    std::vector<Reaction> reactions;
    const bool found = ((event.GetDescriptor() == E::descriptor() &&
                         (reactions = R::React(static_cast<const E&>(event), meta), true)) ||
                        ...);
    HOLDFAST_CHECK(found);
    return reactions;
  }  // namespace internal
  static std::vector<const google::protobuf::Descriptor*> Events() { return {E::descriptor()...}; }
};  // namespace holdfast::eventsourcing

}  // namespace internal

template <class R>
concept Reactor = requires {
  { R::kReactor } -> std::convertible_to<std::string_view>;
  typename R::Event;
}
&&internal::ReactsToEach<R, typename R::Event>::value;

struct ReactorType {
  std::string name;
  std::vector<const google::protobuf::Descriptor*> events;  // all of one context
  std::vector<Reaction> (*react)(const google::protobuf::Message& event,
                                 const EventMeta& meta) = nullptr;
};

template <Reactor R>
ReactorType ReactorTypeOf() {
  using Erased = internal::ReactsToEach<R, typename R::Event>;
  return {std::string(R::kReactor), Erased::Events(), &Erased::React};
}

}  // namespace holdfast::eventsourcing
