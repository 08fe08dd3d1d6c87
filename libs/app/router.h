// From a call that passed the door to what answers it: a stream, a query or a handler, found by the
// request's type.
//
//   command ------------------> CommandSink of its context --> receipt        on the caller's
//   thread, never waiting query   --> worker pool --> snapshot --> query --> answer handler,
//   upload, watch --> worker pool, may block
#pragma once

#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "absl/status/status.h"
#include "app/service.h"

namespace google::protobuf {
class MethodDescriptor;
}

namespace holdfast {
class Clock;
}

namespace holdfast::eventsourcing {
class CommandSink;
}

namespace holdfast::readmodel {
class ReadModel;
}

namespace holdfast::rpc {
class DescriptorService;
class WorkerPool;
}  // namespace holdfast::rpc

namespace holdfast::app {

// Where the commands of one context go, and which there are.
struct ContextCommands {
  eventsourcing::CommandSink* sink = nullptr;
  std::unordered_map<const google::protobuf::Descriptor*, const eventsourcing::StreamType*> streams;
};

class Router {
 public:
  struct Parts {
    readmodel::ReadModel* read_model = nullptr;
    rpc::WorkerPool* queries = nullptr;
    rpc::WorkerPool* handlers = nullptr;  // unary handlers
    rpc::WorkerPool* streams = nullptr;   // uploads and watches: each holds a thread while it lasts
    const Clock* clock = nullptr;
    std::string files_folder;  // <files_folder>/<context>/<tenant>
  };

  explicit Router(Parts parts);  // all borrowed
  ~Router();

  // Before Bind of any of its services.
  void AddContext(const std::string& context, eventsourcing::CommandSink& sink,
                  const std::vector<eventsourcing::StreamType>& streams);  // borrowed

  // Gives every method of the service its handler. kFailedPrecondition and a sentence naming the
  // method that finds none, or whose answer is another. `service` outlives the router.
  absl::Status Bind(const Service& service, rpc::DescriptorService& rpcs);

 private:
  absl::Status BindUnary(const Service::Parts& parts,
                         const google::protobuf::MethodDescriptor& method,
                         rpc::DescriptorService& rpcs);
  absl::Status BindStream(const Service::Parts& parts,
                          const google::protobuf::MethodDescriptor& method,
                          rpc::DescriptorService& rpcs);

  const Parts parts_;
  std::map<std::string, ContextCommands> contexts_;
};

}  // namespace holdfast::app
