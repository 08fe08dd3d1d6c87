#include "app/call_context.h"

#include <algorithm>
#include <utility>

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include "absl/base/thread_annotations.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "app/router.h"
#include "app/tenant_store.h"
#include "base/clock.h"
#include "base/hash.h"
#include "eventsourcing/stream_type.h"
#include "readmodel/reader.h"
#include "security/principal.h"
#include "security/tenant_id.h"

namespace holdfast::app {
namespace {

namespace pb = google::protobuf;

constexpr std::size_t kMaxInFlight = 64;

// The same step of a repeated call has the same id.
Uuid IdOfStep(const Uuid& call, const std::string& step) {
  Sha256 sha256;
  const Hash hash = sha256.Update(AsBytes(call)).Update(step).Finish();
  Uuid id{};
  std::copy_n(hash.begin(), id.size(), id.begin());
  return id;
}

}  // namespace

const type::v1::ReadOptions& ReadOptionsOf(const pb::Message& request) {
  const pb::FieldDescriptor* field = request.GetDescriptor()->FindFieldByName("read");
  if (field == nullptr || field->is_repeated() ||
      field->message_type() != type::v1::ReadOptions::descriptor()) {
    return type::v1::ReadOptions::default_instance();
  }
  return static_cast<const type::v1::ReadOptions&>(
      request.GetReflection()->GetMessage(request, field));
}

absl::StatusOr<eventsourcing::CommandRequest> RequestOf(const ContextCommands& context,
                                                        const rpc::Admitted& admitted,
                                                        const std::string& method,
                                                        std::unique_ptr<pb::Message> command,
                                                        const Uuid& command_id) {
  const auto stream = context.streams.find(command->GetDescriptor());
  if (stream == context.streams.end()) {
    return absl::InternalError(absl::StrCat(command->GetDescriptor()->full_name(),
                                            " is a command of no stream of this context"));
  }
  if (stream->second->stream_id(*command).empty()) {
    eventsourcing::SetFirstField(*command, ToString(command_id));
  }
  eventsourcing::CommandRequest request;
  request.tenant = security::TenantId(*admitted.principal).slug();
  request.method = method;
  request.command = std::move(command);
  request.command_id = command_id;
  request.actor_ref = admitted.principal->actor_ref();
  request.agency = admitted.principal->agency();
  request.policy_epoch = admitted.principal->policy_epoch();
  request.correlation_id = admitted.trace.trace_id;
  request.traceparent = admitted.trace.header;
  request.deadline = admitted.deadline;
  return request;
}

QueryView::QueryView(const rpc::Admitted& admitted, std::unique_ptr<readmodel::Reader> reader,
                     const Clock& clock)
    : admitted_(admitted), reader_(std::move(reader)), clock_(clock) {}
QueryView::~QueryView() = default;

absl::Time QueryView::now() const {
  return clock_.Now();
}

// An answer on its way from the context's thread to the worker that waits for it. Shared: a worker
// whose deadline has passed no longer waits, and the answer still comes.
class WorkerCall::Pending {
 public:
  void Set(eventsourcing::CommandAnswer answer) {
    const absl::MutexLock lock(&mutex_);
    answer_ = std::move(answer);
    there_ = true;
  }
  eventsourcing::CommandAnswer Await(absl::Time deadline) {
    const absl::MutexLock lock(&mutex_);
    if (!mutex_.AwaitWithDeadline(absl::Condition(&there_), deadline)) {
      return absl::DeadlineExceededError("a command was not answered before the call's deadline");
    }
    return std::move(answer_);
  }

 private:
  absl::Mutex mutex_;
  bool there_ ABSL_GUARDED_BY(mutex_) = false;
  eventsourcing::CommandAnswer answer_ ABSL_GUARDED_BY(mutex_) = absl::UnknownError("");
};

WorkerCall::WorkerCall(Parts parts, std::unique_ptr<readmodel::Reader> reader)
    : parts_(std::move(parts)), reader_(std::move(reader)) {}

WorkerCall::~WorkerCall() {
  while (!started_.empty()) AwaitOldest();
}

absl::Time WorkerCall::now() const {
  return parts_.clock->Now();
}

std::shared_ptr<WorkerCall::Pending> WorkerCall::Send(Submission submission) {
  auto pending = std::make_shared<Pending>();
  if (parts_.context == nullptr) {
    pending->Set(absl::InternalError("a handler of a context without streams sent a command"));
    return pending;
  }
  absl::StatusOr<eventsourcing::CommandRequest> request =
      RequestOf(*parts_.context, *parts_.admitted, parts_.method, std::move(submission.command),
                IdOfStep(parts_.admitted->command_id, submission.step));
  if (!request.ok()) {
    pending->Set(request.status());
    return pending;
  }
  request->cost = 0;  // the call is paid for
  parts_.context->sink->Submit(*std::move(request), [pending](eventsourcing::CommandAnswer answer) {
    pending->Set(std::move(answer));
  });
  return pending;
}

absl::StatusOr<type::v1::Receipt> WorkerCall::Submit(Submission submission) {
  return Send(std::move(submission))->Await(deadline());
}

void WorkerCall::Start(Submission submission) {
  if (started_.size() >= kMaxInFlight) AwaitOldest();
  started_.push_back(Send(std::move(submission)));
}

void WorkerCall::AwaitOldest() {
  eventsourcing::CommandAnswer answer = started_.front()->Await(deadline());
  started_.pop_front();
  if (answer.ok()) {
    answered_.push_back(*std::move(answer));
  } else {
    failed_.Update(answer.status());
  }
}

absl::StatusOr<std::vector<type::v1::Receipt>> WorkerCall::AwaitStarted() {
  while (!started_.empty()) AwaitOldest();
  std::vector<type::v1::Receipt> receipts = std::exchange(answered_, {});
  absl::Status failed = std::exchange(failed_, absl::OkStatus());
  if (!failed.ok()) return failed;
  return receipts;
}

absl::StatusOr<std::unique_ptr<readmodel::Reader>> WorkerCall::ReadAfter(
    const type::v1::Receipt& receipt) {
  type::v1::ReadOptions read;
  if (receipt.has_position()) *read.add_min_position() = receipt.position();
  return parts_.store->OpenNow(read, deadline());
}

}  // namespace holdfast::app
