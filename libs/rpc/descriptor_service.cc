#include "rpc/descriptor_service.h"

#include <algorithm>
#include <deque>
#include <set>
#include <utility>
#include <vector>

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>
#include <grpcpp/impl/codegen/rpc_service_method.h>
#include <grpcpp/impl/codegen/server_callback_handlers.h>
#include <grpcpp/impl/codegen/service_type.h>
#include <grpcpp/support/byte_buffer.h>
#include <grpcpp/support/server_callback.h>

#include "absl/base/thread_annotations.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "base/check.h"
#include "base/clock.h"
#include "base/status_macros.h"
#include "rpc/call_metadata.h"
#include "rpc/call_observer.h"
#include "rpc/field_validator.h"
#include "rpc/grpc_body.h"
#include "rpc/grpc_status.h"
#include "rpc/method_plan.h"
#include "rpc/stream_reactor.h"
#include "rpc/wire_status.h"

namespace holdfast::rpc {
namespace {

namespace pb = google::protobuf;

// The one place where gRPC hears how a call ended.
class UnaryEnd {
 public:
  UnaryEnd(const MethodPlan& method, Door& door, grpc::ServerUnaryReactor& reactor)
      : method_(method), door_(door), reactor_(reactor), started_(door.clock().SinceBoot()) {
    door_.observer().Started(method_);
  }

  void With(const absl::Status& status, std::string_view trace) {
    if (IsOurFault(status)) door_.observer().Faulted(method_, status, trace);
    const absl::Status told = ForStrangers(status, trace);
    door_.observer().Handled(method_, told.code(), door_.clock().SinceBoot() - started_);
    reactor_.Finish(ToGrpc(told));
  }

 private:
  const MethodPlan& method_;
  Door& door_;
  grpc::ServerUnaryReactor& reactor_;
  const absl::Duration started_;
};

class UnaryCallInFlight final : public UnaryCall {
 public:
  UnaryCallInFlight(const MethodPlan& method, UnaryEnd end, Admitted admitted,
                    std::unique_ptr<pb::Message> request, grpc::CallbackServerContext& context,
                    grpc::ByteBuffer& answer)
      : method_(method),
        end_(end),
        admitted_(std::move(admitted)),
        request_(std::move(request)),
        context_(context),
        answer_(answer) {}
  ~UnaryCallInFlight() override {
    if (!ended_) Fail(absl::InternalError("a handler ended without an answer"));
  }

  const MethodPlan& method() const override { return method_; }
  const Admitted& admitted() const override { return admitted_; }
  const pb::Message& request() const override { return *request_; }
  std::unique_ptr<pb::Message> TakeRequest() override { return std::move(request_); }
  bool cancelled() const override { return !ended_ && context_.IsCancelled(); }

  void Answer(const pb::Message& answer) override {
    if (!WriteBody(answer, answer_)) {
      return Fail(absl::InternalError("an answer could not be serialised"));
    }
    End(absl::OkStatus());
  }
  void Fail(const absl::Status& status) override {
    HOLDFAST_CHECK(!status.ok());
    End(status);
  }

 private:
  // After it the context may be gone.
  void End(const absl::Status& status) {
    HOLDFAST_CHECK(!std::exchange(ended_, true));
    end_.With(status, std::string_view(admitted_.trace.header).substr(3, 32));
  }

  const MethodPlan& method_;
  UnaryEnd end_;
  const Admitted admitted_;
  std::unique_ptr<pb::Message> request_;
  grpc::CallbackServerContext& context_;
  grpc::ByteBuffer& answer_;
  bool ended_ = false;
};

}  // namespace

class DescriptorService::Impl final : public grpc::Service {
 public:
  using Bytes = grpc::ByteBuffer;

  Impl(const pb::ServiceDescriptor& descriptor, Door& door)
      : descriptor_(descriptor), door_(door) {}

  absl::Status AddMethods(FieldValidator& validator, bool standard) {
    for (int i = 0; i < descriptor_.method_count(); ++i) {
      const pb::MethodDescriptor& method = *descriptor_.method(i);
      ASSIGN_OR_RETURN(MethodPlan plan, standard ? PlanOfStandardMethod(method, validator)
                                                 : PlanOf(method, validator));
      Entry& entry = entries_.emplace_back();
      entry.plan = std::move(plan);
      door_.observer().Know(entry.plan);
      if (method.client_streaming() || method.server_streaming()) {
        AddStreaming(i, entry);
      } else {
        AddUnary(i, entry);
      }
    }
    return absl::OkStatus();
  }

  void Set(std::string_view method, UnaryHandler unary, StreamHandler stream) {
    Entry& entry = Find(method);
    entry.unary = std::move(unary);
    entry.stream = std::move(stream);
  }

  const MethodPlan& plan(std::string_view method) { return Find(method).plan; }

  void EndStreams() {
    std::vector<std::shared_ptr<StreamReactor>> open;
    {
      const absl::MutexLock lock(&mutex_);
      for (StreamReactor* reactor : streams_) open.push_back(reactor->shared_from_this());
    }
    for (const auto& reactor : open) reactor->EndBecause(DrainingStatus());
  }

  void AwaitStreams(absl::Time deadline) {
    const absl::MutexLock lock(&mutex_);
    const auto none = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return streams_.empty(); };
    mutex_.AwaitWithDeadline(absl::Condition(&none), deadline);
  }

  const pb::ServiceDescriptor& descriptor() const { return descriptor_; }
  std::size_t max_bytes() const {
    std::size_t most = 0;
    for (const Entry& entry : entries_) most = std::max(most, entry.plan.max_bytes);
    return most;
  }

 private:
  struct Entry {
    MethodPlan plan;
    UnaryHandler unary;
    StreamHandler stream;
  };

  Entry& Find(std::string_view method) {
    const auto found = std::ranges::find_if(
        entries_, [method](const Entry& entry) { return entry.plan.method->name() == method; });
    HOLDFAST_CHECK(found != entries_.end());  // a method of this service
    return *found;
  }

  void AddUnary(int index, Entry& entry) {
    using grpc::internal::RpcMethod;
    AddMethod(new grpc::internal::RpcServiceMethod(entry.plan.path.c_str(), RpcMethod::NORMAL_RPC,
                                                   nullptr));
    MarkMethodRawCallback(index, new grpc::internal::CallbackUnaryHandler<Bytes, Bytes>(
                                     [this, &entry](grpc::CallbackServerContext* context,
                                                    const Bytes* request, Bytes* answer) {
                                       return RunUnary(entry, *context, *request, *answer);
                                     }));
  }

  // Every streaming shape runs as a bidirectional one: on the wire they are the same.
  void AddStreaming(int index, Entry& entry) {
    using grpc::internal::RpcMethod;
    AddMethod(new grpc::internal::RpcServiceMethod(entry.plan.path.c_str(),
                                                   RpcMethod::BIDI_STREAMING, nullptr));
    MarkMethodRawCallback(index, new grpc::internal::CallbackBidiHandler<Bytes, Bytes>(
                                     [this, &entry](grpc::CallbackServerContext* context) {
                                       return RunStream(entry, *context);
                                     }));
  }

  grpc::ServerUnaryReactor* RunUnary(Entry& entry, grpc::CallbackServerContext& context,
                                     const Bytes& body, Bytes& answer) {
    grpc::ServerUnaryReactor* reactor = context.DefaultReactor();
    UnaryEnd end(entry.plan, door_, *reactor);
    absl::StatusOr<Admitted> admitted =
        door_.Admit(entry.plan, MetadataOf(context), DeadlineOf(context),
                    [&context] { return context.peer(); });
    if (!admitted.ok()) {
      end.With(admitted.status(), "");
      return reactor;
    }
    std::unique_ptr<pb::Message> request(entry.plan.request->New());
    if (absl::Status read = ReadBody(door_, entry.plan, *admitted, body, *request, context);
        !read.ok()) {
      end.With(read, "");
      return reactor;
    }
    entry.unary(std::make_unique<UnaryCallInFlight>(entry.plan, end, *std::move(admitted),
                                                    std::move(request), context, answer));
    return reactor;
  }

  StreamReactor* RunStream(Entry& entry, grpc::CallbackServerContext& context) {
    const std::shared_ptr<StreamReactor> reactor =
        StreamReactor::Start(entry.plan, door_, entry.stream, context, [this](StreamReactor* over) {
          const absl::MutexLock lock(&mutex_);
          streams_.erase(over);
        });
    const absl::MutexLock lock(&mutex_);
    streams_.insert(reactor.get());
    return reactor.get();
  }

  const pb::ServiceDescriptor& descriptor_;
  Door& door_;
  std::deque<Entry> entries_;  // stable: gRPC keeps the path, handlers the entry
  absl::Mutex mutex_;
  std::set<StreamReactor*> streams_ ABSL_GUARDED_BY(mutex_);
};

DescriptorService::DescriptorService(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
DescriptorService::~DescriptorService() = default;

absl::StatusOr<std::unique_ptr<DescriptorService>> DescriptorService::Of(std::string_view full_name,
                                                                         Door& door,
                                                                         FieldValidator& validator,
                                                                         bool standard) {
  const pb::ServiceDescriptor* descriptor =
      pb::DescriptorPool::generated_pool()->FindServiceByName(std::string(full_name));
  if (descriptor == nullptr) {
    return absl::NotFoundError(absl::StrCat(absl::string_view(full_name.data(), full_name.size()),
                                            ": no such service is linked into this program"));
  }
  auto impl = std::make_unique<Impl>(*descriptor, door);
  RETURN_IF_ERROR(impl->AddMethods(validator, standard));
  return std::unique_ptr<DescriptorService>(new DescriptorService(std::move(impl)));
}

const pb::ServiceDescriptor& DescriptorService::descriptor() const {
  return impl_->descriptor();
}

const MethodPlan& DescriptorService::plan(std::string_view method) const {
  return impl_->plan(method);
}

std::size_t DescriptorService::max_bytes() const {
  return impl_->max_bytes();
}

void DescriptorService::HandleUnary(std::string_view method, UnaryHandler handler) {
  impl_->Set(method, std::move(handler), nullptr);
}

void DescriptorService::HandleStream(std::string_view method, StreamHandler handler) {
  impl_->Set(method, nullptr, std::move(handler));
}

void DescriptorService::EndStreams() {
  impl_->EndStreams();
}

void DescriptorService::AwaitStreams(absl::Time deadline) {
  impl_->AwaitStreams(deadline);
}

grpc::Service& DescriptorService::grpc_service() {
  return *impl_;
}

}  // namespace holdfast::rpc
