// The least that a gRPC server of the same API can do: parse the request, answer a fixed message.
// No door, no decision, no disk.
#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"

namespace google::protobuf {
class Message;
}

namespace holdfast::bench {

class EchoServer {
 public:
  // On a free port of 127.0.0.1; of one method, "/package.Service/Method".
  static absl::StatusOr<std::unique_ptr<EchoServer>> Start(const std::string& method,
                                                           const google::protobuf::Message& request,
                                                           const google::protobuf::Message& answer);
  virtual ~EchoServer() = default;
  virtual std::string address() const = 0;
};

}  // namespace holdfast::bench
