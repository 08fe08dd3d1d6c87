// Messages in gRPC's buffers. For the files of this room that speak gRPC.
#pragma once

#include <string>

#include <grpcpp/server_context.h>
#include <grpcpp/support/byte_buffer.h>

#include "absl/status/status.h"

namespace google::protobuf {
class Message;
}

namespace holdfast::rpc {

class Door;
struct Admitted;
struct MethodPlan;

// Parses and checks by the door; `context` is the call's.
absl::Status ReadBody(const Door& door, const MethodPlan& method, const Admitted& call,
                      const grpc::ByteBuffer& body, google::protobuf::Message& into,
                      const grpc::CallbackServerContext& context);

// False where the message cannot be serialised (larger than 2 GiB).
bool WriteBody(const google::protobuf::Message& message, grpc::ByteBuffer& body);

}  // namespace holdfast::rpc
