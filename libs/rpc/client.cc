#include "rpc/client.h"

#include <utility>

#include <google/protobuf/message.h>
#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/impl/codegen/proto_utils.h>
#include <grpcpp/security/credentials.h>

#include "google/rpc/error.pb.h"

#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "absl/synchronization/notification.h"
#include "base/error.h"
#include "base/random.h"
#include "base/uuid.h"
#include "rpc/client_stream.h"
#include "rpc/grpc_status.h"

namespace holdfast::rpc {
namespace {

namespace pb = google::protobuf;

constexpr char kRetryInfo[] = "type.googleapis.com/google.rpc.RetryInfo";

std::optional<absl::Duration> RetryDelay(const absl::Status& status) {
  const auto payload = status.GetPayload(kRetryInfo);
  google::rpc::RetryInfo info;
  if (!payload || !info.ParseFromString(std::string(*payload))) return std::nullopt;
  return absl::Seconds(info.retry_delay().seconds()) +
         absl::Nanoseconds(info.retry_delay().nanos());
}

}  // namespace

std::shared_ptr<grpc::Channel> ConnectTo(const std::string& address) {
  grpc::ChannelArguments arguments;
  arguments.SetMaxReceiveMessageSize(64 << 20);
  // Local addresses never pass a proxy that the environment may name.
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  return grpc::CreateCustomChannel(address, grpc::InsecureChannelCredentials(), arguments);
}

struct Client::Impl {
  Impl(const std::shared_ptr<grpc::Channel>& to, TokenSource source)
      : channel(to), tokens(std::move(source)), stub(to) {}

  std::shared_ptr<grpc::Channel> channel;
  TokenSource tokens;
  grpc::TemplatedGenericStub<pb::Message, pb::Message> stub;

  void Fill(grpc::ClientContext& context, const CallOptions& options, absl::Time deadline) const {
    context.set_deadline(absl::ToChronoTime(deadline));
    const std::string token = options.token ? *options.token : tokens ? tokens() : "";
    if (!token.empty()) context.AddMetadata("authorization", absl::StrCat("Bearer ", token));
    if (!options.idempotency_key.empty()) {
      context.AddMetadata("idempotency-key", options.idempotency_key);
    }
    if (options.expected_version) {
      context.AddMetadata("holdfast-expected-version", absl::StrCat(*options.expected_version));
    }
    if (!options.traceparent.empty()) context.AddMetadata("traceparent", options.traceparent);
  }

  absl::Status CallOnce(const std::string& method, const pb::Message& request, pb::Message& answer,
                        const CallOptions& options, absl::Time deadline) {
    grpc::ClientContext context;
    Fill(context, options, deadline);
    grpc::Status ended;
    absl::Notification done;
    stub.UnaryCall(&context, method, {}, &request, &answer, [&](grpc::Status status) {
      ended = std::move(status);
      done.Notify();
    });
    done.WaitForNotification();
    return FromGrpc(ended);
  }
};

Client::Client(std::shared_ptr<grpc::Channel> channel, TokenSource tokens)
    : impl_(std::make_unique<Impl>(channel, std::move(tokens))) {}
Client::Client(Client&&) noexcept = default;
Client::~Client() = default;

absl::Status Client::Call(const std::string& method, const pb::Message& request,
                          pb::Message& answer, CallOptions options) {
  const absl::Time deadline = absl::Now() + options.timeout;
  if (options.idempotency_key.empty()) {
    options.idempotency_key = ToString(NewUuidV4(SystemRandom()));
  }
  for (int attempt = 0;; ++attempt) {
    absl::Status ended = impl_->CallOnce(method, request, answer, options, deadline);
    const std::optional<absl::Duration> delay = RetryDelay(ended);
    if (ended.ok() || !delay || attempt >= options.max_retries ||
        absl::Now() + *delay >= deadline) {
      return ended;
    }
    absl::SleepFor(*delay);
  }
}

void Client::Start(const std::string& method, const pb::Message& request, pb::Message& answer,
                   const CallOptions& options, absl::AnyInvocable<void(absl::Status)> done) {
  struct InFlight {
    grpc::ClientContext context;
    absl::AnyInvocable<void(absl::Status)> done;
  };
  auto call = std::make_shared<InFlight>();
  call->done = std::move(done);
  impl_->Fill(call->context, options, absl::Now() + options.timeout);
  impl_->stub.UnaryCall(&call->context, method, {}, &request, &answer,
                        [call](const grpc::Status& status) { call->done(FromGrpc(status)); });
}

std::unique_ptr<Upload> Client::OpenUpload(const std::string& method, const CallOptions& options) {
  auto context = std::make_unique<grpc::ClientContext>();
  impl_->Fill(*context, options, absl::Now() + options.timeout);
  return StartUpload(impl_->channel, method, std::move(context));
}

std::unique_ptr<Watch> Client::OpenWatch(const std::string& method, const pb::Message& request,
                                         const CallOptions& options) {
  auto context = std::make_unique<grpc::ClientContext>();
  impl_->Fill(*context, options, absl::Now() + options.timeout);
  return StartWatch(impl_->channel, method, request, std::move(context));
}

std::unique_ptr<Exchange> Client::OpenExchange(const std::string& method,
                                               const CallOptions& options) {
  auto context = std::make_unique<grpc::ClientContext>();
  impl_->Fill(*context, options, absl::Now() + options.timeout);
  return StartExchange(impl_->channel, method, std::move(context));
}

}  // namespace holdfast::rpc
