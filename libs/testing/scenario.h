// Given · When · Then: sentences about one decider, in the words of the business.
//
//   constexpr testing::GivenEventsOf<Intervention> Given;
//
//   TEST(Intervention, DoesNotStartWithoutEvidenceFromBefore) {
//     Given(CleanUpPlanned()).When(v1::StartIntervention()).ThenRefused(Refusal::NO_BEFORE_EVIDENCE);
//   }
//   TEST(Intervention, TakesTheSamePictureOnce) {
//     Given(CleanUpPlanned(), PhotoAttached()).When(AttachPhoto()).ThenNothingHappens();
//   }
//
// Between Given and When:
//   .At(time)               the clock (kSomeday: Monday 2 March 2026, 10:00 in London)
//   .By(actor, agency)      who asks, for whom ("someone", "police")
//   .With<Member>(id, …)    another stream: its events, or its state
//   .To(id)                 the stream, where the command does not name it
// When(command) decides, with `resolved` filled from the other streams and conditions checked on
// their tags, as the partition actor does it. WhenDue(kind) fires a timer instead. What follows may
// be chained.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <google/protobuf/message.h>

#include "absl/time/time.h"
#include "eventsourcing/decider.h"
#include "eventsourcing/stream_type.h"

namespace holdfast::testing {

// A message written as text: `v1::SiteCreated created = Text(R"pb(name: "Mill Lane")pb");`
// A text that does not parse ends the program, naming what is wrong.
class Text {
 public:
  explicit Text(std::string_view text) : text_(text) {}
  template <class M>
  requires std::is_base_of_v<google::protobuf::Message, M>
  operator M() const {  // NOLINT(google-explicit-constructor)
    M message;
    ParseInto(message);
    return message;
  }

 private:
  void ParseInto(google::protobuf::Message& message) const;
  std::string text_;
};

// Monday 2 March 2026, 10:00 in London.
inline constexpr absl::Time kSomeday = absl::FromUnixSeconds(1772445600);

namespace internal {

using Messages = std::vector<std::unique_ptr<google::protobuf::Message>>;

// A place in a test. (std::source_location is not there yet for the Clang of Debian 12.)
struct Place {
  const char* file = "";
  int line = 0;

  static constexpr Place Here(const char* file = __builtin_FILE(), int line = __builtin_LINE()) {
    return {file, line};
  }
};

// What happened: one decision, and where the sentence stands.
struct Happened {
  std::string what;  // the command, for failures
  eventsourcing::ErasedDecision decision;
  std::unique_ptr<google::protobuf::Message> state;  // after the events
  Place where;
};

void CheckEvents(const Happened& happened, const Messages& expected);
void CheckRefused(const Happened& happened, std::string_view reason, const std::string* field);
void CheckNothing(const Happened& happened);
void CheckWarns(const Happened& happened, std::string_view warning);
void CheckState(const Happened& happened, const google::protobuf::Message& expected);

// The scenario with its types erased.
class Stage {
 public:
  explicit Stage(eventsourcing::StreamType type);

  void Evolve(const google::protobuf::Message& event) { type_.evolve(*state_, event); }
  void SetNeighbour(const eventsourcing::StreamType& type, std::string id,
                    std::unique_ptr<google::protobuf::Message> state);
  google::protobuf::Message& NeighbourState(const eventsourcing::StreamType& type,
                                            const std::string& id);
  Happened Decide(std::unique_ptr<google::protobuf::Message> command, Place where);
  Happened Fire(std::string_view kind, Place where);

  absl::Time now = kSomeday;
  std::string actor = "someone";
  std::string agency = "police";
  std::string stream_id;
  const eventsourcing::StreamType& type() const { return type_; }
  const google::protobuf::Message& state() const { return *state_; }

 private:
  struct Neighbour {
    eventsourcing::StreamType type;
    std::unique_ptr<google::protobuf::Message> state;
  };
  class Street;

  eventsourcing::StreamType type_;
  std::unique_ptr<google::protobuf::Message> state_;
  std::map<std::pair<std::string, std::string>, Neighbour> neighbours_;  // by kind and id
};

}  // namespace internal

// Behind When: what is claimed of the outcome. Each may be followed by another.
template <class D>
class Outcome {
 public:
  explicit Outcome(internal::Happened happened) : happened_(std::move(happened)) {}

  // Exactly these events, in this order.
  template <class... E>
  const Outcome& Then(const E&... events) const {
    internal::Messages expected;
    (expected.push_back(std::unique_ptr<google::protobuf::Message>(new E(events))), ...);
    internal::CheckEvents(happened_, expected);
    return *this;
  }
  const Outcome& ThenRefused(typename D::Refusal::Code code) const {
    internal::CheckRefused(happened_, D::Refusal::Code_Name(code), nullptr);
    return *this;
  }
  // One of the reasons is this, about this field of the command.
  const Outcome& ThenRefused(typename D::Refusal::Code code, const std::string& field) const {
    internal::CheckRefused(happened_, D::Refusal::Code_Name(code), &field);
    return *this;
  }
  const Outcome& ThenNothingHappens() const {
    internal::CheckNothing(happened_);
    return *this;
  }
  // The receipt carries this warning: its name, or a value of an enumeration.
  const Outcome& ThenWarns(std::string_view warning) const {
    internal::CheckWarns(happened_, warning);
    return *this;
  }
  template <class Code>
  requires std::is_enum_v<Code>
  const Outcome& ThenWarns(Code code) const {
    const auto* value = google::protobuf::GetEnumDescriptor<Code>()->FindValueByNumber(code);
    internal::CheckWarns(happened_, value == nullptr ? "" : value->name());
    return *this;
  }
  const Outcome& ThenStateIs(const typename D::State& expected) const {
    internal::CheckState(happened_, expected);
    return *this;
  }
  // For what no sentence above says: the decision, and the state behind it.
  const eventsourcing::ErasedDecision& decision() const { return happened_.decision; }
  const typename D::State& state() const {
    return static_cast<const typename D::State&>(*happened_.state);
  }

 private:
  internal::Happened happened_;
};

template <Decider D>
class Scenario {
 public:
  Scenario() : stage_(eventsourcing::StreamTypeOf<D>()) {}

  Scenario&& At(absl::Time now) && {
    stage_.now = now;
    return std::move(*this);
  }
  Scenario&& By(std::string_view actor, std::string_view agency) && {
    stage_.actor = std::string(actor);
    stage_.agency = std::string(agency);
    return std::move(*this);
  }
  Scenario&& To(std::string_view stream_id) && {
    stage_.stream_id = std::string(stream_id);
    return std::move(*this);
  }
  template <Decider Other, class... Things>
  Scenario&& With(std::string_view id, const Things&... things) && {
    (Place<Other>(std::string(id), things), ...);
    return std::move(*this);
  }
  // More events of the stream itself.
  template <class... E>
  Scenario&& And(const E&... events) && {
    (stage_.Evolve(events), ...);
    return std::move(*this);
  }

  template <class C>
  Outcome<D> When(const C& command, internal::Place where = internal::Place::Here()) && {
    return Outcome<D>(stage_.Decide(std::make_unique<C>(command), where));
  }
  // The timer of this kind fires, at the time when it is due. Fails where none is.
  Outcome<D> WhenDue(std::string_view kind, internal::Place where = internal::Place::Here()) && {
    return Outcome<D>(stage_.Fire(kind, where));
  }

  std::vector<DueAt> Due() const { return stage_.type().due(stage_.state()); }
  std::vector<std::string> Tags() const { return stage_.type().tags(stage_.state()); }
  const typename D::State& state() const {
    return static_cast<const typename D::State&>(stage_.state());
  }

 private:
  template <Decider Other, class Thing>
  void Place(const std::string& id, const Thing& thing) {
    const eventsourcing::StreamType type = eventsourcing::StreamTypeOf<Other>();
    if constexpr (std::is_same_v<Thing, typename Other::State>) {
      stage_.SetNeighbour(type, id, std::make_unique<Thing>(thing));
    } else {
      type.evolve(stage_.NeighbourState(type, id), thing);
    }
  }

  internal::Stage stage_;
};

// A file of tests declares: constexpr testing::GivenEventsOf<Site> Given;
template <Decider D>
struct GivenEventsOf {
  template <class... E>
  Scenario<D> operator()(const E&... events) const {
    return Scenario<D>().And(events...);
  }
};

}  // namespace holdfast::testing
