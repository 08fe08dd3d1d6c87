// What queries and handlers may use of the process, for one call.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "app/service.h"
#include "eventsourcing/command.h"
#include "rpc/door.h"

namespace holdfast {
class Clock;
}

namespace holdfast::app {

class TenantStore;

struct ContextCommands;

// "" where the message has no field `read` of type.v1.ReadOptions: then the default, as fresh as
// there is.
const type::v1::ReadOptions& ReadOptionsOf(const google::protobuf::Message& request);

// The command as its context takes it: with the stream drawn where the caller left it open.
// kInternal for a command that is not of this context (a programmer's error of the handler).
absl::StatusOr<eventsourcing::CommandRequest> RequestOf(
    const ContextCommands& context, const rpc::Admitted& admitted, const std::string& method,
    std::unique_ptr<google::protobuf::Message> command, const Uuid& command_id);

class QueryView final : public QueryContext {
 public:
  QueryView(const rpc::Admitted& admitted, std::unique_ptr<readmodel::Reader> reader,
            const Clock& clock);
  ~QueryView() override;

  const security::VerifiedPrincipal& principal() const override { return *admitted_.principal; }
  const readmodel::Reader& reader() const override { return *reader_; }
  absl::Time now() const override;

 private:
  const rpc::Admitted& admitted_;
  const std::unique_ptr<readmodel::Reader> reader_;
  const Clock& clock_;
};

// Used by one thread.
class WorkerCall final : public CallContext {
 public:
  struct Parts {
    const rpc::Admitted* admitted = nullptr;
    const ContextCommands* context = nullptr;  // null: the service has no streams
    const TenantStore* store = nullptr;
    const Clock* clock = nullptr;
    std::string method;
    std::string folder;
    std::function<bool()> cancelled;
  };

  WorkerCall(Parts parts, std::unique_ptr<readmodel::Reader> reader);
  // Waits for what was started and not awaited.
  ~WorkerCall() override;

  const security::VerifiedPrincipal& principal() const override {
    return *parts_.admitted->principal;
  }
  const readmodel::Reader& reader() const override { return *reader_; }
  absl::Time now() const override;
  absl::StatusOr<type::v1::Receipt> Submit(Submission submission) override;
  void Start(Submission submission) override;
  absl::StatusOr<std::vector<type::v1::Receipt>> AwaitStarted() override;
  absl::StatusOr<std::unique_ptr<readmodel::Reader>> ReadAfter(
      const type::v1::Receipt& receipt) override;
  std::string tenant_folder() const override { return parts_.folder; }
  bool cancelled() const override { return parts_.cancelled(); }
  absl::Time deadline() const override { return parts_.admitted->deadline; }
  options::v1::Purpose::Code purpose() const override { return parts_.admitted->stated.purpose; }

 private:
  class Pending;
  std::shared_ptr<Pending> Send(Submission submission);

  const Parts parts_;
  const std::unique_ptr<readmodel::Reader> reader_;
  std::deque<std::shared_ptr<Pending>> started_;
  std::vector<type::v1::Receipt> answered_;
  absl::Status failed_;  // the first of the started ones
  void AwaitOldest();
};

}  // namespace holdfast::app
