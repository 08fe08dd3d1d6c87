// Whose key seals a personal field: what the field's option says (class, key, of), read of the
// siblings that `of` names.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "eventsourcing/message_traits.h"
#include "security/key_vault.h"

namespace holdfast::journal::v1 {
class Commit;
class EventRecord;
class SealedField;
}  // namespace holdfast::journal::v1

namespace holdfast::eventsourcing {

// kInvalidArgument, naming the sibling, where it is empty; and where the value is none that can be
// sealed: already sealed, withheld, or too long.
absl::StatusOr<security::KeyOwner> OwnerOf(const PersonalPlace& place);

// Whether the siblings beside a sealed value name whom it was sealed for. True where the field's
// option names none that this message holds as text: a row may say it elsewhere.
bool NamesItsOwner(const PersonalPlace& place, const journal::v1::SealedField& sealed);

// Of every personal value in the message, each once.
absl::StatusOr<std::vector<security::KeyOwner>> OwnersIn(const google::protobuf::Message& message);

// The path of its first personal field that is set, empty where there is none.
std::string FirstPersonal(const google::protobuf::Message& message);

// The stored bytes of the event's own type.v1.Label; empty where it has none.
std::string LabelBytesOf(const google::protobuf::Message& event);

// Where the field stands: all that it is bound to.
void SetOrigin(const journal::v1::Commit& commit, const journal::v1::EventRecord& record,
               std::string_view context, journal::v1::SealedField& field);

}  // namespace holdfast::eventsourcing
