// A strand: work runs one at a time, in order of posting. Actors live on one; a simulation supplies
// a virtual one.
#pragma once

#include "absl/functional/any_invocable.h"
#include "absl/time/time.h"

namespace holdfast {

class Executor {
 public:
  virtual ~Executor() = default;
  // Runs `work` after all that was posted before it. Thread-safe; never runs it inside the call.
  virtual void Post(absl::AnyInvocable<void()> work) = 0;
  // Runs `work` once `delay` has passed. Dropped when the executor ends first.
  virtual void PostAfter(absl::Duration delay, absl::AnyInvocable<void()> work) = 0;
};

}  // namespace holdfast
