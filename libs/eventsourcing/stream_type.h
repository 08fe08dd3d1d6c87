// A decider with its types erased: what the partition actor decides and folds with.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include <google/protobuf/descriptor.h>
#include <google/protobuf/generated_enum_reflection.h>
#include <google/protobuf/message.h>

#include "base/check.h"
#include "eventsourcing/decider.h"

namespace holdfast::eventsourcing {

// A refusal, erased: `reason` is the enumeration name (ErrorInfo.reason, on the wire), `sentence`
// what to do.
struct RefusalReason {
  std::string reason;
  std::string sentence;
  std::string field;
  std::string rule;
};

struct ErasedCondition {
  std::string tag;
  RefusalReason otherwise;
};

struct ErasedDecision {
  bool refused = false;
  std::vector<RefusalReason> reasons;                              // if refused
  std::vector<std::unique_ptr<google::protobuf::Message>> events;  // else; none: already so
  std::vector<ErasedCondition> conditions;
  std::vector<std::string> warnings;
};

struct StreamType {
  std::string kind;                                            // "site"
  std::string context;                                         // "initiative"
  const google::protobuf::Message* state_prototype = nullptr;  // lives as long as the program
  std::vector<const google::protobuf::Descriptor*> commands;
  std::vector<const google::protobuf::Descriptor*> events;
  // The enumeration of refusals, with a sentence for each value.
  const google::protobuf::EnumDescriptor* refusals = nullptr;

  // `command` is of one of `commands`; its `resolved` is filled in place.
  ErasedDecision (*decide)(const google::protobuf::Message& state,
                           google::protobuf::Message& command, const DecisionContext& context,
                           const Neighbours& neighbours) = nullptr;
  // `event` is of one of `events`, `state` of the state's type.
  void (*evolve)(google::protobuf::Message& state,
                 const google::protobuf::Message& event) = nullptr;
  // The id of the stream that the command addresses: derived, else its field 1; empty where the
  // client left it to us.
  std::string (*stream_id)(const google::protobuf::Message& command) = nullptr;
  std::vector<DueAt> (*due)(const google::protobuf::Message& state) = nullptr;
  // Null unless a timer of this kind asks for a command now.
  std::unique_ptr<google::protobuf::Message> (*on_due)(const google::protobuf::Message& state,
                                                       const DueAt& due) = nullptr;
  std::vector<std::string> (*tags)(const google::protobuf::Message& state) = nullptr;
};

// "holdfast.initiative.v1" -> "initiative".
std::string ContextOf(const google::protobuf::Descriptor& message);
// The value of field 1 where it is a string, else empty.
std::string FirstField(const google::protobuf::Message& command);
// Sets field 1 (a string): the id that the door drew for a new stream.
void SetFirstField(google::protobuf::Message& command, std::string_view id);
// The option `sentence` of an enumeration value.
std::string SentenceOf(const google::protobuf::EnumDescriptor& refusals, int code);

namespace internal {

template <class D, class CommandVariant, class EventVariant>
struct ErasedStream;

template <class D, class... C, class... E>
struct ErasedStream<D, std::variant<C...>, std::variant<E...>> {
  using Message = google::protobuf::Message;
  using State = typename D::State;
  using Code = typename D::Refusal::Code;

  static RefusalReason Reason(Code code, std::string field, std::string rule) {
    const auto* descriptor = google::protobuf::GetEnumDescriptor<Code>();
    const auto* value = descriptor->FindValueByNumber(code);
    HOLDFAST_CHECK(value != nullptr);
    return {value->name(), SentenceOf(*descriptor, code), std::move(field), std::move(rule)};
  }

  static ErasedDecision Erase(typename D::Decision decision) {
    ErasedDecision out;
    if (!decision.has_value()) {
      out.refused = true;
      for (auto& reason : decision.error().reasons) {
        out.reasons.push_back(Reason(reason.code, std::move(reason.field), std::move(reason.rule)));
      }
      return out;
    }
    for (auto& event : decision->events) {
      std::visit([&out]<class Fact>(
                     Fact& fact) { out.events.push_back(std::make_unique<Fact>(std::move(fact))); },
                 event);
    }
    for (auto& condition : decision->conditions) {
      out.conditions.push_back(
          {std::move(condition.tag), Reason(condition.code, std::move(condition.field), "")});
    }
    out.warnings = std::move(decision->warnings);
    return out;
  }

  template <class Command>
  static ErasedDecision DecideOne(const State& state, Command& command,
                                  const DecisionContext& context, const Neighbours& neighbours) {
    if constexpr (requires { D::Resolve(command, neighbours); }) {
      D::Resolve(command, neighbours);
    }
    return Erase(D::Decide(state, std::as_const(command), context));
  }

  static ErasedDecision Decide(const Message& state, Message& command,
                               const DecisionContext& context, const Neighbours& neighbours) {
    ErasedDecision out;
    const bool found = ((command.GetDescriptor() == C::descriptor() &&
                         (out = DecideOne(static_cast<const State&>(state),
                                          static_cast<C&>(command), context, neighbours),
                          true)) ||
                        ...);
    HOLDFAST_CHECK(found);
    return out;
  }

  static void Evolve(Message& state, const Message& event) {
    const bool found =
        ((event.GetDescriptor() == E::descriptor() &&
          (D::Evolve(static_cast<State&>(state), static_cast<const E&>(event)), true)) ||
         ...);
    HOLDFAST_CHECK(found);
  }

  template <class Command>
  static std::string IdOfOne(const Command& command) {
    if constexpr (requires {
                    { D::StreamId(command) } -> std::convertible_to<std::string>;
                  }) {
      return D::StreamId(command);
    } else {
      return FirstField(command);
    }
  }

  static std::string StreamId(const Message& command) {
    std::string id;
    const bool found = ((command.GetDescriptor() == C::descriptor() &&
                         (id = IdOfOne(static_cast<const C&>(command)), true)) ||
                        ...);
    HOLDFAST_CHECK(found);
    return id;
  }

  static std::vector<DueAt> Due(const Message& state) {
    if constexpr (requires(const State& s) { D::Due(s); }) {
      return D::Due(static_cast<const State&>(state));
    } else {
      return {};
    }
  }

  static std::unique_ptr<Message> OnDue(const Message& state, const DueAt& due) {
    if constexpr (requires(const State& s) { D::OnDue(s, due); }) {
      auto command = D::OnDue(static_cast<const State&>(state), due);
      if (!command) return nullptr;
      return std::visit(
          []<class Command>(Command& c) -> std::unique_ptr<Message> {
            return std::make_unique<Command>(std::move(c));
          },
          *command);
    } else {
      return nullptr;
    }
  }

  static std::vector<std::string> Tags(const Message& state) {
    if constexpr (requires(const State& s) { D::Tags(s); }) {
      return D::Tags(static_cast<const State&>(state));
    } else {
      return {};
    }
  }

  static StreamType Make() {
    StreamType type;
    type.kind = std::string(D::kStream);
    type.state_prototype = &State::default_instance();
    type.commands = {C::descriptor()...};
    type.events = {E::descriptor()...};
    type.context = ContextOf(*type.events.front());
    type.refusals = google::protobuf::GetEnumDescriptor<Code>();
    type.decide = &Decide;
    type.evolve = &Evolve;
    type.stream_id = &StreamId;
    type.due = &Due;
    type.on_due = &OnDue;
    type.tags = &Tags;
    return type;
  }
};

}  // namespace internal

template <Decider D>
StreamType StreamTypeOf() {
  return internal::ErasedStream<D, typename D::Command, typename D::Event>::Make();
}

}  // namespace holdfast::eventsourcing
