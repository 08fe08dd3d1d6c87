#include "journal/kafka_bell.h"

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <pthread.h>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "base/clock.h"
#include "observability/log.h"

namespace holdfast::journal::kafka {
namespace {

constexpr std::size_t kTakenAtOnce = 1'000;

}  // namespace

struct Bell::State {
  State(ConsumerOptions consumer_options, absl::Duration interval, Undertaker& end)
      : options(std::move(consumer_options)), watch_interval(interval), undertaker(end) {}

  void Run();
  // The next listener that was rung for, and is not forgotten until Release.
  Listener* NextRung();
  void Tell(Listener& listener);
  void Release();
  void Watch();
  void HearEnds();
  void AskEnds();
  std::vector<Listener*> Waiting();
  bool Hold(Listener* listener);

  const ConsumerOptions options;
  const absl::Duration watch_interval;
  Undertaker& undertaker;

  absl::Mutex mutex;
  absl::CondVar work;
  absl::CondVar released;
  std::map<Listener*, absl::AnyInvocable<void()>> waiting ABSL_GUARDED_BY(mutex);
  std::set<Listener*> rung ABSL_GUARDED_BY(mutex);
  Listener* held ABSL_GUARDED_BY(mutex) = nullptr;  // by the thread, outside the lock
  bool stopping ABSL_GUARDED_BY(mutex) = false;

  std::thread::id thread ABSL_GUARDED_BY(mutex);

  // Of the thread.
  absl::Duration watch_at;
  std::unique_ptr<Consumer> probe;  // reads the ends of the partitions of silent listeners
};

void Bell::State::Run() {
  pthread_setname_np(pthread_self(), "kafka-bell");
  {
    const absl::MutexLock lock(&mutex);
    thread = std::this_thread::get_id();
  }
  watch_at = SystemClock().SinceBoot() + watch_interval;
  while (true) {
    while (Listener* const listener = NextRung()) {
      Tell(*listener);
      Release();
    }
    {
      const absl::MutexLock lock(&mutex);
      if (stopping) break;
      const absl::Duration left = watch_at - SystemClock().SinceBoot();
      if (rung.empty() && left > absl::ZeroDuration()) work.WaitWithTimeout(&mutex, left);
      if (stopping) break;
    }
    if (SystemClock().SinceBoot() >= watch_at) Watch();
  }
  if (probe != nullptr) undertaker.Bury([old = std::move(probe)] {});
}

Listener* Bell::State::NextRung() {
  const absl::MutexLock lock(&mutex);
  if (stopping || rung.empty()) return nullptr;
  held = *rung.begin();
  rung.erase(rung.begin());
  return held;
}

void Bell::State::Tell(Listener& listener) {
  if (!listener.HasMore()) return;
  absl::AnyInvocable<void()> more;
  {
    const absl::MutexLock lock(&mutex);
    const auto found = waiting.find(&listener);
    if (found == waiting.end()) return;
    more = std::move(found->second);
    waiting.erase(found);
  }
  std::move(more)();
}

bool Bell::State::Hold(Listener* listener) {
  const absl::MutexLock lock(&mutex);
  if (stopping || !waiting.contains(listener)) return false;
  held = listener;
  return true;
}

void Bell::State::Release() {
  const absl::MutexLock lock(&mutex);
  held = nullptr;
  released.SignalAll();
}

std::vector<Listener*> Bell::State::Waiting() {
  const absl::MutexLock lock(&mutex);
  std::vector<Listener*> all;
  for (const auto& [listener, more] : waiting) all.push_back(listener);
  return all;
}

void Bell::State::Watch() {
  if (probe != nullptr) HearEnds();
  AskEnds();
  watch_at = SystemClock().SinceBoot() + watch_interval;
}

void Bell::State::HearEnds() {
  std::map<std::pair<std::string, std::int32_t>, Offset> ends;
  std::vector<Message> taken = probe->Take(kTakenAtOnce);
  for (; !taken.empty(); taken = probe->Take(kTakenAtOnce)) {
    for (const Message& message : taken) {
      if (message->err != RD_KAFKA_RESP_ERR__PARTITION_EOF || message->offset < 0) continue;
      ends[{rd_kafka_topic_name(message->rkt), message->partition}] =
          static_cast<Offset>(message->offset);
    }
  }
  undertaker.Bury([old = std::move(probe)] {});
  for (Listener* const listener : Waiting()) {
    if (!Hold(listener)) continue;
    const PartitionLog& log = listener->log();
    const auto end = ends.find({log.topic(), static_cast<std::int32_t>(log.id().partition)});
    if (end != ends.end()) listener->HearEnd(end->second);
    Release();
  }
}

void Bell::State::AskEnds() {
  std::set<std::pair<std::string, std::int32_t>> silent;
  for (Listener* const listener : Waiting()) {
    if (!Hold(listener)) continue;
    const PartitionLog& log = listener->log();
    if (listener->IsSilent())
      silent.emplace(log.topic(), static_cast<std::int32_t>(log.id().partition));
    Release();
  }
  if (silent.empty()) return;
  std::vector<ReadFrom> ends;
  ends.reserve(silent.size());
  for (const auto& [topic, partition] : silent)
    ends.push_back({topic, partition, RD_KAFKA_OFFSET_END});
  auto opened = Consumer::Open(options, ends, [] {});
  if (opened.ok()) {
    probe = *std::move(opened);
  } else {
    log::Warn("kafka_watch_failed", log::Code(absl::StatusCodeToString(opened.status().code())));
  }
}

Bell::Bell(const ConsumerOptions& options, absl::Duration watch_interval, Undertaker& undertaker)
    : state_(std::make_unique<State>(options, watch_interval, undertaker)) {
  thread_ = std::thread([raw = state_.get()] { raw->Run(); });
}

Bell::~Bell() {
  {
    const absl::MutexLock lock(&state_->mutex);
    state_->stopping = true;
    state_->work.Signal();
  }
  thread_.join();
}

void Bell::Await(Listener& listener, absl::AnyInvocable<void()> more) {
  absl::AnyInvocable<void()> replaced;  // destroyed outside the lock
  const absl::MutexLock lock(&state_->mutex);
  auto& request = state_->waiting[&listener];
  replaced = std::exchange(request, std::move(more));
  state_->rung.insert(&listener);
  state_->work.Signal();
}

void Bell::Ring(Listener& listener) {
  const absl::MutexLock lock(&state_->mutex);
  if (!state_->waiting.contains(&listener)) return;
  state_->rung.insert(&listener);
  state_->work.Signal();
}

void Bell::Forget(Listener& listener) {
  absl::AnyInvocable<void()> dropped;  // destroyed outside the lock
  const absl::MutexLock lock(&state_->mutex);
  while (state_->held == &listener && state_->thread != std::this_thread::get_id())
    state_->released.Wait(&state_->mutex);
  state_->rung.erase(&listener);
  if (const auto found = state_->waiting.find(&listener); found != state_->waiting.end()) {
    dropped = std::move(found->second);
    state_->waiting.erase(found);
  }
}

}  // namespace holdfast::journal::kafka
