#include "rpc/stream_reactor.h"

#include <utility>

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include "base/clock.h"
#include "base/error.h"
#include "rpc/call_metadata.h"
#include "rpc/call_observer.h"
#include "rpc/grpc_body.h"
#include "rpc/grpc_status.h"
#include "rpc/method_plan.h"
#include "rpc/wire_status.h"

namespace holdfast::rpc {
namespace {

namespace pb = google::protobuf;

constexpr std::size_t kReadAhead = 2;
constexpr std::size_t kMaxWrites = 16;

// Keeps the call of a handler that forgets it from hanging.
class SharedStream final : public StreamCall {
 public:
  explicit SharedStream(std::shared_ptr<StreamReactor> reactor) : reactor_(std::move(reactor)) {}
  ~SharedStream() override {
    reactor_->End(absl::InternalError("a stream's handler ended without finishing it"));
  }

  const MethodPlan& method() const override { return reactor_->method(); }
  const Admitted& admitted() const override { return reactor_->admitted(); }
  std::unique_ptr<pb::Message> TakeRequest() override { return reactor_->TakeRequest(); }
  absl::StatusOr<bool> Read(pb::Message& into) override {
    absl::StatusOr<Arrival> arrival = reactor_->ReadNext(into, false);
    if (!arrival.ok()) return arrival.status();
    return *arrival == Arrival::kMessage;
  }
  absl::StatusOr<Arrival> ReadOrWake(pb::Message& into) override {
    return reactor_->ReadNext(into, true);
  }
  void Wake() override { reactor_->Wake(); }
  bool Write(const pb::Message& message) override { return reactor_->WriteNext(message, true); }
  bool Offer(const pb::Message& message) override { return reactor_->WriteNext(message, false); }
  void Finish(const absl::Status& status) override { reactor_->End(status); }
  bool cancelled() const override { return reactor_->IsCancelled(); }
  void WhenGone(absl::AnyInvocable<void()> gone) override { reactor_->WhenGone(std::move(gone)); }

 private:
  const std::shared_ptr<StreamReactor> reactor_;
};

// A stream that a client meant to keep open for as long as it is there.
absl::Status Renew() {
  return WithRetry(ErrorWithReason(absl::StatusCode::kUnavailable, "STREAM_RENEW",
                                   "The stream has lasted as long as one may. Open it again, from "
                                   "the position that it reached."),
                   absl::ZeroDuration());
}

}  // namespace

std::shared_ptr<StreamReactor> StreamReactor::Start(const MethodPlan& method, Door& door,
                                                    const StreamHandler& handler,
                                                    grpc::CallbackServerContext& context,
                                                    absl::AnyInvocable<void(StreamReactor*)> over) {
  std::shared_ptr<StreamReactor> reactor(
      new StreamReactor(method, door, handler, context, std::move(over)));
  reactor->self_ = reactor;
  reactor->Begin();
  return reactor;
}

StreamReactor::StreamReactor(const MethodPlan& method, Door& door, const StreamHandler& handler,
                             grpc::CallbackServerContext& context,
                             absl::AnyInvocable<void(StreamReactor*)> over)
    : method_(method),
      door_(door),
      handler_(handler),
      context_(context),
      over_(std::move(over)),
      started_(door.clock().SinceBoot()) {}

void StreamReactor::Begin() {
  door_.observer().Started(method_);
  absl::StatusOr<Admitted> admitted = door_.Admit(
      method_, MetadataOf(context_), DeadlineOf(context_), [this] { return context_.peer(); });
  if (!admitted.ok()) return End(admitted.status());
  admitted_ = *std::move(admitted);
  {
    const absl::MutexLock lock(&mutex_);
    reading_ = true;
    StartRead(&incoming_);
  }
  if (method_.method->client_streaming()) RunHandler();
}

void StreamReactor::RunHandler() {
  handler_(std::make_shared<SharedStream>(shared_from_this()));
}

void StreamReactor::OnReadDone(bool ok) {
  if (!method_.method->client_streaming()) {
    {
      const absl::MutexLock lock(&mutex_);
      reading_ = false;
      if (finished_ || gone_) return;
    }
    if (!ok) {
      return End(InvalidFields({{"request", "is missing"}}));
    }
    request_.reset(method_.request->New());
    if (absl::Status read = ReadBody(door_, method_, admitted_, incoming_, *request_, context_);
        !read.ok()) {
      return End(read);
    }
    return RunHandler();
  }
  const absl::MutexLock lock(&mutex_);
  reading_ = false;
  if (!ok) {
    read_end_ = true;
    return;
  }
  reads_.push_back(std::move(incoming_));
  incoming_.Clear();
  if (reads_.size() < kReadAhead && !finished_) {
    reading_ = true;
    StartRead(&incoming_);
  }
}

bool StreamReactor::MayRead() const {
  return !gone_ && !finished_ && !ended_because_.has_value();
}

absl::StatusOr<StreamCall::Arrival> StreamReactor::ReadNext(pb::Message& into, bool wakes) {
  using Arrival = StreamCall::Arrival;
  grpc::ByteBuffer body;
  {
    const absl::MutexLock lock(&mutex_);
    const auto there = [this, wakes]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
      return !reads_.empty() || read_end_ || !MayRead() || (wakes && woken_);
    };
    if (!mutex_.AwaitWithDeadline(absl::Condition(&there), admitted_.deadline)) {
      return absl::DeadlineExceededError("no message came before the deadline");
    }
    if (wakes && std::exchange(woken_, false)) return Arrival::kWoken;
    // A client that vanishes ends its stream too: that end is no end of what it had to say.
    if (!MayRead() || context_.IsCancelled()) {
      return ended_because_.value_or(absl::CancelledError("the client is gone"));
    }
    if (reads_.empty()) return Arrival::kEnd;
    body = std::move(reads_.front());
    reads_.pop_front();
    if (!reading_ && !read_end_) {
      reading_ = true;
      StartRead(&incoming_);
    }
  }
  into.Clear();
  if (absl::Status read = ReadBody(door_, method_, admitted_, body, into, context_); !read.ok())
    return read;
  return Arrival::kMessage;
}

void StreamReactor::Wake() {
  const absl::MutexLock lock(&mutex_);
  woken_ = true;
}

bool StreamReactor::WriteNext(const pb::Message& message, bool wait) {
  grpc::ByteBuffer body;
  if (!WriteBody(message, body)) return false;
  const absl::MutexLock lock(&mutex_);
  if (wait) {
    const auto room = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
      return writes_.size() < kMaxWrites || gone_ || finished_;
    };
    if (!mutex_.AwaitWithDeadline(absl::Condition(&room), admitted_.deadline)) return false;
  }
  if (gone_ || finished_ || answer_.has_value() || DeadlinePassed()) return false;
  writes_.push_back(std::move(body));
  if (writes_.size() == 1) StartWrite(&writes_.front());
  return true;
}

void StreamReactor::OnWriteDone(bool ok) {
  absl::AnyInvocable<void()> tell;
  {
    const absl::MutexLock lock(&mutex_);
    writes_.pop_front();
    if (!ok) {
      writes_.clear();
      gone_ = true;
      tell = std::exchange(when_gone_, nullptr);
    }
    if (!writes_.empty()) {
      StartWrite(&writes_.front());
    } else if (answer_.has_value()) {
      FinishNow();
    }
  }
  if (tell) tell();
}

void StreamReactor::End(const absl::Status& status) {
  const absl::MutexLock lock(&mutex_);
  if (answer_.has_value()) return;
  answer_ = !status.ok() && ended_because_.has_value() ? *ended_because_ : status;
  if (!answer_->ok() && admitted_.ends_by_limit && DeadlinePassed()) answer_ = Renew();
  if (writes_.empty()) FinishNow();
}

void StreamReactor::FinishNow() {
  if (std::exchange(finished_, true)) return;
  const std::string_view trace =
      admitted_.trace.header.empty() ? "" : std::string_view(admitted_.trace.header).substr(3, 32);
  if (IsOurFault(*answer_)) door_.observer().Faulted(method_, *answer_, trace);
  const absl::Status told = ForStrangers(*answer_, trace);
  door_.observer().Handled(method_, told.code(), door_.clock().SinceBoot() - started_);
  Finish(ToGrpc(told));
}

void StreamReactor::OnCancel() {
  Gone(std::nullopt);
}

void StreamReactor::EndBecause(const absl::Status& why) {
  Gone(why);
}

void StreamReactor::Gone(std::optional<absl::Status> why) {
  absl::AnyInvocable<void()> tell;
  {
    const absl::MutexLock lock(&mutex_);
    // Who asked and waits for an answer is told it, before the end.
    const bool answers = method_.method->client_streaming() && method_.method->server_streaming();
    gone_ |= !why.has_value() || !answers;
    if (why.has_value() && !ended_because_.has_value()) ended_because_ = std::move(why);
    tell = std::exchange(when_gone_, nullptr);
  }
  if (tell) tell();
}

void StreamReactor::WhenGone(absl::AnyInvocable<void()> gone) {
  {
    const absl::MutexLock lock(&mutex_);
    if (MayRead()) {
      when_gone_ = std::move(gone);
      return;
    }
  }
  gone();
}

bool StreamReactor::DeadlinePassed() const {
  return door_.clock().Now() >= admitted_.deadline;
}

bool StreamReactor::IsCancelled() const {
  const absl::MutexLock lock(&mutex_);
  return !MayRead() || DeadlinePassed();
}

void StreamReactor::OnDone() {
  {
    const absl::MutexLock lock(&mutex_);
    gone_ = true;
    finished_ = true;
  }
  over_(this);
  const std::shared_ptr<StreamReactor> last = std::move(self_);
}

}  // namespace holdfast::rpc
