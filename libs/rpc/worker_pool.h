// A fixed number of threads for work that may block: queries, imports, watches. Its full case is an
// answer.
#pragma once

#include <cstddef>
#include <deque>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/functional/any_invocable.h"
#include "absl/synchronization/mutex.h"

namespace holdfast::rpc {

class WorkerPool {
 public:
  // The name is shown by `top -H` (15 characters at most are kept).
  WorkerPool(std::string name, std::size_t threads, std::size_t max_waiting);
  // Finishes what was taken, joins.
  ~WorkerPool();

  // False where `max_waiting` pieces of work wait already, or the pool ends: `work` is not run
  // then.
  [[nodiscard]] bool TryPost(absl::AnyInvocable<void()> work);

 private:
  void Run(const std::string& name);

  const std::size_t max_waiting_;
  absl::Mutex mutex_;
  std::deque<absl::AnyInvocable<void()>> waiting_ ABSL_GUARDED_BY(mutex_);
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::vector<std::jthread> threads_;
};

}  // namespace holdfast::rpc
