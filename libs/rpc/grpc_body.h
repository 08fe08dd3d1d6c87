// Messages in gRPC's buffers. For the files of this room that speak gRPC.
#pragma once

#include <string>

#include <grpcpp/support/byte_buffer.h>

#include "absl/status/status.h"

namespace google::protobuf {
class Message;
}

namespace holdfast::rpc {

class Door;
struct MethodPlan;

// Parses and checks by the door.
absl::Status ReadBody(const Door& door, const MethodPlan& method, const grpc::ByteBuffer& body,
                      google::protobuf::Message& into);

// False where the message cannot be serialised (larger than 2 GiB).
bool WriteBody(const google::protobuf::Message& message, grpc::ByteBuffer& body);

}  // namespace holdfast::rpc
