// Appends to UmaDB over its gRPC API, each under the condition that no event carries its tag yet:
// what enrolling a new member is to us.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "closed_loop.h"

namespace holdfast::bench {

class UmadbClient {
 public:
  explicit UmadbClient(const std::string& address);
  ~UmadbClient();

  // 64 in flight over four connections.
  absl::StatusOr<LoopResult> Run(absl::Duration duration);

 private:
  struct Impl;
  const std::unique_ptr<Impl> impl_;
};

}  // namespace holdfast::bench
