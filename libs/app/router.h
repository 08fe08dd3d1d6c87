// From a call that passed the door to what answers it: a stream, a query or a handler, found by the
// request's type.
//
//   command, batch         --> CommandSink of its context --> receipts     on the caller's thread
//   query                  --> worker pool --> snapshot --> query --> answer
//   handler                --> worker pool, may block
//   upload, watch, batches --> worker pool, a thread while it lasts
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
class BatchDoor;
class DescriptorService;
class Door;
class WorkerPool;
}  // namespace holdfast::rpc

namespace holdfast::app {

class CommandBatches;
class WayOut;

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
    // Uploads, watches and streams of batches: each holds a thread while it lasts.
    rpc::WorkerPool* streams = nullptr;
    const rpc::Door* door = nullptr;  // for the items of batches
    const WayOut* way_out = nullptr;  // of every answer
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
                         rpc::DescriptorService& rpcs, rpc::BatchDoor& batched);
  absl::Status BindStream(const Service::Parts& parts,
                          const google::protobuf::MethodDescriptor& method,
                          rpc::DescriptorService& rpcs);
  // ExecuteBatch and ExecuteStream, by what they carry; `commands` are the service's.
  absl::Status BindBatches(const Service::Parts& parts,
                           const std::vector<const google::protobuf::MethodDescriptor*>& methods,
                           rpc::DescriptorService& rpcs, rpc::BatchDoor commands);
  // Null where the service's context has no streams here.
  const ContextCommands* CommandsOf(const Service::Parts& parts) const;

  const Parts parts_;
  std::map<std::string, ContextCommands> contexts_;
  std::vector<std::unique_ptr<const CommandBatches>> batches_;
};

}  // namespace holdfast::app
