// Calls as metrics (grpc_server_*, holdfast_door_*), and faults as lines of the log.
#pragma once

#include <deque>
#include <memory>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "rpc/call_observer.h"

namespace holdfast::metrics {
class Registry;
}

namespace holdfast::rpc {

class CallMetrics final : public CallObserver {
 public:
  explicit CallMetrics(metrics::Registry& registry);  // borrowed
  ~CallMetrics() override;

  void Know(MethodPlan& method) override;
  void Started(const MethodPlan& method) override;
  void Handled(const MethodPlan& method, absl::StatusCode code, absl::Duration took) override;
  void DoorRefused(std::string_view check, std::string_view reason) override;
  void TokenRejected(std::string_view cause) override;
  void Faulted(const MethodPlan& method, const absl::Status& fault,
               std::string_view trace) override;

 private:
  struct Method;
  metrics::Registry& registry_;
  std::deque<std::unique_ptr<Method>> methods_;  // complete before the first call
};

}  // namespace holdfast::rpc
