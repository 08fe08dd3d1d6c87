#include "rpc/client.h"

#include <algorithm>
#include <deque>
#include <map>
#include <utility>
#include <vector>

#include <google/protobuf/message.h>
#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/impl/codegen/proto_utils.h>
#include <grpcpp/security/credentials.h>

#include "google/rpc/error.pb.h"

#include "absl/base/thread_annotations.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "absl/synchronization/notification.h"
#include "base/error.h"
#include "base/random.h"
#include "base/uuid.h"
#include "rpc/client_stream.h"
#include "rpc/grpc_status.h"
#include "rpc/routes.h"
#include "rpc/transport_security.h"

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
  // An instance that hangs keeps its connections: while a call waits, it is asked whether it lives,
  // so that the call fails (UNAVAILABLE) and can go to another one. Unlimited pings: after two
  // without data gRPC would stop asking. The server takes one every 5 s (server.cc).
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, 10'000);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, 5'000);
  arguments.SetInt(GRPC_ARG_HTTP2_MAX_PINGS_WITHOUT_DATA, 0);
  // Local addresses never pass a proxy that the environment may name.
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  return grpc::CreateCustomChannel(address, grpc::InsecureChannelCredentials(), arguments);
}

namespace {

// One instance of a service.
struct Door {
  explicit Door(std::string at, std::shared_ptr<grpc::Channel> to)
      : address(std::move(at)), channel(std::move(to)), stub(channel) {}
  const std::string address;
  const std::shared_ptr<grpc::Channel> channel;
  grpc::TemplatedGenericStub<pb::Message, pb::Message> stub;
};

std::string OwnerOf(const absl::Status& status) {
  google::rpc::ErrorInfo info;
  const auto payload = status.GetPayload("type.googleapis.com/google.rpc.ErrorInfo");
  if (!payload || !info.ParseFromString(std::string(*payload))) return "";
  const auto owner = info.metadata().find("owner");
  return owner == info.metadata().end() ? "" : owner->second;
}

// A unary call that nobody here cancelled was cancelled by a server that ended: what became of it
// is not known, and it is asked again.
absl::Status ToldBy(const grpc::Status& ended) {
  absl::Status told = FromGrpc(ended);
  if (!absl::IsCancelled(told) || !ReasonOf(told).empty()) return told;
  return WithRetry(absl::UnavailableError("the process ended before it answered"),
                   absl::Milliseconds(200));
}

// Another instance may do better: this one is away, or says that it is not the one.
bool IsElsewhere(const absl::Status& status) {
  if (!absl::IsUnavailable(status)) return false;
  const std::string reason = ReasonOf(status);
  return reason.empty() || reason == "NOT_OWNER" || reason == "DRAINING" || reason == "NOT_READY";
}

}  // namespace

struct Client::Impl {
  Impl(std::shared_ptr<grpc::Channel> to, TokenSource source) : tokens(std::move(source)) {
    doors.push_back(std::make_unique<Door>("", std::move(to)));
  }
  Impl(const Routes& given, TokenSource source, const TransportSecurity* security)
      : routes(given), tokens(std::move(source)) {
    for (const std::string& address : routes->All()) {
      doors.push_back(std::make_unique<Door>(
          address, security == nullptr ? ConnectTo(address) : ConnectTo(address, *security)));
    }
  }

  // The tries of one call: each instance of the service once.
  class Tries {
   public:
    Tries(Impl& impl, std::string_view method, const CallOptions& options, std::string_view token)
        : impl_(impl) {
      if (!impl.routes) {
        doors_ = {impl.doors.front().get()};
        return;
      }
      const std::vector<std::string>& addresses = impl.routes->Of(
          options.at_service.empty() ? method
                                     : absl::StrCat("/holdfast.", options.at_service, "."));
      for (const std::string& address : addresses) doors_.push_back(impl.DoorAt(address));
      if (doors_.size() == 1) return;
      key_ = absl::StrCat(addresses.front(), " ", absl::string_view(token.data(), token.size()));
      const absl::MutexLock lock(&impl.mutex);
      const auto found = impl.last.find(key_);
      if (found != impl.last.end()) Prefer(found->second);
    }

    Door& door() const { return *doors_[at_]; }

    // True where another instance is to be tried with the same call.
    bool Follow(const absl::Status& ended) {
      if (!IsElsewhere(ended)) {
        Remember();
        return false;
      }
      if (RetryDelay(ended)) asks_again_ = ended;
      if (at_ + 1 >= doors_.size()) return false;
      ++at_;
      if (const std::string owner = OwnerOf(ended); !owner.empty()) {
        for (std::size_t i = at_; i < doors_.size(); ++i) {
          if (doors_[i]->address == owner) std::swap(doors_[at_], doors_[i]);
        }
      }
      return true;
    }

    // What the call comes to. That one instance asks for patience counts more than that the one it
    // names cannot be reached: it has just ended, and a standby is about to take over.
    absl::Status Outcome(absl::Status last) const {
      if (asks_again_.ok() || !IsElsewhere(last) || RetryDelay(last)) return last;
      return asks_again_;
    }

    void Remember() {
      if (key_.empty()) return;
      const absl::MutexLock lock(&impl_.mutex);
      if (impl_.last.size() > kRemembered) impl_.last.clear();
      impl_.last[key_] = doors_[at_];
    }

   private:
    void Prefer(Door* door) {
      const auto at = std::find(doors_.begin(), doors_.end(), door);
      if (at != doors_.end()) std::iter_swap(doors_.begin(), at);
    }

    Impl& impl_;
    std::vector<Door*> doors_;
    std::size_t at_ = 0;
    std::string key_;          // empty: there is no choice
    absl::Status asks_again_;  // of the last instance that did; OK: none did
  };

  Door* DoorAt(const std::string& address) {
    const auto found = std::find_if(doors.begin(), doors.end(),
                                    [&](const auto& door) { return door->address == address; });
    return found->get();
  }

  std::string TokenOf(const CallOptions& options) const {
    return options.token ? *options.token : tokens ? tokens() : "";
  }

  static void Fill(grpc::ClientContext& context, const CallOptions& options, absl::Time deadline,
                   const std::string& token) {
    context.set_deadline(absl::ToChronoTime(deadline));
    if (!token.empty()) context.AddMetadata("authorization", absl::StrCat("Bearer ", token));
    if (!options.idempotency_key.empty()) {
      context.AddMetadata("idempotency-key", options.idempotency_key);
    }
    if (options.expected_version) {
      context.AddMetadata("holdfast-expected-version", absl::StrCat(*options.expected_version));
    }
    if (!options.traceparent.empty()) context.AddMetadata("traceparent", options.traceparent);
    if (!options.purpose.empty()) context.AddMetadata("holdfast-purpose", options.purpose);
    if (!options.justification.empty()) {
      context.AddMetadata("holdfast-justification-bin", options.justification);
    }
    if (options.break_glass) context.AddMetadata("holdfast-break-glass", "1");
  }

  absl::Status CallOnce(const std::string& method, const pb::Message& request, pb::Message& answer,
                        const CallOptions& options, absl::Time deadline) {
    const std::string token = TokenOf(options);
    Tries tries(*this, method, options, token);
    while (true) {
      grpc::ClientContext context;
      Fill(context, options, deadline, token);
      grpc::Status ended;
      absl::Notification done;
      tries.door().stub.UnaryCall(&context, method, {}, &request, &answer,
                                  [&](grpc::Status status) {
                                    ended = std::move(status);
                                    done.Notify();
                                  });
      done.WaitForNotification();
      absl::Status told = ToldBy(ended);
      if (!tries.Follow(told)) return tries.Outcome(std::move(told));
    }
  }

  // A stream cannot follow: it goes where the last call of this caller was answered.
  struct Opened {
    std::shared_ptr<grpc::Channel> channel;
    std::unique_ptr<grpc::ClientContext> context;
  };
  Opened Open(const std::string& method, const CallOptions& options) {
    const std::string token = TokenOf(options);
    auto context = std::make_unique<grpc::ClientContext>();
    Fill(*context, options, absl::Now() + options.timeout, token);
    return {Tries(*this, method, options, token).door().channel, std::move(context)};
  }

  static constexpr std::size_t kRemembered = 4096;

  const std::optional<Routes> routes;  // none: everything is behind the one door
  const TokenSource tokens;
  std::vector<std::unique_ptr<Door>> doors;
  absl::Mutex mutex;
  // By the service's first address and the caller's token.
  std::map<std::string, Door*> last ABSL_GUARDED_BY(mutex);
};

Client::Client(std::shared_ptr<grpc::Channel> channel, TokenSource tokens)
    : impl_(std::make_shared<Impl>(std::move(channel), std::move(tokens))) {}
Client::Client(const Routes& routes, TokenSource tokens, const TransportSecurity* security)
    : impl_(std::make_shared<Impl>(routes, std::move(tokens), security)) {}
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

namespace {

// One call that does not wait, through all its tries.
struct InFlight : std::enable_shared_from_this<InFlight> {
  InFlight(std::shared_ptr<Client::Impl> of, const std::string& called, const CallOptions& given,
           std::string bearer)
      : impl(std::move(of)),
        method(called),
        options(given),
        token(std::move(bearer)),
        deadline(absl::Now() + given.timeout),
        tries(*impl, called, given, token) {}

  void Send() {
    Client::Impl::Fill(contexts.emplace_back(), options, deadline, token);
    tries.door().stub.UnaryCall(
        &contexts.back(), method, {}, request, answer,
        [self = shared_from_this()](const grpc::Status& status) { self->Ended(ToldBy(status)); });
  }
  void Ended(absl::Status status) {
    if (tries.Follow(status)) return Send();
    std::move(done)(tries.Outcome(std::move(status)));
  }

  const std::shared_ptr<Client::Impl> impl;  // outlives the client where a call does
  const std::string method;
  const CallOptions options;
  const std::string token;
  const absl::Time deadline;
  Client::Impl::Tries tries;
  std::deque<grpc::ClientContext> contexts;  // of each try; the last one runs
  const pb::Message* request = nullptr;
  pb::Message* answer = nullptr;
  absl::AnyInvocable<void(absl::Status)> done;
};

}  // namespace

void Client::Start(const std::string& method, const pb::Message& request, pb::Message& answer,
                   const CallOptions& options, absl::AnyInvocable<void(absl::Status)> done) {
  auto call = std::make_shared<InFlight>(impl_, method, options, impl_->TokenOf(options));
  call->request = &request;
  call->answer = &answer;
  call->done = std::move(done);
  call->Send();
}

bool Client::Follow(const std::string& method, const CallOptions& options,
                    const absl::Status& ended) {
  Impl::Tries tries(*impl_, method, options, impl_->TokenOf(options));
  if (!tries.Follow(ended)) return false;
  tries.Remember();
  return true;
}

std::unique_ptr<Upload> Client::OpenUpload(const std::string& method, const CallOptions& options) {
  Impl::Opened opened = impl_->Open(method, options);
  return StartUpload(opened.channel, method, std::move(opened.context));
}

std::unique_ptr<Watch> Client::OpenWatch(const std::string& method, const pb::Message& request,
                                         const CallOptions& options) {
  Impl::Opened opened = impl_->Open(method, options);
  return StartWatch(opened.channel, method, request, std::move(opened.context));
}

std::unique_ptr<Exchange> Client::OpenExchange(const std::string& method,
                                               const CallOptions& options) {
  Impl::Opened opened = impl_->Open(method, options);
  return StartExchange(opened.channel, method, std::move(opened.context));
}

}  // namespace holdfast::rpc
