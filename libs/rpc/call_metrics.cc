#include "rpc/call_metrics.h"

#include <array>
#include <string>

#include <google/protobuf/descriptor.h>

#include "observability/log.h"
#include "observability/metrics.h"
#include "rpc/method_plan.h"

namespace holdfast::rpc {
namespace {

constexpr std::array<std::string_view, 17> kCodes = {
    "OK",       "Canceled",       "Unknown",          "InvalidArgument",   "DeadlineExceeded",
    "NotFound", "AlreadyExists",  "PermissionDenied", "ResourceExhausted", "FailedPrecondition",
    "Aborted",  "OutOfRange",     "Unimplemented",    "Internal",          "Unavailable",
    "DataLoss", "Unauthenticated"};

std::string_view TypeOf(const google::protobuf::MethodDescriptor& method) {
  if (method.client_streaming()) return method.server_streaming() ? "bidi_stream" : "client_stream";
  return method.server_streaming() ? "server_stream" : "unary";
}

}  // namespace

// The children of one method: made at its first call, as stock dashboards expect.
struct CallMetrics::Method {
  std::string service;
  std::string name;
  std::string_view type;
  absl::Mutex mutex;
  bool called ABSL_GUARDED_BY(mutex) = false;
  metrics::Counter started ABSL_GUARDED_BY(mutex);
  metrics::Histogram took ABSL_GUARDED_BY(mutex);
  std::array<metrics::Counter, kCodes.size()> handled ABSL_GUARDED_BY(mutex);
  std::array<bool, kCodes.size()> handled_made ABSL_GUARDED_BY(mutex) = {};
};

CallMetrics::CallMetrics(metrics::Registry& registry) : registry_(registry) {}
CallMetrics::~CallMetrics() = default;

void CallMetrics::Know(MethodPlan& method) {
  method.observer_slot = methods_.size();
  auto known = std::make_unique<Method>();
  known->service = method.method->service()->full_name();
  known->name = method.method->name();
  known->type = TypeOf(*method.method);
  methods_.push_back(std::move(known));
}

void CallMetrics::Started(const MethodPlan& method) {
  Method& known = *methods_[method.observer_slot];
  const absl::MutexLock lock(&known.mutex);
  if (!known.called) {
    known.called = true;
    known.started =
        registry_.GetCounter(metrics::kGrpcStarted, {known.service, known.name, known.type});
    known.took = registry_.GetHistogram(metrics::kGrpcHandlingSeconds,
                                        {known.service, known.name, known.type});
  }
  known.started.Increment();
}

void CallMetrics::Handled(const MethodPlan& method, absl::StatusCode code, absl::Duration took) {
  Method& known = *methods_[method.observer_slot];
  const auto number = static_cast<std::size_t>(code) % kCodes.size();
  const absl::MutexLock lock(&known.mutex);
  if (!known.handled_made[number]) {
    known.handled_made[number] = true;
    known.handled[number] = registry_.GetCounter(
        metrics::kGrpcHandled, {known.service, known.name, known.type, kCodes[number]});
  }
  known.handled[number].Increment();
  known.took.Observe(took);
}

void CallMetrics::DoorRefused(std::string_view check, std::string_view reason) {
  registry_.GetCounter(metrics::kDoorRefused, {check, reason}).Increment();
  if (reason == "POLICY_DENIED") {
    registry_.GetCounter(metrics::kPolicyDenied, {"method.roles"}).Increment();
  }
}

void CallMetrics::TokenRejected(std::string_view cause) {
  registry_.GetCounter(metrics::kTokenRejected, {cause}).Increment();
}

void CallMetrics::Faulted(const MethodPlan& method, const absl::Status& fault,
                          std::string_view trace) {
  log::Error("call_faulted", log::Method(method.path), log::TraceId(trace),
             log::Code(kCodes[static_cast<std::size_t>(fault.code()) % kCodes.size()]));
}

}  // namespace holdfast::rpc
