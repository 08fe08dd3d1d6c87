#include "rpc/worker_pool.h"

#include <utility>

#include <pthread.h>

namespace holdfast::rpc {

WorkerPool::WorkerPool(std::string name, std::size_t threads, std::size_t max_waiting)
    : max_waiting_(max_waiting) {
  threads_.reserve(threads);
  for (std::size_t i = 0; i < threads; ++i) {
    threads_.emplace_back([this, name] { Run(name); });
  }
}

WorkerPool::~WorkerPool() {
  const absl::MutexLock lock(&mutex_);
  stopping_ = true;
}

bool WorkerPool::TryPost(absl::AnyInvocable<void()> work) {
  const absl::MutexLock lock(&mutex_);
  if (stopping_ || waiting_.size() >= max_waiting_) return false;
  waiting_.push_back(std::move(work));
  return true;
}

void WorkerPool::Run(const std::string& name) {
  pthread_setname_np(pthread_self(), name.substr(0, 15).c_str());
  const auto awake = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return stopping_ || !waiting_.empty();
  };
  while (true) {
    absl::AnyInvocable<void()> work;
    {
      const absl::MutexLock lock(&mutex_, absl::Condition(&awake));
      if (waiting_.empty()) return;
      work = std::move(waiting_.front());
      waiting_.pop_front();
    }
    work();
  }
}

}  // namespace holdfast::rpc
