#include "closed_loop.h"

#include <limits>
#include <utility>

#include <sys/resource.h>

#include "absl/time/clock.h"

namespace holdfast::bench {

absl::Duration ProcessorTime() {
  struct rusage usage {};
  getrusage(RUSAGE_SELF, &usage);
  return absl::DurationFromTimeval(usage.ru_utime) + absl::DurationFromTimeval(usage.ru_stime);
}

ClosedLoop::ClosedLoop(std::size_t in_flight, absl::Duration duration, const Start& start,
                       std::uint64_t at_most)
    : start_(start),
      at_most_(at_most == 0 ? std::numeric_limits<std::uint64_t>::max() : at_most),
      until_(absl::GetCurrentTimeNanos() + absl::ToInt64Nanoseconds(duration)),
      slots_(in_flight),
      running_(in_flight) {}

void ClosedLoop::Next(std::size_t slot) {
  slots_[slot].started_at = absl::GetCurrentTimeNanos();
  start_(slot, [this, slot](const absl::Status& status) { Answered(slot, status); });
}

void ClosedLoop::Answered(std::size_t slot, const absl::Status& status) {
  Slot& of = slots_[slot];
  const std::int64_t now = absl::GetCurrentTimeNanos();
  of.latency.Add(absl::Nanoseconds(now - of.started_at));
  ++of.answered;
  if (status.ok() && now < until_ && of.answered < at_most_) return Next(slot);
  const absl::MutexLock lock(&mutex_);
  failed_.Update(status);
  --running_;
}

absl::StatusOr<LoopResult> ClosedLoop::Run(std::size_t in_flight, absl::Duration duration,
                                           const Start& start, std::uint64_t at_most) {
  ClosedLoop loop(in_flight, duration, start, at_most);
  const absl::Duration processor = ProcessorTime();
  const absl::Time began = absl::Now();
  for (std::size_t slot = 0; slot < in_flight; ++slot) loop.Next(slot);
  {
    const absl::MutexLock lock(&loop.mutex_);
    const auto over = [&loop]()
                          ABSL_EXCLUSIVE_LOCKS_REQUIRED(loop.mutex_) { return loop.running_ == 0; };
    loop.mutex_.Await(absl::Condition(&over));
    if (!loop.failed_.ok()) return loop.failed_;
  }
  LoopResult result;
  result.took = absl::Now() - began;
  result.cores = absl::FDivDuration(ProcessorTime() - processor, result.took);
  for (const Slot& slot : loop.slots_) {
    result.answered += slot.answered;
    result.latency.Merge(slot.latency);
  }
  return result;
}

}  // namespace holdfast::bench
