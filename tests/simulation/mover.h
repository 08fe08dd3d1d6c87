// Who moves tenants between the partitions of the shed: one after the other, a step at a time, at
// whatever node owns the partition, and again where a step was lost.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "base/random.h"
#include "eventsourcing/protocol.h"
#include "eventsourcing/tenant_receiver.h"
#include "node.h"
#include "testing/virtual_time.h"

namespace holdfast::simulation {

class Mover {
 public:
  struct Parts {
    testing::VirtualTime* time = nullptr;
    Random* random = nullptr;
    std::vector<std::unique_ptr<Node>>* nodes = nullptr;
    std::function<journal::Journal*()> journal;  // the present one
    eventsourcing::Protocol protocol;
  };
  explicit Mover(Parts parts);

  // Begins no other move.
  void Leave() { leaving_ = true; }
  bool done() const { return leaving_ && !moving_; }
  // The journal that it read is about to be replaced.
  void ForgetJournal() { receiver_.reset(); }

 private:
  using Step = eventsourcing::TenantReceiver::Step;

  void Begin();
  void Next();
  void Receive(Node& target);
  void Do(Node& target, const Step& step);
  void Close(Node& source, std::uint32_t partition);
  void Ended(const absl::Status& status);
  void Again(absl::Duration within);
  absl::AnyInvocable<void(absl::Status)> WhenDone();
  Node* OwnerOf(std::uint32_t partition) const;
  absl::Duration Within(absl::Duration most);

  const Parts parts_;
  std::unique_ptr<Executor> executor_;
  bool leaving_ = false;
  bool moving_ = false;
  std::string tenant_;
  std::uint32_t to_ = 0;
  bool close_ = false;       // the target has caught up: the source is next
  std::uint64_t round_ = 0;  // of steps: an answer that comes after its patience is of no use
  std::unique_ptr<eventsourcing::TenantReceiver> receiver_;
};

}  // namespace holdfast::simulation
