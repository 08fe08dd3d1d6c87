// The accepted history of one context, folded from the raw records as they stand: what everybody
// must agree with. A tenant that moved has one history, whatever partitions it stands in.
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
  AcceptedHistory(std::string context, std::uint32_t partitions,
                  const eventsourcing::Protocol& protocol);

  // Folds what was stored since.
  void Follow(const journal::SimulatedRecords& records);

  // The seq of the last accepted commit of the tenant.
  std::uint64_t SeqOf(const std::string& tenant) const;
  const std::map<std::string, std::vector<AcceptedCommit>>& by_tenant() const { return by_tenant_; }
  // Of a partition, by next offset.
  const std::map<std::uint64_t, std::string>& digests(std::uint32_t partition) const {
    return partitions_[partition].digests;
  }
  std::uint64_t barriers() const { return barriers_; }
  std::uint64_t records() const;
  // How often a tenant was opened in another partition.
  std::uint64_t moves() const { return moves_; }
  // In which partitions the tenant's commands would be accepted now.
  std::vector<std::uint32_t> OpenIn(const std::string& tenant) const;

 private:
  struct Partition {
    eventsourcing::PartitionFold fold;
    std::size_t folded = 0;
    std::map<std::string, std::uint64_t> seqs;  // by tenant: the last one that was accepted here
    std::map<std::uint64_t, std::string> digests;
  };
  void Take(Partition& partition, const journal::Folded& folded);

  const std::string context_;
  std::vector<Partition> partitions_;
  std::uint64_t barriers_ = 0;
  std::uint64_t moves_ = 0;
  std::map<std::string, std::vector<AcceptedCommit>> by_tenant_;
};

}  // namespace holdfast::simulation
