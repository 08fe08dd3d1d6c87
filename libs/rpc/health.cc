#include "rpc/health.h"

#include <utility>

#include "grpc/health/v1/health.pb.h"

#include "base/error.h"
#include "base/status_macros.h"
#include "rpc/call.h"
#include "rpc/descriptor_service.h"

namespace holdfast::rpc {
namespace {

using grpc::health::v1::HealthCheckRequest;
using grpc::health::v1::HealthCheckResponse;

constexpr std::string_view kLiveness = "liveness";

HealthCheckResponse Response(int status) {
  HealthCheckResponse response;
  response.set_status(static_cast<HealthCheckResponse::ServingStatus>(status));
  return response;
}

}  // namespace

struct Health::Watcher {
  std::shared_ptr<StreamCall> call;
  std::string service;
  int last = -1;
};

Health::Health(const std::vector<std::string>& services) {
  serving_.emplace("", false);
  serving_.emplace(kLiveness, true);
  for (const std::string& service : services) serving_.emplace(service, false);
}

Health::~Health() = default;

int Health::StatusOf(const std::string& service) {
  const auto found = serving_.find(service);
  if (found == serving_.end()) return HealthCheckResponse::SERVICE_UNKNOWN;
  return found->second ? HealthCheckResponse::SERVING : HealthCheckResponse::NOT_SERVING;
}

void Health::SetServing(bool serving) {
  const absl::MutexLock lock(&mutex_);
  for (auto& [name, status] : serving_) {
    if (name != kLiveness) status = serving;
  }
  for (auto& [call, watcher] : watchers_) {
    const int now = StatusOf(watcher->service);
    if (std::exchange(watcher->last, now) != now) call->Offer(Response(now));
  }
}

void Health::Watch(std::shared_ptr<StreamCall> call) {
  const std::unique_ptr<google::protobuf::Message> request = call->TakeRequest();
  StreamCall* const key = call.get();
  {
    const absl::MutexLock lock(&mutex_);
    auto watcher = std::make_unique<Watcher>();
    watcher->service = static_cast<const HealthCheckRequest&>(*request).service();
    watcher->last = StatusOf(watcher->service);
    watcher->call = call;
    call->Offer(Response(watcher->last));
    watchers_.emplace(key, std::move(watcher));
  }
  call->WhenGone([this, key] {
    std::unique_ptr<Watcher> over;
    {
      const absl::MutexLock lock(&mutex_);
      const auto found = watchers_.find(key);
      if (found == watchers_.end()) return;
      over = std::move(found->second);
      watchers_.erase(found);
    }
    over->call->Finish(absl::CancelledError("the watcher is gone"));
  });
}

absl::StatusOr<std::unique_ptr<DescriptorService>> Health::Service(Door& door,
                                                                   FieldValidator& validator) {
  ASSIGN_OR_RETURN(std::unique_ptr<DescriptorService> service,
                   DescriptorService::Of("grpc.health.v1.Health", door, validator, true));
  service->HandleUnary("Check", [this](std::unique_ptr<UnaryCall> call) {
    int status = HealthCheckResponse::SERVICE_UNKNOWN;
    {
      const absl::MutexLock lock(&mutex_);
      status = StatusOf(static_cast<const HealthCheckRequest&>(call->request()).service());
    }
    if (status == HealthCheckResponse::SERVICE_UNKNOWN) {
      return call->Fail(ErrorWithReason(absl::StatusCode::kNotFound, "NOT_FOUND",
                                        "No service of that name is known here."));
    }
    call->Answer(Response(status));
  });
  service->HandleStream("Watch",
                        [this](std::shared_ptr<StreamCall> call) { Watch(std::move(call)); });
  return service;
}

}  // namespace holdfast::rpc
