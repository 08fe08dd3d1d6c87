#include "rpc_load.h"

#include <utility>

#include <google/protobuf/message.h>
#include <grpcpp/channel.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>

#include "absl/strings/str_cat.h"
#include "base/random.h"
#include "base/uuid.h"

namespace holdfast::bench {

struct RpcLoad::Slot {
  std::unique_ptr<google::protobuf::Message> request;
  std::unique_ptr<google::protobuf::Message> answer;
  rpc::CallOptions options;
  std::uint64_t calls = 0;
};

std::shared_ptr<grpc::Channel> NewConnection(const std::string& address) {
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  return grpc::CreateCustomChannel(address, grpc::InsecureChannelCredentials(), arguments);
}

RpcLoad::RpcLoad(const std::string& address, std::string token, std::string method,
                 std::size_t slots, const google::protobuf::Message& request,
                 const google::protobuf::Message& answer, Fill fill, Check check)
    : method_(std::move(method)),
      token_(std::move(token)),
      fill_(std::move(fill)),
      check_(std::move(check)),
      run_(ToString(NewUuidV4(SystemRandom())).substr(0, 8)) {
  for (std::size_t i = 0; i < kConnections; ++i)
    clients_.emplace_back(NewConnection(address), [this] { return token_; });
  for (std::size_t i = 0; i < slots; ++i) {
    auto slot = std::make_unique<Slot>();
    slot->request.reset(request.New());
    slot->answer.reset(answer.New());
    slots_.push_back(std::move(slot));
  }
}

RpcLoad::~RpcLoad() = default;

void RpcLoad::Start(std::size_t slot, std::uint64_t number,
                    absl::AnyInvocable<void(absl::Status)> done) {
  Slot& of = *slots_[slot];
  fill_(*of.request, number);
  of.options.idempotency_key = absl::StrCat(run_, "-", number);
  of.options.purpose = "PARTNERSHIP";  // taken where a method names purposes, ignored elsewhere
  if (check_ != nullptr) {
    done = [this, &of, done = std::move(done)](absl::Status status) mutable {
      if (status.ok()) status = check_(*of.answer);
      std::move(done)(std::move(status));
    };
  }
  clients_[slot % kConnections].Start(method_, *of.request, *of.answer, of.options,
                                      std::move(done));
}

void RpcLoad::Start(std::size_t slot, absl::AnyInvocable<void(absl::Status)> done) {
  const std::uint64_t number = slots_[slot]->calls++ * slots_.size() + slot;
  Start(slot, number, std::move(done));
}

}  // namespace holdfast::bench
