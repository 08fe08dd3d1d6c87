#include "base/thread_executor.h"

#include <algorithm>

#include <pthread.h>

#include "absl/time/clock.h"

namespace holdfast {

ThreadExecutor::ThreadExecutor(std::string name)
    : name_(std::move(name)), thread_([this] { Run(); }) {}

ThreadExecutor::~ThreadExecutor() {
  {
    const absl::MutexLock lock(&mutex_);
    stopping_ = true;
  }
  thread_.join();
}

void ThreadExecutor::Post(absl::AnyInvocable<void()> work) {
  const absl::MutexLock lock(&mutex_);
  ready_.push_back(std::move(work));
}

void ThreadExecutor::PostAfter(absl::Duration delay, absl::AnyInvocable<void()> work) {
  const absl::MutexLock lock(&mutex_);
  later_.emplace(absl::Now() + delay, std::move(work));
}

absl::Time ThreadExecutor::LastTick() const {
  const absl::MutexLock lock(&mutex_);
  return last_tick_;
}

void ThreadExecutor::Run() {
  pthread_setname_np(pthread_self(), name_.substr(0, 15).c_str());
  std::deque<absl::AnyInvocable<void()>> batch;
  while (true) {
    {
      const absl::MutexLock lock(&mutex_);
      const auto awake = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
        return stopping_ || !ready_.empty() ||
               (!later_.empty() && later_.begin()->first <= absl::Now());
      };
      absl::Duration wait = absl::Seconds(1);
      if (!later_.empty()) wait = std::min(wait, later_.begin()->first - absl::Now());
      mutex_.AwaitWithTimeout(absl::Condition(&awake), std::max(wait, absl::ZeroDuration()));
      last_tick_ = absl::Now();
      while (!later_.empty() && later_.begin()->first <= last_tick_) {
        ready_.push_back(std::move(later_.begin()->second));
        later_.erase(later_.begin());
      }
      batch.swap(ready_);
      if (batch.empty() && stopping_) return;
    }
    for (auto& work : batch) std::move(work)();
    batch.clear();
  }
}

}  // namespace holdfast
