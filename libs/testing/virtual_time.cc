#include "testing/virtual_time.h"

#include <algorithm>

namespace holdfast::testing {

class VirtualTime::Strand final : public Executor {
 public:
  explicit Strand(VirtualTime& time) : time_(time) {}
  ~Strand() override { *alive_ = false; }

  void Post(Work work) override { Add(time_.now_, std::move(work)); }
  void PostAfter(absl::Duration delay, Work work) override {
    time_.Add(time_.now_ + std::max(delay, absl::ZeroDuration()), Guarded(std::move(work)));
  }

 private:
  // Behind what was posted before.
  void Add(absl::Time at, Work work) {
    if (time_.jitter_ > absl::ZeroDuration()) {
      const auto most = static_cast<std::uint64_t>(absl::ToInt64Nanoseconds(time_.jitter_));
      at += absl::Nanoseconds(static_cast<std::int64_t>(time_.random_.Below(most)));
    }
    last_ = std::max(last_, at);
    time_.Add(last_, Guarded(std::move(work)));
  }

  Work Guarded(Work work) const {
    return [alive = alive_, work = std::move(work)]() mutable {
      if (*alive) std::move(work)();
    };
  }

  VirtualTime& time_;
  const std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
  absl::Time last_ = absl::InfinitePast();
};

VirtualTime::VirtualTime(std::uint64_t seed, absl::Duration jitter, absl::Time start)
    : start_(start), jitter_(jitter), random_(seed), now_(start) {}

VirtualTime::~VirtualTime() = default;

std::unique_ptr<Executor> VirtualTime::NewExecutor() {
  return std::make_unique<Strand>(*this);
}

void VirtualTime::Add(absl::Time at, Work work) {
  waiting_.emplace(std::make_pair(at, added_++), std::move(work));
}

bool VirtualTime::Step() {
  if (waiting_.empty()) return false;
  auto next = waiting_.extract(waiting_.begin());
  now_ = std::max(now_, next.key().first);
  ++steps_;
  std::move(next.mapped())();
  return true;
}

void VirtualTime::RunFor(absl::Duration duration) {
  const absl::Time end = now_ + duration;
  while (!waiting_.empty() && waiting_.begin()->first.first <= end) Step();
  now_ = std::max(now_, end);
}

bool VirtualTime::RunUntil(const std::function<bool()>& done, absl::Duration at_most) {
  const absl::Time end = now_ + at_most;
  while (!done()) {
    if (waiting_.empty() || waiting_.begin()->first.first > end) return false;
    Step();
  }
  return true;
}

}  // namespace holdfast::testing
