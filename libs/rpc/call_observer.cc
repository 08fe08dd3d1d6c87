#include "rpc/call_observer.h"

namespace holdfast::rpc {
namespace {

class Silent final : public CallObserver {
 public:
  void Started(const MethodPlan&) override {}
  void Handled(const MethodPlan&, absl::StatusCode, absl::Duration) override {}
  void DoorRefused(std::string_view, std::string_view) override {}
  void TokenRejected(std::string_view) override {}
  void Faulted(const MethodPlan&, const absl::Status&, std::string_view) override {}
};

}  // namespace

void CallObserver::Know(MethodPlan&) {}

CallObserver& SilentObserver() {
  static Silent silent;
  return silent;
}

}  // namespace holdfast::rpc
