// Which process holds which partition, as all of them say: the liveness of the journal's protocol,
// never its safety. A wrong take-over costs one step-down (journal/acceptance.h).
//
// Partition p prefers the instance with the ordinal p mod replicas; the next ordinal is its
// standby, which folds the same log. A holder that was not heard for `timeout` may be replaced, one
// that said that it has ended at once. Nobody is replaced while the channel carries nothing: then
// not even the own words come back, and silence says nothing of others.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "absl/time/time.h"
#include "eventsourcing/fold_digests.h"
#include "eventsourcing/ownership.h"
#include "journal/control_channel.h"
#include "journal/journal.h"

namespace holdfast {
class Clock;
class Executor;
class Random;
}  // namespace holdfast

namespace holdfast::eventsourcing {

struct HeartbeatOptions {
  std::shared_ptr<journal::ControlChannel> channel;
  Clock* clock = nullptr;        // borrowed, as the others
  Executor* executor = nullptr;  // beats on it; outlives this, or has ended
  Random* random = nullptr;
  std::uint32_t ordinal = 0;
  std::uint32_t replicas = 1;
  std::string address;  // of the own door, "host:port"
  absl::Duration timeout = absl::Seconds(5);
};

// Where an instance stands to a partition.
enum class Place { kPreferred, kStandby, kNone };
Place PlaceOf(std::uint32_t partition, std::uint32_t ordinal, std::uint32_t replicas);

// Thread-safe.
class Heartbeats {
 public:
  explicit Heartbeats(HeartbeatOptions options);
  // No more beats; what Of gave answers no to everything.
  ~Heartbeats();

  // Begins to listen and to beat. `address` is known once the door is open.
  void Start();
  void SetAddress(std::string address);

  // Whether this instance folds the partition: as the one that it prefers, or as its standby.
  bool Seats(std::uint32_t partition) const;
  std::unique_ptr<Ownership> Of(const journal::PartitionId& partition);

  // The door of the process that last said to hold the partition; empty where none did.
  std::string AddressOf(const journal::PartitionId& partition) const;

  // Whether a beat of this process that was sent at most so long ago came back: whoever hears
  // nothing of itself hears nothing of others either.
  bool HeardWithin(absl::Duration age) const;

  // Where the folds of this process report, to be compared with those of others. As long as this.
  FoldDigests& digests();

 private:
  struct State;
  class Seat;
  const std::shared_ptr<State> state_;
};

}  // namespace holdfast::eventsourcing
