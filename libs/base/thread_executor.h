// An Executor on one thread of its own.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <thread>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "base/executor.h"

namespace holdfast {

class ThreadExecutor final : public Executor {
 public:
  // The name is shown by debuggers and `top -H` (15 characters at most are kept).
  explicit ThreadExecutor(std::string name);
  // Finishes what was posted, drops what was only due later, joins.
  ~ThreadExecutor() override;

  void Post(absl::AnyInvocable<void()> work) override;
  void PostAfter(absl::Duration delay, absl::AnyInvocable<void()> work) override;

  // When the thread last went round its loop; liveness asks for it (an idle loop ticks each
  // second).
  absl::Time LastTick() const;

 private:
  void Run();

  const std::string name_;
  mutable absl::Mutex mutex_;
  std::deque<absl::AnyInvocable<void()>> ready_ ABSL_GUARDED_BY(mutex_);
  std::multimap<absl::Time, absl::AnyInvocable<void()>> later_ ABSL_GUARDED_BY(mutex_);
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  absl::Time last_tick_ ABSL_GUARDED_BY(mutex_) = absl::InfinitePast();
  std::jthread thread_;
};

}  // namespace holdfast
