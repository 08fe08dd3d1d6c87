#include "rpc/grpc_body.h"

#include <vector>

#include <google/protobuf/message.h>
#include <grpcpp/impl/codegen/proto_utils.h>
#include <grpcpp/support/proto_buffer_reader.h>
#include <grpcpp/support/proto_buffer_writer.h>
#include <grpcpp/support/slice.h>

#include "rpc/door.h"

namespace holdfast::rpc {
namespace {

std::string Flat(const grpc::ByteBuffer& body) {
  std::vector<grpc::Slice> slices;
  std::string bytes;
  if (!body.Dump(&slices).ok()) return bytes;
  for (const grpc::Slice& slice : slices) {
    bytes.append(reinterpret_cast<const char*>(slice.begin()), slice.size());
  }
  return bytes;
}

}  // namespace

absl::Status ReadBody(const Door& door, const MethodPlan& method, const Admitted& call,
                      const grpc::ByteBuffer& body, google::protobuf::Message& into,
                      const grpc::CallbackServerContext& context) {
  // gRPC's reader wants it mutable, and only reads.
  grpc::ProtoBufferReader reader(const_cast<grpc::ByteBuffer*>(&body));
  return door.Read(
      method, call, reader, body.Length(), [&body] { return Flat(body); }, into, {},
      [&context] { return context.peer(); });
}

bool WriteBody(const google::protobuf::Message& message, grpc::ByteBuffer& body) {
  body.Clear();  // else the library aborts
  bool owned = false;
  return grpc::GenericSerialize<grpc::ProtoBufferWriter, google::protobuf::Message>(message, &body,
                                                                                    &owned)
      .ok();
}

}  // namespace holdfast::rpc
