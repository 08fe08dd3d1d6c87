// Why bytes could not be read as a message: for people who have to correct what they sent.
#pragma once

#include <string_view>

#include "base/error.h"

namespace google::protobuf {
class Descriptor;
}

namespace holdfast::rpc {

// How deep messages may stand in each other.
inline constexpr int kMaxDepth = 32;

// Bytes that protobuf refused to parse as `type`: the path of the first field at fault and the
// rule. The path begins with `within`; where that is empty and the bytes are no message at all, it
// is "request".
FieldViolation FindWireFault(const google::protobuf::Descriptor& type, std::string_view bytes,
                             std::string_view within = {});

}  // namespace holdfast::rpc
