#include "rpc/client_stream.h"

#include <utility>

#include <google/protobuf/message.h>
#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/impl/codegen/proto_utils.h>
#include <grpcpp/support/byte_buffer.h>
#include <grpcpp/support/client_callback.h>
#include <grpcpp/support/proto_buffer_reader.h>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "base/error.h"
#include "rpc/grpc_body.h"
#include "rpc/grpc_status.h"

namespace holdfast::rpc {
namespace {

namespace pb = google::protobuf;
using grpc::ByteBuffer;

// One message at a time in each direction; the caller waits for it. Outlives the call: Wait sees to
// it.
class Stream final : public grpc::ClientBidiReactor<ByteBuffer, ByteBuffer> {
 public:
  Stream(const std::shared_ptr<grpc::Channel>& channel, const std::string& method,
         std::unique_ptr<grpc::ClientContext> context)
      : context_(std::move(context)), stub_(channel) {
    stub_.PrepareBidiStreamingCall(context_.get(), method, {}, this);
    AddHold();  // operations are started from outside of its reactions
    StartCall();
  }
  ~Stream() override {
    Cancel();
    Release();
    static_cast<void>(Wait());
  }

  bool Write(const pb::Message& message, bool last) {
    {
      const absl::MutexLock lock(&mutex_);
      if (broken_) return false;
      writing_ = true;
    }
    if (!WriteBody(message, out_)) return false;
    grpc::WriteOptions options;
    if (last) options.set_last_message();
    StartWrite(&out_, options);
    const absl::MutexLock lock(&mutex_);
    mutex_.Await(absl::Condition(
        +[](Stream* self) ABSL_EXCLUSIVE_LOCKS_REQUIRED(self->mutex_) { return !self->writing_; },
        this));
    return !broken_;
  }

  void WritesDone() {
    const absl::MutexLock lock(&mutex_);
    if (!broken_) StartWritesDone();
  }

  // False at the end: then Wait says which.
  absl::StatusOr<bool> Read(pb::Message& into) {
    {
      const absl::MutexLock lock(&mutex_);
      if (read_end_) return false;
      reading_ = true;
    }
    StartRead(&in_);
    {
      const absl::MutexLock lock(&mutex_);
      mutex_.Await(absl::Condition(
          +[](Stream* self) ABSL_EXCLUSIVE_LOCKS_REQUIRED(self->mutex_) { return !self->reading_; },
          this));
      if (read_end_) return false;
    }
    grpc::ProtoBufferReader reader(&in_);
    if (!into.ParseFromZeroCopyStream(&reader)) {
      return absl::DataLossError("the answer could not be read; is the server of another version?");
    }
    in_.Clear();
    return true;
  }

  void Cancel() { context_->TryCancel(); }

  // The end of the call. Nothing may be started after it.
  absl::Status End() {
    Release();
    return Wait();
  }

 private:
  void Release() {
    if (std::exchange(held_, false)) RemoveHold();
  }
  absl::Status Wait() {
    const absl::MutexLock lock(&mutex_);
    mutex_.Await(absl::Condition(&done_));
    return FromGrpc(status_);
  }

  void OnWriteDone(bool ok) override {
    const absl::MutexLock lock(&mutex_);
    writing_ = false;
    broken_ |= !ok;
  }
  void OnReadDone(bool ok) override {
    const absl::MutexLock lock(&mutex_);
    reading_ = false;
    read_end_ |= !ok;
  }
  void OnDone(const grpc::Status& status) override {
    const absl::MutexLock lock(&mutex_);
    status_ = status;
    done_ = true;
  }

  const std::unique_ptr<grpc::ClientContext> context_;
  grpc::TemplatedGenericStub<ByteBuffer, ByteBuffer> stub_;
  ByteBuffer out_;
  ByteBuffer in_;
  bool held_ = true;
  absl::Mutex mutex_;
  bool writing_ ABSL_GUARDED_BY(mutex_) = false;
  bool reading_ ABSL_GUARDED_BY(mutex_) = false;
  bool broken_ ABSL_GUARDED_BY(mutex_) = false;
  bool read_end_ ABSL_GUARDED_BY(mutex_) = false;
  bool done_ ABSL_GUARDED_BY(mutex_) = false;
  grpc::Status status_ ABSL_GUARDED_BY(mutex_);
};

class UploadStream final : public Upload {
 public:
  UploadStream(const std::shared_ptr<grpc::Channel>& channel, const std::string& method,
               std::unique_ptr<grpc::ClientContext> context)
      : stream_(channel, method, std::move(context)) {}

  bool Write(const pb::Message& message) override { return stream_.Write(message, false); }

  absl::Status Finish(pb::Message& answer) override {
    stream_.WritesDone();
    absl::StatusOr<bool> read = stream_.Read(answer);
    absl::Status ended = stream_.End();
    if (!ended.ok()) return ended;
    if (!read.ok()) return read.status();
    if (!*read) return absl::DataLossError("the call ended well but without an answer");
    return absl::OkStatus();
  }

 private:
  Stream stream_;
};

class WatchStream final : public Watch {
 public:
  WatchStream(const std::shared_ptr<grpc::Channel>& channel, const std::string& method,
              const pb::Message& request, std::unique_ptr<grpc::ClientContext> context)
      : stream_(channel, method, std::move(context)) {
    stream_.Write(request, true);  // where it fails, Read says why
  }

  absl::StatusOr<bool> Read(pb::Message& into) override {
    absl::StatusOr<bool> read = stream_.Read(into);
    if (!read.ok() || *read) return read;
    absl::Status ended = stream_.End();
    if (!ended.ok()) return ended;
    return false;
  }
  void Cancel() override { stream_.Cancel(); }

 private:
  Stream stream_;
};

class ExchangeStream final : public Exchange {
 public:
  ExchangeStream(const std::shared_ptr<grpc::Channel>& channel, const std::string& method,
                 std::unique_ptr<grpc::ClientContext> context)
      : stream_(channel, method, std::move(context)) {}

  bool Write(const pb::Message& message) override { return stream_.Write(message, false); }
  void WritesDone() override { stream_.WritesDone(); }
  absl::StatusOr<bool> Read(pb::Message& into) override { return stream_.Read(into); }
  absl::Status Finish() override { return stream_.End(); }

 private:
  Stream stream_;
};

}  // namespace

std::unique_ptr<Upload> StartUpload(const std::shared_ptr<grpc::Channel>& channel,
                                    const std::string& method,
                                    std::unique_ptr<grpc::ClientContext> context) {
  return std::make_unique<UploadStream>(channel, method, std::move(context));
}

std::unique_ptr<Watch> StartWatch(const std::shared_ptr<grpc::Channel>& channel,
                                  const std::string& method, const pb::Message& request,
                                  std::unique_ptr<grpc::ClientContext> context) {
  return std::make_unique<WatchStream>(channel, method, request, std::move(context));
}

std::unique_ptr<Exchange> StartExchange(const std::shared_ptr<grpc::Channel>& channel,
                                        const std::string& method,
                                        std::unique_ptr<grpc::ClientContext> context) {
  return std::make_unique<ExchangeStream>(channel, method, std::move(context));
}

}  // namespace holdfast::rpc
