// Samples of a message type, made by reflection: every field that it has, down to the last, filled
// in one of them.
#pragma once

#include <memory>
#include <set>
#include <string>
#include <vector>

namespace google::protobuf {
class Descriptor;
class Message;
}  // namespace google::protobuf

namespace holdfast::golden {

// The paths of all fields: "evidence.ref.system". A type within itself is followed once.
std::set<std::string> FieldsOf(const google::protobuf::Descriptor& type);
// Those that this message fills.
std::set<std::string> FieldsIn(const google::protobuf::Message& message);

// As many as it takes: of several members of a oneof each sample fills another.
std::vector<std::unique_ptr<google::protobuf::Message>> SamplesOf(
    const google::protobuf::Descriptor& type);

}  // namespace holdfast::golden
