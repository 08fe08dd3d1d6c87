// Requests at fixed times, whether or not earlier ones were answered: what the world does.
#pragma once

#include <cstdint>
#include <functional>

#include "absl/base/thread_annotations.h"
#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "histogram.h"

namespace holdfast::bench {

class OpenLoop {
 public:
  using Done = absl::AnyInvocable<void(absl::Status)>;
  using Start = std::function<void(std::uint64_t number, Done done)>;

  // `per_second` for so long, in steps of a millisecond. Latency counts from when a request was due
  // (no coordinated omission). Waits for what is in flight; the first error is the answer.
  static absl::StatusOr<Histogram> Run(double per_second, absl::Duration duration,
                                       const Start& start);

 private:
  void Answered(absl::Time due, const absl::Status& status);

  absl::Mutex mutex_;
  std::uint64_t in_flight_ ABSL_GUARDED_BY(mutex_) = 0;
  Histogram latency_ ABSL_GUARDED_BY(mutex_);
  absl::Status failed_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace holdfast::bench
