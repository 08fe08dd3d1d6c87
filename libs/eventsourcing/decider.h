// What a decider is: the pure functions of one kind of stream.
//
//   Decide(state, command, context) -> events, nothing (it is so already), or a refusal with its
//   reason Evolve(state, event)            -> the state with this fact remembered; a fact is a
//   fact, nothing is refused
//
// A decider type names its vocabulary and has one Decide for each command and one Evolve for each
// event:
//
//   struct Site {
//     static constexpr std::string_view kStream = "site";
//     using State = v1::SiteState;                               // protobuf messages, all of them
//     using Command = std::variant<v1::CreateSite, …>;            // field 1 of each names the
//     stream using Event = std::variant<v1::SiteCreated, …>; using Refusal = v1::Refusal; // with
//     enum Code, sentences as options using Decision = holdfast::Decision<Event, Refusal::Code>;
//     static Decision Decide(const State&, const v1::CreateSite&, const DecisionContext&);
//     static void Evolve(State&, const v1::SiteCreated&);
//   };
//   static_assert(Decider<Site>);
//
// Optional, found by their name:
//   static std::string StreamId(const C&)                where the id is derived from a natural
//   key, not given static void Resolve(C&, const Neighbours&)           fills `resolved` from other
//   streams of the same context,
//                                                        in the same turn; the tenant's chain
//                                                        proves nothing came between
//   static std::vector<DueAt> Due(const State&)          its timers
//   static std::optional<Command> OnDue(const State&, const DueAt&)   what a timer asks for
//   static std::vector<std::string> Tags(const State&)   what must be unique across streams; see
//   Facts::Unless
#pragma once

#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "tl/expected.hpp"

namespace google::protobuf {
class Message;
}

namespace holdfast {

// What a rule may know beside state and command.
struct DecisionContext {
  absl::Time now;        // of the actor's clock, never before the commit before
  absl::CivilDay today;  // in London
  std::string_view stream_id;
  std::string_view actor;   // pseudonymous reference of who asks
  std::string_view agency;  // on whose behalf
};

// "No other stream of this context holds this tag": one open episode per phase and zone, a
// reference used once. The actor evaluates it on its speculative index; if another stream holds the
// tag, the command is refused with `code`.
template <class Code>
struct Condition {
  std::string tag;
  Code code;
  std::string field;
};

// What a command brought about: any number of events. None means: it is so already, nothing is
// written.
template <class Event, class Code>
class Facts {
 public:
  Facts() = default;
  template <class E>
  requires std::constructible_from<Event, E&&> &&(!std::same_as<std::remove_cvref_t<E>, Facts>)
      Facts(E&& event) {  // NOLINT(google-explicit-constructor): a decision reads as its event
    events.emplace_back(std::forward<E>(event));
  }

  template <class E>
  Facts& Add(E&& event) & {
    events.emplace_back(std::forward<E>(event));
    return *this;
  }
  // Refused with `code` if another stream of the context holds `tag`.
  Facts& Unless(std::string tag, Code code, std::string field = "") & {
    conditions.push_back({std::move(tag), code, std::move(field)});
    return *this;
  }
  // A code in the receipt (and, by the rule's own doing, in the event).
  Facts& Warn(std::string code) & {
    warnings.push_back(std::move(code));
    return *this;
  }

  std::vector<Event> events;
  std::vector<Condition<Code>> conditions;
  std::vector<std::string> warnings;
};

// Why not: one reason or several; the first is the reason.
template <class Code>
struct Refused {
  struct Reason {
    Code code;
    std::string field;  // path in the command, may be empty
    std::string rule;   // what would have been right, in words; never the value given
  };
  std::vector<Reason> reasons;
};

template <class Event, class Code>
using Decision = tl::expected<Facts<Event, Code>, Refused<Code>>;

template <class Code>
tl::unexpected<Refused<Code>> Refuse(Code code, std::string field = "", std::string rule = "") {
  return tl::unexpected<Refused<Code>>(Refused<Code>{{{code, std::move(field), std::move(rule)}}});
}

template <class Code>
tl::unexpected<Refused<Code>> RefuseAll(Refused<Code> reasons) {
  return tl::unexpected<Refused<Code>>(std::move(reasons));
}

// A timer: `kind` names what is due, `at` when. The index of timers is exactly this of the current
// states.
struct DueAt {
  std::string kind;
  absl::Time at;
  friend bool operator==(const DueAt&, const DueAt&) = default;
};

// The other streams of the same context and tenant, as the actor sees them in this turn (accepted
// and in flight).
class Neighbours {
 public:
  virtual ~Neighbours() = default;
  // The state of "<kind>/<id>", null where the stream has no event. Valid during the call.
  virtual const google::protobuf::Message* Find(std::string_view kind,
                                                std::string_view id) const = 0;
  // The ids of the streams of that kind whose state holds the tag (see Tags), in order.
  virtual std::vector<std::string> Holding(std::string_view kind, std::string_view tag) const = 0;

  template <class Other>
  const typename Other::State* Find(std::string_view id) const {
    return static_cast<const typename Other::State*>(Find(Other::kStream, id));
  }
};

namespace internal {

template <class D, class C>
concept Decides = requires(const typename D::State& state, const C& command,
                           const DecisionContext& context) {
  { D::Decide(state, command, context) } -> std::same_as<typename D::Decision>;
};
template <class D, class E>
concept Evolves = requires(typename D::State& state, const E& event) {
  { D::Evolve(state, event) } -> std::same_as<void>;
};

template <class D, class Variant>
struct DecidesEach : std::false_type {};
template <class D, class... C>
struct DecidesEach<D, std::variant<C...>> : std::bool_constant<(Decides<D, C> && ...)> {};

template <class D, class Variant>
struct EvolvesEach : std::false_type {};
template <class D, class... E>
struct EvolvesEach<D, std::variant<E...>> : std::bool_constant<(Evolves<D, E> && ...)> {};

}  // namespace internal

// Every command decided, every event folded.
template <class D>
concept Decider = requires {
  { D::kStream } -> std::convertible_to<std::string_view>;
  typename D::State;
  typename D::Command;
  typename D::Event;
  typename D::Refusal;
  typename D::Decision;
}
&&internal::DecidesEach<D, typename D::Command>::value&&
    internal::EvolvesEach<D, typename D::Event>::value;

}  // namespace holdfast
