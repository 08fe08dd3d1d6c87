#include "replayed_tenant.h"

#include <algorithm>

#include "base/civil_time.h"

namespace holdfast::simulation {

using google::protobuf::Message;

std::string ReplayedTenant::Apply(const journal::v1::Commit& commit) {
  Stream& stream = by_name_[commit.stream()];
  if (stream.state == nullptr) {
    stream.type = streams_.OfStream(commit.stream());
    if (stream.type == nullptr) return "a stream of no known kind";
    stream.state.reset(stream.type->state_prototype->New());
  }
  if (commit.version() != ++stream.version) return "its version does not follow";
  for (const auto& record : commit.events()) {
    const auto* type =
        google::protobuf::DescriptorPool::generated_pool()->FindMessageTypeByName(record.type());
    if (type == nullptr) return "an event of no known type";
    const std::unique_ptr<Message> event(
        google::protobuf::MessageFactory::generated_factory()->GetPrototype(type)->New());
    if (!event->ParseFromString(record.payload())) return "an event that cannot be read";
    stream.type->evolve(*stream.state, *event);
  }
  return "";
}

ReplayedTenant::Said ReplayedTenant::Decide(const Message& command, absl::Time now) const {
  Said said;
  const eventsourcing::StreamType& type = *streams_.OfCommand(*command.GetDescriptor());
  const std::unique_ptr<Message> copy(command.New());
  copy->CopyFrom(command);
  const std::string id = type.stream_id(command);
  said.stream = type.kind + "/" + id;
  const DecisionContext context{now, LondonDay(now), id, "someone", "police"};
  const Message* state = Find(type.kind, id);
  eventsourcing::ErasedDecision decision =
      type.decide(state == nullptr ? *type.state_prototype : *state, *copy, context, *this);
  if (decision.refused) {
    said.refused = decision.reasons.front().reason;
    return said;
  }
  for (const auto& condition : decision.conditions) {
    if (!AnotherHolds(said.stream, condition.tag)) continue;
    said.refused = condition.otherwise.reason;
    return said;
  }
  said.events = std::move(decision.events);
  return said;
}

std::uint64_t ReplayedTenant::VersionOf(const std::string& stream) const {
  const auto found = by_name_.find(stream);
  return found == by_name_.end() ? 0 : found->second.version;
}

std::string ReplayedTenant::StateOf(const std::string& stream) const {
  const Message* state = MessageOf(stream);
  return state == nullptr ? "" : state->SerializeAsString();
}

const Message* ReplayedTenant::MessageOf(const std::string& stream) const {
  const auto found = by_name_.find(stream);
  return found == by_name_.end() ? nullptr : found->second.state.get();
}

std::vector<std::string> ReplayedTenant::OverdueAt(absl::Time now) const {
  std::vector<std::string> overdue;
  for (const auto& [name, stream] : by_name_) {
    for (const DueAt& due : stream.type->due(*stream.state)) {
      if (due.at < now) overdue.push_back(name + " " + due.kind);
    }
  }
  return overdue;
}

const Message* ReplayedTenant::Find(std::string_view kind, std::string_view id) const {
  return MessageOf(std::string(kind) + "/" + std::string(id));
}

std::vector<std::string> ReplayedTenant::Holding(std::string_view kind,
                                                 std::string_view tag) const {
  std::vector<std::string> ids;
  for (const auto& [name, stream] : by_name_) {
    if (stream.type->kind != kind) continue;
    const std::vector<std::string> tags = stream.type->tags(*stream.state);
    if (std::find(tags.begin(), tags.end(), tag) != tags.end())
      ids.push_back(name.substr(kind.size() + 1));
  }
  return ids;
}

bool ReplayedTenant::AnotherHolds(const std::string& stream, const std::string& tag) const {
  return std::any_of(by_name_.begin(), by_name_.end(), [&](const auto& entry) {
    if (entry.first == stream) return false;
    const std::vector<std::string> tags = entry.second.type->tags(*entry.second.state);
    return std::find(tags.begin(), tags.end(), tag) != tags.end();
  });
}

}  // namespace holdfast::simulation
