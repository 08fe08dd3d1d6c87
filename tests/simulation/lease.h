// Who may write a partition, in the simulated world: what heartbeats over a control topic come to,
// without their messages. A lease is given to one node at a time; whoever takes it over ends it for
// the one before, at that moment.
#pragma once

#include <optional>

#include "absl/time/time.h"
#include "base/clock.h"

namespace holdfast::simulation {

inline constexpr absl::Duration kLeaseTime = absl::Seconds(5);

class Lease {
 public:
  explicit Lease(const Clock& clock) : clock_(clock) {}

  // True where the node holds it, or the holder is late; the node then holds it.
  bool Take(int node) {
    if (holder_ != node && holder_ && !Late()) return false;
    holder_ = node;
    renewed_ = clock_.Now();
    return true;
  }
  // A wrong suspicion: the holder was not late.
  void Wrest(int node) {
    holder_ = node;
    renewed_ = clock_.Now();
  }
  // A heartbeat of the node came through. What was late stays late.
  void Renew(int node) {
    if (holder_ == node && !Late()) renewed_ = clock_.Now();
  }
  bool Sure(int node) const {
    return holder_ == node && clock_.Now() - renewed_ < kLeaseTime - absl::Seconds(1);
  }
  void Drop(int node) {
    if (holder_ == node) holder_.reset();
  }

 private:
  bool Late() const { return clock_.Now() - renewed_ > kLeaseTime; }

  const Clock& clock_;
  std::optional<int> holder_;
  absl::Time renewed_ = absl::InfinitePast();
};

}  // namespace holdfast::simulation
