// A client of any Holdfast service, by its descriptors: for the command line, the gateway, the
// demonstration, the tests.
//
//   Client client(channel, tokens);
//   RETURN_IF_ERROR(client.Call("/holdfast.initiative.v1.InitiativeService/CreateSite", request,
//   receipt));
//
// Errors are absl::Status with the payloads of base/error.h, as the service made them.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace google::protobuf {
class Message;
}

namespace grpc {
class Channel;
}

namespace holdfast::rpc {

class Routes;
class TransportSecurity;

// Plaintext: loopback only. Never fails; a call says when nobody answers.
std::shared_ptr<grpc::Channel> ConnectTo(const std::string& address);

struct CallOptions {
  absl::Duration timeout = absl::Seconds(30);
  // Of a command: drawn where empty, so that a retry has one effect.
  std::string idempotency_key = {};
  std::optional<std::uint64_t> expected_version = {};
  std::string traceparent = {};
  // What it is for, where the method asks: a purpose by name, and why in words.
  std::string purpose = {};
  std::string justification = {};
  bool break_glass = false;
  // How often a call is repeated where the service asked for it by RetryInfo.
  int max_retries = 5;
  // Instead of the client's own source of tokens; "" means none.
  std::optional<std::string> token = {};
  // Of a deployment: the service whose instances are asked ("initiative"), where the method does
  // not say it: every process answers for its own operations.
  std::string at_service = {};
};

// Messages to the server, one answer at the end.
class Upload {
 public:
  virtual ~Upload() = default;  // cancels where Finish was not called
  // Waits for room; false where the server has already answered: call Finish to hear what.
  virtual bool Write(const google::protobuf::Message& message) = 0;
  virtual absl::Status Finish(google::protobuf::Message& answer) = 0;
};

// One request, messages from the server.
class Watch {
 public:
  virtual ~Watch() = default;  // cancels where the end was not read
  // Waits. False at a good end; else the error.
  virtual absl::StatusOr<bool> Read(google::protobuf::Message& into) = 0;
  // From any thread: Read then answers kCancelled.
  virtual void Cancel() = 0;
};

// Messages to the server, messages from it. One thread writes, one reads, and nothing else waits
// for anything else.
class Exchange {
 public:
  virtual ~Exchange() = default;  // cancels where Finish was not called
  // Waits for room; false where the server has ended the call.
  virtual bool Write(const google::protobuf::Message& message) = 0;
  virtual void WritesDone() = 0;
  // Waits. False at the end: Finish says which.
  virtual absl::StatusOr<bool> Read(google::protobuf::Message& into) = 0;
  // Once, when nothing is written any more.
  virtual absl::Status Finish() = 0;
};

// Thread-safe.
class Client {
 public:
  // The token of a call, without "Bearer "; "" for none. May be asked from any thread, often.
  using TokenSource = std::function<std::string()>;

  explicit Client(std::shared_ptr<grpc::Channel> channel, TokenSource tokens = nullptr);
  // Of a deployment: a call goes to the instance that answered this caller last. Where that one is
  // away, or is not the owner (NOT_OWNER), the call follows, to every instance once; what it asks
  // for takes effect once, by its idempotency key.
  // With `security` (looked at now) it shows its certificate, and calls processes of its own
  // environment only.
  explicit Client(const Routes& routes, TokenSource tokens = nullptr,
                  const TransportSecurity* security = nullptr);
  Client(Client&&) noexcept;
  ~Client();

  // Waits for the answer; repeats where RetryInfo asks, as long as the timeout allows. `method` is
  // "/package.Service/Method".
  absl::Status Call(const std::string& method, const google::protobuf::Message& request,
                    google::protobuf::Message& answer, CallOptions options = {});

  // Never waits, and repeats only to follow. Request and answer live until `done` was called (on a
  // thread of gRPC).
  void Start(const std::string& method, const google::protobuf::Message& request,
             google::protobuf::Message& answer, const CallOptions& options,
             absl::AnyInvocable<void(absl::Status)> done);

  // A stream goes where this caller's last call was answered, and cannot follow by itself. True
  // where it ended because another instance is the one, and that one comes next: open it again.
  bool Follow(const std::string& method, const CallOptions& options, const absl::Status& ended);

  std::unique_ptr<Upload> OpenUpload(const std::string& method, const CallOptions& options);
  std::unique_ptr<Watch> OpenWatch(const std::string& method,
                                   const google::protobuf::Message& request,
                                   const CallOptions& options);
  std::unique_ptr<Exchange> OpenExchange(const std::string& method, const CallOptions& options);

  struct Impl;

 private:
  std::shared_ptr<Impl> impl_;
};

}  // namespace holdfast::rpc
