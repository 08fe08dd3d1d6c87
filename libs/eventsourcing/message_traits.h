// What the options of a message's fields say that the engine must know.
#pragma once

#include <functional>
#include <string>

namespace google::protobuf {
class Descriptor;
class FieldDescriptor;
class Message;
}  // namespace google::protobuf

namespace holdfast::eventsourcing {

struct MessageTraits {
  bool personal = false;  // a field, here or below, is a type.v1.Personal
  bool resolved = false;  // a field, here or below, is filled by the door
};

// Thread-safe; computed once per type and thread.
const MessageTraits& TraitsOf(const google::protobuf::Descriptor& type);

// Calls `each(path, personal)` for every set type.v1.Personal in the message, in field order; path
// as in journal.v1.SealedField: "4[0].2".
void ForEachPersonal(
    google::protobuf::Message& message,
    const std::function<void(const std::string& path, google::protobuf::Message& personal)>& each);

// A set type.v1.Personal, and where it stands: `field` of `parent` holds it. Valid during the call.
struct PersonalPlace {
  const std::string& path;
  const google::protobuf::Message& parent;
  const google::protobuf::FieldDescriptor& field;
  google::protobuf::Message& personal;
};
void ForEachPersonalPlace(google::protobuf::Message& message,
                          const std::function<void(const PersonalPlace&)>& each);

// The message at that path, made where it is absent; null where the type has no such path.
google::protobuf::Message* AtPath(google::protobuf::Message& message, const std::string& path);

// Clears every field that the door fills.
void ClearResolved(google::protobuf::Message& message);

// Clears every type.v1.Personal.
void ClearPersonal(google::protobuf::Message& message);

}  // namespace holdfast::eventsourcing
