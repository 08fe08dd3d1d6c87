// The accepted history of one partition, folded from the raw records as they stand: what everybody
// must agree with.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "holdfast/journal/v1/journal.pb.h"

#include "eventsourcing/partition_fold.h"
#include "eventsourcing/protocol.h"
#include "journal/simulated_journal.h"

namespace holdfast::simulation {

struct AcceptedCommit {
  journal::v1::Commit commit;
  std::string bytes;  // as stored
};

class AcceptedHistory {
 public:
  AcceptedHistory(std::string context, const eventsourcing::Protocol& protocol)
      : context_(std::move(context)), fold_(true, protocol.fold) {}

  // Folds what was stored since.
  void Follow(const journal::SimulatedRecords& records);

  // The seq of the last accepted commit of the tenant.
  std::uint64_t SeqOf(const std::string& tenant) const;
  const std::map<std::string, std::vector<AcceptedCommit>>& by_tenant() const { return by_tenant_; }
  // By next offset.
  const std::map<std::uint64_t, std::string>& digests() const { return digests_; }
  std::uint64_t barriers() const { return barriers_; }
  std::uint64_t records() const { return folded_; }

 private:
  const std::string context_;
  eventsourcing::PartitionFold fold_;
  std::size_t folded_ = 0;
  std::uint64_t barriers_ = 0;
  std::map<std::string, std::vector<AcceptedCommit>> by_tenant_;
  std::map<std::uint64_t, std::string> digests_;
};

}  // namespace holdfast::simulation
