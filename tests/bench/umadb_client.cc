#include "umadb_client.h"

#include <atomic>
#include <string_view>
#include <utility>
#include <vector>

#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/support/byte_buffer.h>
#include <grpcpp/support/slice.h>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "base/random.h"
#include "base/uuid.h"
#include "enrolments.h"
#include "rpc_load.h"

namespace holdfast::bench {
namespace {

using Bytes = grpc::ByteBuffer;

constexpr char kAppend[] = "/umadb.v1.DCB/Append";

// A length-delimited field of fewer than 16,384 bytes.
void Put(std::string& out, unsigned number, std::string_view bytes) {
  out.push_back(static_cast<char>(number << 3U | 2U));
  if (bytes.size() >= 128) out.push_back(static_cast<char>((bytes.size() & 127U) | 128U));
  out.push_back(static_cast<char>(bytes.size() < 128 ? bytes.size() : bytes.size() >> 7U));
  out.append(bytes);
}

// AppendRequest {events: [{event_type, tags, data}], condition: {fail_if_events_match: {items:
// [{types, tags}]}}}, numbers as in umadb.proto of 0.7.
std::string AppendRequest(std::string_view tag, std::string_view data) {
  std::string event;
  Put(event, 1, "MemberEnrolled");
  Put(event, 2, tag);
  Put(event, 3, data);
  std::string item;
  Put(item, 1, "MemberEnrolled");
  Put(item, 2, tag);
  std::string query;
  Put(query, 1, item);
  std::string condition;
  Put(condition, 1, query);
  std::string request;
  Put(request, 1, event);
  Put(request, 2, condition);
  return request;
}

}  // namespace

struct UmadbClient::Impl {
  struct Call {
    grpc::ClientContext context;
    Bytes request;
    Bytes answer;
    ClosedLoop::Done done;
  };
  std::vector<std::unique_ptr<grpc::TemplatedGenericStub<Bytes, Bytes>>> stubs;
  std::string run = ToString(NewUuidV4(SystemRandom())).substr(0, 8);
  // As many bytes as one of our records has beside its event.
  const std::string data = std::string(280, 'x');
  std::atomic<std::uint64_t> next{0};

  void Start(std::size_t slot, ClosedLoop::Done done) {
    auto call = std::make_shared<Call>();
    call->done = std::move(done);
    const grpc::Slice slice(AppendRequest(absl::StrCat(run, "-", next++), data));
    call->request = Bytes(&slice, 1);
    call->context.set_deadline(absl::ToChronoTime(absl::Now() + absl::Seconds(30)));
    stubs[slot % kConnections]->UnaryCall(
        &call->context, kAppend, {}, &call->request, &call->answer,
        [call](const grpc::Status& status) {
          call->done(status.ok() ? absl::OkStatus()
                                 : absl::UnavailableError(absl::StrCat(
                                       "UmaDB: ", static_cast<int>(status.error_code()), " ",
                                       status.error_message())));
        });
  }
};

UmadbClient::UmadbClient(const std::string& address) : impl_(std::make_unique<Impl>()) {
  for (std::size_t i = 0; i < kConnections; ++i)
    impl_->stubs.push_back(
        std::make_unique<grpc::TemplatedGenericStub<Bytes, Bytes>>(NewConnection(address)));
}
UmadbClient::~UmadbClient() = default;

absl::StatusOr<LoopResult> UmadbClient::Run(absl::Duration duration) {
  return ClosedLoop::Run(kCallers, duration, [this](std::size_t slot, ClosedLoop::Done done) {
    impl_->Start(slot, std::move(done));
  });
}

}  // namespace holdfast::bench
