#include "journal/kafka_undertaker.h"

#include <deque>
#include <utility>

#include <pthread.h>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "observability/log.h"

namespace holdfast::journal::kafka {

struct Undertaker::State {
  void Run();

  absl::Mutex mutex;
  std::deque<absl::AnyInvocable<void()>> waiting ABSL_GUARDED_BY(mutex);
  bool stopping ABSL_GUARDED_BY(mutex) = false;
  bool stopped ABSL_GUARDED_BY(mutex) = false;

  bool HasWork() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex) { return !waiting.empty() || stopping; }
};

void Undertaker::State::Run() {
  pthread_setname_np(pthread_self(), "kafka-end");
  while (true) {
    absl::AnyInvocable<void()> end;
    {
      const absl::MutexLock lock(&mutex);
      mutex.Await(absl::Condition(this, &State::HasWork));
      if (waiting.empty()) {
        stopped = true;
        return;
      }
      end = std::move(waiting.front());
      waiting.pop_front();
    }
    std::move(end)();
  }
}

Undertaker::Undertaker(absl::Duration patience)
    : patience_(patience),
      state_(std::make_shared<State>()),
      thread_([state = state_] { state->Run(); }) {}

Undertaker::~Undertaker() {
  bool stopped = false;
  {
    const absl::MutexLock lock(&state_->mutex);
    state_->stopping = true;
    stopped = state_->mutex.AwaitWithTimeout(absl::Condition(&state_->stopped), patience_);
  }
  if (stopped) {
    thread_.join();
    return;
  }
  log::Error("kafka_client_hangs", log::Reason("DESTROY"));
  // There is no other bounded way: librdkafka offers no destroy with a limit.
  thread_.detach();
}

void Undertaker::Bury(absl::AnyInvocable<void()> end) {
  const absl::MutexLock lock(&state_->mutex);
  state_->waiting.push_back(std::move(end));
}

}  // namespace holdfast::journal::kafka
