// Commands over gRPC, each of a stream that does not exist yet: what E4, E7 and E10 send.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "closed_loop.h"
#include "rpc_load.h"

namespace holdfast::bench {

inline constexpr std::size_t kCallers = 64;

// EnrolMember to whoever answers there, 64 in flight over four connections.
class Enrolments {
 public:
  Enrolments(const std::string& address, std::string token);
  absl::StatusOr<LoopResult> Run(absl::Duration duration);

 private:
  RpcLoad load_;
};

}  // namespace holdfast::bench
