#include "testing/laws.h"

#include <algorithm>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "base/civil_time.h"

namespace holdfast::testing::internal {
namespace {

using eventsourcing::ErasedDecision;
using google::protobuf::Message;

class Nobody final : public Neighbours {
 public:
  const Message* Find(std::string_view, std::string_view) const override { return nullptr; }
  std::vector<std::string> Holding(std::string_view, std::string_view) const override { return {}; }
};

std::unique_ptr<Message> CopyOf(const Message& message) {
  std::unique_ptr<Message> copy(message.New());
  copy->CopyFrom(message);
  return copy;
}

class History {
 public:
  History(const eventsourcing::StreamType& type, const LawOptions& options, std::uint64_t number)
      : type_(type),
        neighbours_(options.neighbours == nullptr ? nobody_ : *options.neighbours),
        seed_(options.seed),
        number_(number),
        now_(options.now),
        state_(type.state_prototype->New()),
        stored_(type.state_prototype->New()) {}

  // False once a law was broken.
  bool Ask(const Message& command) {
    log_ += "  " + Line(command) + "\n";
    const ErasedDecision first = Decide(command);
    if (!Alike(first, Decide(command)))
      return Broken("decided alike: the same state and command gave other events");
    if (first.refused || first.events.empty()) return true;
    Evolve(first);
    if (state_->SerializeAsString() != stored_->SerializeAsString())
      return Broken("stored alike: the state of events read back is another");
    const ErasedDecision again = Decide(command);
    if (!again.refused && !again.events.empty())
      return Broken("asked twice: the second time brought about " + Line(*again.events.front()));
    return true;
  }

  bool FireTimers() {
    std::vector<DueAt> due = type_.due(*state_);
    std::sort(due.begin(), due.end(), [](const DueAt& a, const DueAt& b) { return a.at < b.at; });
    if (due.empty()) return true;
    const DueAt first = due.front();
    now_ = std::max(now_, first.at);
    const std::unique_ptr<Message> command = type_.on_due(*state_, first);
    log_ += "  timer " + first.kind + "\n";
    if (command == nullptr) return Broken("timers end: a due timer asks for no command");
    if (!Ask(*command)) return false;
    due = type_.due(*state_);
    if (std::find(due.begin(), due.end(), first) != due.end())
      return Broken("timers end: it fired, and is still due");
    return true;
  }

 private:
  static std::string Line(const Message& message) {
    return message.GetDescriptor()->name() + " { " + message.ShortDebugString() + " }";
  }

  ErasedDecision Decide(const Message& command) {
    const std::unique_ptr<Message> copy = CopyOf(command);
    const DecisionContext context{now_, LondonDay(now_), "1", "someone", "police"};
    return type_.decide(*state_, *copy, context, neighbours_);
  }

  static bool Alike(const ErasedDecision& a, const ErasedDecision& b) {
    return a.refused == b.refused &&
           std::equal(a.events.begin(), a.events.end(), b.events.begin(), b.events.end(),
                      [](const auto& x, const auto& y) {
                        return x->GetDescriptor() == y->GetDescriptor() &&
                               x->SerializeAsString() == y->SerializeAsString();
                      });
  }

  void Evolve(const ErasedDecision& decision) {
    for (const auto& event : decision.events) {
      type_.evolve(*state_, *event);
      const std::unique_ptr<Message> stored(event->New());
      stored->ParseFromString(event->SerializeAsString());
      type_.evolve(*stored_, *stored);
    }
    const std::string bytes = stored_->SerializeAsString();
    stored_->ParseFromString(bytes);
  }

  bool Broken(const std::string& law) {
    ADD_FAILURE() << type_.kind << ", seed " << seed_ << ", history " << number_ << ": " << law
                  << "\nafter\n"
                  << log_ << "in state " << state_->ShortDebugString();
    return false;
  }

  const eventsourcing::StreamType& type_;
  Nobody nobody_;
  const Neighbours& neighbours_;
  std::uint64_t seed_;
  std::uint64_t number_;
  absl::Time now_;
  std::unique_ptr<Message> state_;
  std::unique_ptr<Message> stored_;
  std::string log_;
};

}  // namespace

void CheckLaws(const eventsourcing::StreamType& type, const AnyCommand& any,
               const LawOptions& options) {
  SeededRandom random(options.seed);
  for (int i = 0; i < options.histories; ++i) {
    History history(type, options, static_cast<std::uint64_t>(i));
    for (int j = 0; j < options.commands; ++j) {
      const bool fine = random.Below(8) == 0 ? history.FireTimers() : history.Ask(*any(random));
      if (!fine) return;
    }
  }
}

}  // namespace holdfast::testing::internal
