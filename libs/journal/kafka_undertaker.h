// Where handles of librdkafka go to end. Destroying one joins its threads, which may wait for a
// broker that does not answer; whoever closes a writer or a reader must not wait with it.
#pragma once

#include <memory>
#include <thread>

#include "absl/functional/any_invocable.h"
#include "absl/time/time.h"

namespace holdfast::journal::kafka {

// One thread. Thread-safe.
class Undertaker {
 public:
  // Waits so long at its own end.
  explicit Undertaker(absl::Duration patience = absl::Seconds(10));
  // What still hangs then is logged and left to the end of the process.
  ~Undertaker();
  Undertaker(const Undertaker&) = delete;
  Undertaker& operator=(const Undertaker&) = delete;

  // Runs `end` soon, in the order of coming, on the thread.
  void Bury(absl::AnyInvocable<void()> end);

 private:
  struct State;

  const absl::Duration patience_;
  // Shared with the thread, which outlives this where something hangs.
  const std::shared_ptr<State> state_;
  std::thread thread_;
};

}  // namespace holdfast::journal::kafka
