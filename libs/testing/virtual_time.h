// Time, threads and their order, made of one queue: production code runs in it on one thread, in
// virtual time, the same way for the same seed.
//
//   VirtualTime time(seed);
//   const std::unique_ptr<Executor> strand = time.NewExecutor();
//   time.RunFor(absl::Seconds(10));   // no waiting
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <utility>

#include "absl/functional/any_invocable.h"
#include "absl/time/time.h"
#include "base/clock.h"
#include "base/executor.h"
#include "base/random.h"

namespace holdfast::testing {

class VirtualTime final : public Clock {
 public:
  // Work of different executors interleaves as the seed says: each piece takes up to `jitter`.
  explicit VirtualTime(std::uint64_t seed, absl::Duration jitter = absl::ZeroDuration(),
                       absl::Time start = absl::FromUnixSeconds(1772445600));
  ~VirtualTime() override;

  absl::Time Now() const override { return now_; }
  absl::Duration SinceBoot() const override { return now_ - start_ + absl::Hours(1); }

  // A strand. What is posted to it after it was destroyed is dropped, and so is what still waits.
  std::unique_ptr<Executor> NewExecutor();

  // Runs what is due, in order, for so long; the clock then stands at the end of it.
  void RunFor(absl::Duration duration);
  // Until `done`, at most so long. False where the time ran out.
  bool RunUntil(const std::function<bool()>& done, absl::Duration at_most = absl::Minutes(10));
  // Runs one piece of work. False where nothing waits.
  bool Step();
  std::uint64_t steps() const { return steps_; }

 private:
  class Strand;
  using Work = absl::AnyInvocable<void()>;

  void Add(absl::Time at, Work work);

  const absl::Time start_;
  const absl::Duration jitter_;
  SeededRandom random_;
  absl::Time now_;
  std::uint64_t added_ = 0;
  std::uint64_t steps_ = 0;
  std::map<std::pair<absl::Time, std::uint64_t>, Work> waiting_;
};

}  // namespace holdfast::testing
