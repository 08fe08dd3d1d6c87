// Where the services are, who calls, and calls themselves.
#pragma once

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "rpc/client.h"

namespace google::protobuf {
class Message;
}

namespace holdfast::cli {

// Flag > environment (HOLDFAST_*) > the running platform's own file (<data>/run/holdfast.json) >
// the usual address.
struct SessionOptions {
  std::string address;  // of gRPC; of a deployment every service's (rpc/routes.h)
  std::string tenant;
  std::string as;
  std::string data;  // the data folder whose platform is meant
  absl::Duration timeout = absl::Seconds(60);
  // What it is for, by the name of a purpose, and why in words: where a method asks.
  std::string purpose = {};
  std::string justification = {};
};

class Session {
 public:
  explicit Session(SessionOptions options);
  ~Session();

  const SessionOptions& options() const { return options_; }

  // `method`: "/holdfast.metrics.v1.MetricsService/GetSeries".
  absl::Status Call(const std::string& method, const google::protobuf::Message& request,
                    google::protobuf::Message& answer);
  // A command under a key of its own: asked twice it has one effect.
  absl::Status Command(const std::string& method, const google::protobuf::Message& request,
                       google::protobuf::Message& answer, const std::string& idempotency_key = "");

  // Signs in where that has not happened; the client then carries the token.
  absl::Status SignIn();
  rpc::Client& client() { return *client_; }
  rpc::CallOptions Options() const;

  // The same place, another person: the demonstration acts as several.
  std::unique_ptr<Session> As(const std::string& tenant, const std::string& as) const;

 private:
  SessionOptions options_;
  std::string token_;
  absl::Time token_until_ = absl::InfinitePast();
  std::unique_ptr<rpc::Client> client_;
};

// The gRPC address and data folder that a platform wrote into `<data>/run/holdfast.json`; empty
// strings where none runs.
struct RunningPlatform {
  std::string console;
  std::string grpc;
  std::string admin;
  std::string data;
};
RunningPlatform FindPlatform(const std::string& data);

}  // namespace holdfast::cli
