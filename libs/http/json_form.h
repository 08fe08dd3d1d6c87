// Whether a JSON text is the JSON form (canonical proto3) of a message, field by field.
//
// Protobuf's own parser says at most that something is wrong; this says where and which rule, for
// every field at once, and refuses what that parser takes: a field that is given twice.
#pragma once

#include <string_view>

#include "absl/status/status.h"

namespace google::protobuf {
class Descriptor;
}

namespace holdfast::http {

// Fields that the message does not have.
enum class UnknownFields { kRefused, kIgnored };

// OK, or kInvalidArgument naming every bad field by its path (reason UNKNOWN_FIELD where nothing
// else is wrong, else FIELD_INVALID). Values are never echoed.
absl::Status CheckJsonForm(std::string_view json, const google::protobuf::Descriptor& type,
                           UnknownFields unknown);

}  // namespace holdfast::http
