// One process of the simulated world: an actor for each partition, a runner of the reactors, and a
// projector of the views. The production code; only its clock, disk, journal, network and lease are
// simulated.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "base/random.h"
#include "eventsourcing/partition_actor.h"
#include "eventsourcing/reactor_runner.h"
#include "eventsourcing/tenant_places.h"
#include "lease.h"
#include "readmodel/read_model.h"
#include "simulated_disk.h"
#include "testing/virtual_time.h"

namespace holdfast::simulation {

inline constexpr char kShed[] = "testing";
inline constexpr char kLedgers[] = "ledgers";
// Tenants move between the partitions of the shed.
inline constexpr std::uint32_t kShedPartitions = 2;
inline constexpr std::uint32_t kLedgerPartitions = 1;
std::vector<journal::PartitionId> AllPartitions();

// What all nodes share.
struct Town {
  testing::VirtualTime* time = nullptr;
  journal::Journal* journal = nullptr;  // replaced when the disk below it was replaced
  const eventsourcing::StreamTypes* streams = nullptr;
  const eventsourcing::Upcasters* upcasters = nullptr;
  eventsourcing::Sealer* sealer = nullptr;
  eventsourcing::MacKeys* mac_keys = nullptr;
  std::map<journal::PartitionId, Lease>* leases = nullptr;
  eventsourcing::Protocol protocol;
  eventsourcing::Protocol protocol_of_views;
  std::function<void(std::string sentence)> complain;
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

  // Where a command of the tenant goes, as far as this node knows.
  eventsourcing::CommandSink* Find(const std::string& context, const std::string& tenant);
  const std::map<journal::PartitionId, std::unique_ptr<eventsourcing::PartitionActor>>& actors()
      const {
    return actors_;
  }
  // Whether this node owns the partition where it would send a command of the tenant.
  bool Decides(const std::string& context, const std::string& tenant) const;
  bool Serves(const journal::PartitionId& partition) const;
  // Work on the node's thread, while it runs.
  void Run(absl::AnyInvocable<void()> work);
  std::map<std::string, std::shared_ptr<Volume>>& volumes() { return volumes_; }
  // Puts the rows of one tenant into the folder of the other: what a restore by hand may do.
  void SwapRows();

  // Null while nothing answers: down, paused, or not opened.
  readmodel::ReadModel* views() const { return paused_ ? nullptr : views_.get(); }
  // Whether the program that runs has the view: the second release, from the second start on.
  bool Shows(const std::string& view) const;
  // How often they were opened: what was read from an earlier opening has ended with it.
  std::uint64_t views_opened() const { return views_opened_; }
  int number() const { return number_; }

 private:
  class PausableExecutor;
  class SkewedClock;
  class LeasedOwnership;

  void Beat();
  void StartActor(const journal::PartitionId& partition);
  void StartRunner(const journal::PartitionId& source);
  journal::PartitionId PlaceOf(const std::string& context, const std::string& tenant) const;
  int release() const { return boots_ > 1 ? 2 : 1; }
  void OpenViews();
  void TendViews();
  void RemoveRows();
  std::shared_ptr<Volume>& VolumeOf(const std::string& folder);

  Town& town_;
  const int number_;
  SeededRandom random_;
  bool paused_ = false;
  std::uint64_t boots_ = 0;
  std::unique_ptr<SkewedClock> clock_;
  std::unique_ptr<PausableExecutor> executor_;
  // By partition, "cursors", and by folder below "views/".
  std::map<std::string, std::shared_ptr<Volume>> volumes_;
  std::map<journal::PartitionId, std::unique_ptr<LeasedOwnership>> ownerships_;
  std::map<std::string, std::unique_ptr<eventsourcing::TenantPlaces>> places_;  // by context
  std::map<journal::PartitionId, std::unique_ptr<eventsourcing::PartitionActor>> actors_;
  std::unique_ptr<eventsourcing::StateStore> cursors_;
  std::vector<std::unique_ptr<eventsourcing::ReactorRunner>> runners_;
  std::unique_ptr<PausableExecutor> views_executor_;
  std::unique_ptr<readmodel::ReadModel> views_;
  std::uint64_t views_opened_ = 0;
  absl::Status why_no_views_;
  bool rows_swapped_ = false;  // and not yet found out
};

}  // namespace holdfast::simulation
