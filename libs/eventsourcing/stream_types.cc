#include "eventsourcing/stream_types.h"

#include <utility>

#include "eventsourcing/reaction_stream.h"

namespace holdfast::eventsourcing {

StreamTypes::StreamTypes(std::vector<StreamType> types) : types_(std::move(types)) {
  types_.push_back(StreamTypeOf<ReactionStream>());
  for (const StreamType& type : types_) {
    HOLDFAST_CHECK(by_kind_.emplace(type.kind, &type).second);
    for (const auto* command : type.commands)
      HOLDFAST_CHECK(by_command_.emplace(command, &type).second);
  }
  reactions_ = &types_.back();
}

const StreamType* StreamTypes::OfKind(std::string_view kind) const {
  const auto found = by_kind_.find(std::string(kind));
  return found == by_kind_.end() ? nullptr : found->second;
}

const StreamType* StreamTypes::OfCommand(const google::protobuf::Descriptor& command) const {
  const auto found = by_command_.find(&command);
  return found == by_command_.end() ? nullptr : found->second;
}

const StreamType* StreamTypes::OfStream(std::string_view stream) const {
  return OfKind(stream.substr(0, stream.find('/')));
}

}  // namespace holdfast::eventsourcing
