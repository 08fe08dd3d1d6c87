#include "open_loop.h"

#include "absl/time/clock.h"

namespace holdfast::bench {

void OpenLoop::Answered(absl::Time due, const absl::Status& status) {
  const absl::Time now = absl::Now();
  const absl::MutexLock lock(&mutex_);
  latency_.Add(now - due);
  failed_.Update(status);
  --in_flight_;
}

absl::StatusOr<Histogram> OpenLoop::Run(double per_second, absl::Duration duration,
                                        const Start& start) {
  constexpr absl::Duration kStep = absl::Milliseconds(1);
  OpenLoop loop;
  const absl::Time began = absl::Now();
  std::uint64_t sent = 0;
  for (absl::Time step = began; step < began + duration; step += kStep) {
    absl::SleepFor(step - absl::Now());
    const double due = per_second * absl::ToDoubleSeconds(step - began + kStep);
    for (; static_cast<double>(sent) < due; ++sent) {
      {
        const absl::MutexLock lock(&loop.mutex_);
        if (!loop.failed_.ok()) break;
        ++loop.in_flight_;
      }
      start(sent, [&loop, step](const absl::Status& status) { loop.Answered(step, status); });
    }
  }
  const absl::MutexLock lock(&loop.mutex_);
  const auto over = [&loop]()
                        ABSL_EXCLUSIVE_LOCKS_REQUIRED(loop.mutex_) { return loop.in_flight_ == 0; };
  loop.mutex_.Await(absl::Condition(&over));
  if (!loop.failed_.ok()) return loop.failed_;
  return loop.latency_;
}

}  // namespace holdfast::bench
