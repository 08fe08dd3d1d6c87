// Unary calls from this process to a server on 127.0.0.1: four connections, up to 64 in flight.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "rpc/client.h"

namespace google::protobuf {
class Message;
}

namespace grpc {
class Channel;
}

namespace holdfast::bench {

inline constexpr std::size_t kConnections = 4;

// A connection of its own, shared with no other channel.
std::shared_ptr<grpc::Channel> NewConnection(const std::string& address);

class RpcLoad {
 public:
  using Fill = std::function<void(google::protobuf::Message& request, std::uint64_t number)>;

  using Check = std::function<absl::Status(const google::protobuf::Message& answer)>;

  // The messages of each slot are made once. `fill` is called for every call, `check` where there
  // is one for every answer, on any thread.
  RpcLoad(const std::string& address, std::string token, std::string method, std::size_t slots,
          const google::protobuf::Message& request, const google::protobuf::Message& answer,
          Fill fill, Check check = nullptr);
  ~RpcLoad();

  // One call of that slot, which must not have one in flight. The `number` makes its key.
  void Start(std::size_t slot, std::uint64_t number, absl::AnyInvocable<void(absl::Status)> done);
  // The same, numbered by itself.
  void Start(std::size_t slot, absl::AnyInvocable<void(absl::Status)> done);

 private:
  struct Slot;
  const std::string method_;
  const std::string token_;
  const Fill fill_;
  const Check check_;
  std::vector<rpc::Client> clients_;
  std::vector<std::unique_ptr<Slot>> slots_;
  std::string run_;  // so that no two loads share a key
};

}  // namespace holdfast::bench
