// One process of the simulated world: an actor for each partition, and a runner of the reactors.
// The production code; only its clock, disk, journal, network and lease are simulated.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "base/random.h"
#include "eventsourcing/partition_actor.h"
#include "eventsourcing/reactor_runner.h"
#include "lease.h"
#include "simulated_disk.h"
#include "testing/virtual_time.h"

namespace holdfast::simulation {

inline constexpr char kShed[] = "testing";
inline constexpr char kLedgers[] = "ledgers";

// What all nodes share.
struct Town {
  testing::VirtualTime* time = nullptr;
  journal::Journal* journal = nullptr;  // replaced when the disk below it was replaced
  const eventsourcing::StreamTypes* streams = nullptr;
  const eventsourcing::Upcasters* upcasters = nullptr;
  eventsourcing::Sealer* sealer = nullptr;
  eventsourcing::MacKeys* mac_keys = nullptr;
  std::map<std::string, Lease>* leases = nullptr;  // by context; one partition each
  eventsourcing::Protocol protocol;
  Random* random = nullptr;
  double wrong_suspicion = 0;  // how likely a follower believes the holder late when it is not
};

class Node {
 public:
  Node(Town& town, int number, absl::Duration clock_error);
  ~Node();

  void Boot();
  // As kill -9: nothing more is said or done. Derived state stays as it is on the disk.
  void Crash();
  bool up() const { return !actors_.empty(); }

  // As SIGSTOP and SIGCONT: nothing runs, time goes on.
  void Pause();
  void Resume();
  bool paused() const { return paused_; }

  // Whether its heartbeats come through.
  bool heard = true;

  eventsourcing::CommandSink* Find(const std::string& context);
  const std::map<std::string, std::unique_ptr<eventsourcing::PartitionActor>>& actors() const {
    return actors_;
  }
  bool Serves(const std::string& context) const;
  std::size_t pending_reactions() const { return runner_ == nullptr ? 0 : runner_->pending(); }
  std::map<std::string, std::shared_ptr<Volume>>& volumes() { return volumes_; }
  int number() const { return number_; }

 private:
  class PausableExecutor;
  class SkewedClock;
  class LeasedOwnership;

  void Beat();

  Town& town_;
  const int number_;
  SeededRandom random_;
  bool paused_ = false;
  std::uint64_t boots_ = 0;
  std::unique_ptr<SkewedClock> clock_;
  std::unique_ptr<PausableExecutor> executor_;
  std::map<std::string, std::shared_ptr<Volume>> volumes_;  // by context, and "cursors"
  std::map<std::string, std::unique_ptr<LeasedOwnership>> ownerships_;
  std::map<std::string, std::unique_ptr<eventsourcing::PartitionActor>> actors_;
  std::unique_ptr<eventsourcing::StateStore> cursors_;
  std::unique_ptr<eventsourcing::ReactorRunner> runner_;
};

}  // namespace holdfast::simulation
