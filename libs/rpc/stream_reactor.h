// One streaming call of any shape: gRPC's reactions on one side, a StreamCall that may wait on the
// other.
#pragma once

#include <deque>
#include <memory>
#include <optional>

#include <grpcpp/support/byte_buffer.h>
#include <grpcpp/support/server_callback.h>

#include "absl/base/thread_annotations.h"
#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "rpc/call.h"

namespace holdfast::rpc {

// Owns itself until OnDone; handlers share it.
class StreamReactor final : public grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>,
                            public std::enable_shared_from_this<StreamReactor> {
 public:
  // `over` is called when gRPC is done with the call.
  static std::shared_ptr<StreamReactor> Start(const MethodPlan& method, Door& door,
                                              const StreamHandler& handler,
                                              grpc::CallbackServerContext& context,
                                              absl::AnyInvocable<void(StreamReactor*)> over);

  const MethodPlan& method() const { return method_; }
  const Admitted& admitted() const { return admitted_; }
  std::unique_ptr<google::protobuf::Message> TakeRequest() { return std::move(request_); }
  absl::StatusOr<StreamCall::Arrival> ReadNext(google::protobuf::Message& into, bool wakes);
  void Wake();
  bool WriteNext(const google::protobuf::Message& message, bool wait);
  void End(const absl::Status& status);
  bool IsCancelled() const;
  void WhenGone(absl::AnyInvocable<void()> gone);
  // The process goes away: the handler sees a cancelled call, and what it answers then is `why`.
  void EndBecause(const absl::Status& why);

 private:
  StreamReactor(const MethodPlan& method, Door& door, const StreamHandler& handler,
                grpc::CallbackServerContext& context,
                absl::AnyInvocable<void(StreamReactor*)> over);

  void OnReadDone(bool ok) override;
  void OnWriteDone(bool ok) override;
  void OnCancel() override;
  void OnDone() override;

  void Begin();
  void RunHandler();
  void Gone(std::optional<absl::Status> why);
  bool DeadlinePassed() const;
  bool MayRead() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void FinishNow() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const MethodPlan& method_;
  Door& door_;
  const StreamHandler& handler_;
  grpc::CallbackServerContext& context_;
  absl::AnyInvocable<void(StreamReactor*)> over_;
  const absl::Duration started_;  // since boot
  Admitted admitted_;
  std::unique_ptr<google::protobuf::Message> request_;
  grpc::ByteBuffer incoming_;
  std::shared_ptr<StreamReactor> self_;

  mutable absl::Mutex mutex_;
  std::deque<grpc::ByteBuffer> reads_ ABSL_GUARDED_BY(mutex_);
  std::deque<grpc::ByteBuffer> writes_ ABSL_GUARDED_BY(mutex_);  // the first is on its way
  bool reading_ ABSL_GUARDED_BY(mutex_) = false;
  bool read_end_ ABSL_GUARDED_BY(mutex_) = false;
  bool woken_ ABSL_GUARDED_BY(mutex_) = false;
  bool gone_ ABSL_GUARDED_BY(mutex_) = false;
  bool finished_ ABSL_GUARDED_BY(mutex_) = false;
  std::optional<absl::Status> ended_because_ ABSL_GUARDED_BY(mutex_);
  std::optional<absl::Status> answer_ ABSL_GUARDED_BY(mutex_);
  absl::AnyInvocable<void()> when_gone_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace holdfast::rpc
