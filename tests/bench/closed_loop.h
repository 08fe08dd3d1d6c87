// A fixed number of requests in flight: each answer starts the next one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "histogram.h"

namespace holdfast::bench {

struct LoopResult {
  std::uint64_t answered = 0;
  absl::Duration took;
  Histogram latency;
  double cores = 0;  // processor time of this process, over the time it took
  double PerSecond() const { return static_cast<double>(answered) / absl::ToDoubleSeconds(took); }
};

class ClosedLoop {
 public:
  using Done = absl::AnyInvocable<void(absl::Status)>;
  // Starts one request for slot 0 … in_flight - 1; `done` is called once, on any thread, not inside
  // the call. A slot has one request at a time.
  using Start = std::function<void(std::size_t slot, Done done)>;

  // Until `duration` has passed, or each slot has had `at_most` answers where that is not 0. The
  // first error ends it. Waits for what is in flight.
  static absl::StatusOr<LoopResult> Run(std::size_t in_flight, absl::Duration duration,
                                        const Start& start, std::uint64_t at_most = 0);

 private:
  struct Slot {
    std::int64_t started_at = 0;
    std::uint64_t answered = 0;
    Histogram latency;
  };

  ClosedLoop(std::size_t in_flight, absl::Duration duration, const Start& start,
             std::uint64_t at_most);
  void Next(std::size_t slot);
  void Answered(std::size_t slot, const absl::Status& status);

  const Start& start_;
  const std::uint64_t at_most_;
  const std::int64_t until_;
  std::vector<Slot> slots_;
  absl::Mutex mutex_;
  std::size_t running_ ABSL_GUARDED_BY(mutex_);
  absl::Status failed_ ABSL_GUARDED_BY(mutex_);
};

// Processor time of this process so far, user and system.
absl::Duration ProcessorTime();

}  // namespace holdfast::bench
