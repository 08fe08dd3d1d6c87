// The stream types of one context, found by kind and by command. The stream of parked reactions is
// always among them.
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "eventsourcing/stream_type.h"

namespace holdfast::eventsourcing {

// Immutable, thread-safe. Two types that name one kind or one command are a programmer's error.
class StreamTypes {
 public:
  explicit StreamTypes(std::vector<StreamType> types);

  // Null where there is none.
  const StreamType* OfKind(std::string_view kind) const;
  const StreamType* OfCommand(const google::protobuf::Descriptor& command) const;
  // Of "<kind>/<id>".
  const StreamType* OfStream(std::string_view stream) const;
  const StreamType& reactions() const { return *reactions_; }
  const std::vector<StreamType>& all() const { return types_; }

 private:
  std::vector<StreamType> types_;
  std::unordered_map<std::string, const StreamType*> by_kind_;
  std::unordered_map<const google::protobuf::Descriptor*, const StreamType*> by_command_;
  const StreamType* reactions_ = nullptr;
};

}  // namespace holdfast::eventsourcing
