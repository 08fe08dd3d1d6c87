// A program as main() runs it: started, awaited, drained, destroyed.
#pragma once

#include <functional>
#include <memory>

#include "holdfast/config/v1/config.pb.h"

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace holdfast::app {

class Process {
 public:
  virtual ~Process() = default;  // drains at once where Drain was not called

  // Waits until it does its work, then says where it answers (run/holdfast.json).
  virtual absl::Status AwaitReady() = 0;
  // Not ready; takes no new work, ends what runs; nothing is lost. Blocks for no longer than the
  // configuration allows.
  virtual void Drain() = 0;
};

// From a complete configuration. Errors are sentences for the person at the console.
using StartProcess =
    std::function<absl::StatusOr<std::unique_ptr<Process>>(config::v1::Process config)>;

}  // namespace holdfast::app
