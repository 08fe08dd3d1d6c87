#include "echo_server.h"

#include <utility>

#include <google/protobuf/message.h>
#include <grpcpp/impl/codegen/proto_utils.h>
#include <grpcpp/impl/codegen/rpc_service_method.h>
#include <grpcpp/impl/codegen/server_callback_handlers.h>
#include <grpcpp/impl/codegen/service_type.h>
#include <grpcpp/security/server_credentials.h>
#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>
#include <grpcpp/support/byte_buffer.h>
#include <grpcpp/support/proto_buffer_reader.h>
#include <grpcpp/support/proto_buffer_writer.h>

#include "absl/strings/str_cat.h"

namespace holdfast::bench {
namespace {

namespace pb = google::protobuf;
using Bytes = grpc::ByteBuffer;

// The same raw callback API as libs/rpc.
class EchoService final : public grpc::Service {
 public:
  EchoService(std::string method, const pb::Message& request, const pb::Message& answer)
      : method_(std::move(method)), request_(request.New()), answer_(answer.New()) {
    answer_->CopyFrom(answer);
    AddMethod(new grpc::internal::RpcServiceMethod(method_.c_str(),
                                                   grpc::internal::RpcMethod::NORMAL_RPC, nullptr));
    MarkMethodRawCallback(0, new grpc::internal::CallbackUnaryHandler<Bytes, Bytes>(
                                 [this](grpc::CallbackServerContext* context, const Bytes* in,
                                        Bytes* out) { return Answer(*context, *in, *out); }));
  }

 private:
  grpc::ServerUnaryReactor* Answer(grpc::CallbackServerContext& context, const Bytes& in,
                                   Bytes& out) const {
    grpc::ServerUnaryReactor* reactor = context.DefaultReactor();
    const std::unique_ptr<pb::Message> request(request_->New());
    Bytes body = in;
    grpc::ProtoBufferReader reader(&body);
    if (!request->ParseFromZeroCopyStream(&reader)) {
      reactor->Finish({grpc::StatusCode::INVALID_ARGUMENT, "no such message"});
      return reactor;
    }
    bool own = false;
    out.Clear();
    reactor->Finish(
        grpc::GenericSerialize<grpc::ProtoBufferWriter, pb::Message>(*answer_, &out, &own));
    return reactor;
  }

  const std::string method_;
  const std::unique_ptr<pb::Message> request_;
  const std::unique_ptr<pb::Message> answer_;
};

class RunningEcho final : public EchoServer {
 public:
  RunningEcho(std::unique_ptr<EchoService> service, std::unique_ptr<grpc::Server> server, int port)
      : service_(std::move(service)), server_(std::move(server)), port_(port) {}
  ~RunningEcho() override { server_->Shutdown(); }
  std::string address() const override { return absl::StrCat("127.0.0.1:", port_); }

 private:
  const std::unique_ptr<EchoService> service_;
  const std::unique_ptr<grpc::Server> server_;
  const int port_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<EchoServer>> EchoServer::Start(const std::string& method,
                                                              const pb::Message& request,
                                                              const pb::Message& answer) {
  auto service = std::make_unique<EchoService>(method, request, answer);
  int port = 0;
  grpc::ServerBuilder builder;
  builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
  builder.RegisterService(service.get());
  std::unique_ptr<grpc::Server> server = builder.BuildAndStart();
  if (server == nullptr || port == 0) return absl::UnavailableError("the echo server has no port");
  return std::make_unique<RunningEcho>(std::move(service), std::move(server), port);
}

}  // namespace holdfast::bench
