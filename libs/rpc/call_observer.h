// Who is told of calls: metrics and log, once per call.
#pragma once

#include <string_view>

#include "absl/status/status.h"
#include "absl/time/time.h"

namespace holdfast::rpc {

struct MethodPlan;

// Thread-safe; must not block.
class CallObserver {
 public:
  virtual ~CallObserver() = default;
  // Once for each method, before its first call: may set `observer_slot`.
  virtual void Know(MethodPlan& method);
  virtual void Started(const MethodPlan& method) = 0;
  virtual void Handled(const MethodPlan& method, absl::StatusCode code, absl::Duration took) = 0;
  // The door said no: `check` is peer, metadata, token, draining, role, sign_in_age,
  // size, body or fields.
  virtual void DoorRefused(std::string_view check, std::string_view reason) = 0;
  // A token was no token of ours: NameOf(TokenFault), or scheme, unknown.
  virtual void TokenRejected(std::string_view cause) = 0;
  // A fault of ours. The caller hears the trace id only; this is what the log says. `trace` is
  // hexadecimal.
  virtual void Faulted(const MethodPlan& method, const absl::Status& fault,
                       std::string_view trace) = 0;
};

// Tells nobody.
CallObserver& SilentObserver();

}  // namespace holdfast::rpc
