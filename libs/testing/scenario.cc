#include "testing/scenario.h"

#include <algorithm>
#include <sstream>

#include <google/protobuf/io/tokenizer.h>
#include <google/protobuf/text_format.h>
#include <google/protobuf/util/message_differencer.h>
#include <gtest/gtest.h>

#include "base/check.h"
#include "base/civil_time.h"

namespace holdfast::testing {
namespace {

using google::protobuf::Message;
using google::protobuf::util::MessageDifferencer;

std::string Print(const Message& message) {
  std::string text;
  google::protobuf::TextFormat::Printer printer;
  printer.SetSingleLineMode(true);
  printer.PrintToString(message, &text);
  return message.GetDescriptor()->name() + " { " + text + "}";
}

std::string Print(const internal::Messages& events) {
  if (events.empty()) return "  nothing\n";
  std::string out;
  for (const auto& event : events) out += "  " + Print(*event) + "\n";
  return out;
}

std::string Print(const eventsourcing::ErasedDecision& decision) {
  if (!decision.refused) return Print(decision.events);
  std::string out = "  refused:";
  for (const auto& reason : decision.reasons) {
    out += " " + reason.reason + (reason.field.empty() ? "" : " (" + reason.field + ")");
  }
  return out + "\n";
}

// Empty where they are equal.
std::string Difference(const Message& expected, const Message& actual) {
  if (expected.GetDescriptor() != actual.GetDescriptor()) {
    return "is a " + actual.GetDescriptor()->name() + ", not a " +
           expected.GetDescriptor()->name() + "\n";
  }
  std::string report;
  MessageDifferencer differencer;
  differencer.ReportDifferencesToString(&report);
  return differencer.Compare(expected, actual) ? "" : report;
}

void Fail(const internal::Happened& happened, const std::string& claim) {
  ADD_FAILURE_AT(happened.where.file, happened.where.line) << "when " << happened.what << "\n"
                                                           << claim << "but there came\n"
                                                           << Print(happened.decision);
}

}  // namespace

void Text::ParseInto(Message& message) const {
  struct Collector : google::protobuf::io::ErrorCollector {
    void AddError(int line, int column, const std::string& what) override {
      out << "line " << line + 1 << ", column " << column + 1 << ": " << what << "\n";
    }
    std::ostringstream out;
  } collector;
  google::protobuf::TextFormat::Parser parser;
  parser.RecordErrorsTo(&collector);
  if (parser.ParseFromString(text_, &message)) return;
  ADD_FAILURE() << "not a " << message.GetTypeName() << ":\n"
                << text_ << "\n"
                << collector.out.str();
  HOLDFAST_CHECK(false && "Text(...) does not parse; see above");
}

namespace internal {

// The other streams, as the actor would show them.
class Stage::Street final : public Neighbours {
 public:
  explicit Street(const Stage& stage) : stage_(stage) {}

  using Neighbours::Find;
  const Message* Find(std::string_view kind, std::string_view id) const override {
    if (kind == stage_.type_.kind && id == stage_.stream_id) return stage_.state_.get();
    const auto found = stage_.neighbours_.find({std::string(kind), std::string(id)});
    return found == stage_.neighbours_.end() ? nullptr : found->second.state.get();
  }

  std::vector<std::string> Holding(std::string_view kind, std::string_view tag) const override {
    std::vector<std::string> ids;
    if (kind == stage_.type_.kind && Holds(stage_.type_, *stage_.state_, tag))
      ids.push_back(stage_.stream_id);
    for (const auto& [key, neighbour] : stage_.neighbours_) {
      if (key.first == kind && Holds(neighbour.type, *neighbour.state, tag))
        ids.push_back(key.second);
    }
    std::sort(ids.begin(), ids.end());
    return ids;
  }

  bool AnotherHolds(std::string_view tag) const {
    return std::any_of(stage_.neighbours_.begin(), stage_.neighbours_.end(), [&](const auto& it) {
      const auto& [key, neighbour] = it;
      const bool self = key.first == stage_.type_.kind && key.second == stage_.stream_id;
      return !self && Holds(neighbour.type, *neighbour.state, tag);
    });
  }

 private:
  static bool Holds(const eventsourcing::StreamType& type, const Message& state,
                    std::string_view tag) {
    const std::vector<std::string> tags = type.tags(state);
    return std::find(tags.begin(), tags.end(), tag) != tags.end();
  }
  const Stage& stage_;
};

Stage::Stage(eventsourcing::StreamType type)
    : type_(std::move(type)), state_(type_.state_prototype->New()) {}

void Stage::SetNeighbour(const eventsourcing::StreamType& type, std::string id,
                         std::unique_ptr<Message> state) {
  neighbours_[{type.kind, std::move(id)}] = {type, std::move(state)};
}

Message& Stage::NeighbourState(const eventsourcing::StreamType& type, const std::string& id) {
  Neighbour& neighbour = neighbours_[{type.kind, id}];
  if (neighbour.state == nullptr) {
    neighbour.type = type;
    neighbour.state.reset(type.state_prototype->New());
  }
  return *neighbour.state;
}

Happened Stage::Decide(std::unique_ptr<Message> command, Place where) {
  Happened happened;
  happened.what = Print(*command);
  happened.where = where;
  if (stream_id.empty()) stream_id = type_.stream_id(*command);
  if (stream_id.empty()) stream_id = "1";
  const DecisionContext context{now, LondonDay(now), stream_id, actor, agency};
  const Street street(*this);
  happened.decision = type_.decide(*state_, *command, context, street);
  if (!happened.decision.refused) {
    for (auto& condition : happened.decision.conditions) {
      if (!street.AnotherHolds(condition.tag)) continue;
      happened.decision.refused = true;
      happened.decision.events.clear();
      happened.decision.reasons = {std::move(condition.otherwise)};
      break;
    }
  }
  happened.state.reset(state_->New());
  happened.state->CopyFrom(*state_);
  for (const auto& event : happened.decision.events) type_.evolve(*happened.state, *event);
  return happened;
}

Happened Stage::Fire(std::string_view kind, Place where) {
  for (const DueAt& due : type_.due(*state_)) {
    if (due.kind != kind) continue;
    now = std::max(now, due.at);
    if (stream_id.empty()) stream_id = "1";
    std::unique_ptr<Message> command = type_.on_due(*state_, due);
    if (command != nullptr) return Decide(std::move(command), where);
  }
  ADD_FAILURE_AT(where.file, where.line) << "no timer \"" << kind << "\" is due here";
  Happened nothing;
  nothing.what = "timer " + std::string(kind);
  nothing.where = where;
  nothing.state.reset(state_->New());
  return nothing;
}

void CheckEvents(const Happened& happened, const Messages& expected) {
  const auto& events = happened.decision.events;
  bool same = !happened.decision.refused && events.size() == expected.size();
  std::string differences;
  for (std::size_t i = 0; same && i < expected.size(); ++i) {
    differences += Difference(*expected[i], *events[i]);
  }
  same = same && differences.empty();
  if (same) return;
  Fail(happened,
       "then\n" + Print(expected) + (differences.empty() ? "" : "differences:\n" + differences));
}

void CheckRefused(const Happened& happened, std::string_view reason, const std::string* field) {
  const auto matches = [&](const eventsourcing::RefusalReason& given) {
    return given.reason == reason && (field == nullptr || given.field == *field);
  };
  const auto& reasons = happened.decision.reasons;
  if (happened.decision.refused && std::any_of(reasons.begin(), reasons.end(), matches)) {
    if (reasons.front().sentence.empty())
      Fail(happened, "then refused with a sentence (option `sentence` of the code)\n");
    return;
  }
  Fail(happened, "then refused: " + std::string(reason) +
                     (field == nullptr ? "" : " (" + *field + ")") + "\n");
}

void CheckNothing(const Happened& happened) {
  if (happened.decision.refused || !happened.decision.events.empty())
    Fail(happened, "then nothing happens\n");
}

void CheckWarns(const Happened& happened, std::string_view warning) {
  const auto& warnings = happened.decision.warnings;
  if (happened.decision.refused ||
      std::find(warnings.begin(), warnings.end(), warning) == warnings.end()) {
    std::string found;
    for (const std::string& other : warnings) found += " " + other;
    Fail(happened, "then warns: " + std::string(warning) + " (warnings:" + found + ")\n");
  }
}

void CheckState(const Happened& happened, const Message& expected) {
  const std::string difference = Difference(expected, *happened.state);
  if (!difference.empty()) Fail(happened, "then the state is otherwise:\n" + difference);
}

}  // namespace internal
}  // namespace holdfast::testing
