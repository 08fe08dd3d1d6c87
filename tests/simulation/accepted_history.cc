#include "accepted_history.h"

#include "base/check.h"

namespace holdfast::simulation {

AcceptedHistory::AcceptedHistory(std::string context, std::uint32_t partitions,
                                 const eventsourcing::Protocol& protocol)
    : context_(std::move(context)) {
  for (std::uint32_t i = 0; i < partitions; ++i)
    partitions_.push_back({eventsourcing::PartitionFold(true, protocol.fold), 0, {}, {}});
}

void AcceptedHistory::Follow(const journal::SimulatedRecords& records) {
  for (std::uint32_t i = 0; i < partitions_.size(); ++i) {
    const auto found = records.partitions.find({context_, i});
    if (found == records.partitions.end()) continue;
    Partition& partition = partitions_[i];
    for (; partition.folded < found->second.size(); ++partition.folded) {
      const journal::StoredRecord& record = found->second[partition.folded];
      const auto folded = partition.fold.Apply(record.offset, record.bytes);
      HOLDFAST_CHECK(folded.ok());
      partition.digests[record.offset + 1] = std::string(AsBytes(partition.fold.state().digest));
      if (folded->kind == journal::RecordKind::kBarrier) ++barriers_;
      if (!folded->accepted()) continue;
      if (folded->kind == journal::RecordKind::kTenantOpened) ++moves_;
      if (folded->kind == journal::RecordKind::kCommit) Take(partition, *folded);
    }
  }
}

// What is known from another partition is no news where it is the same, byte for byte. Everything
// else is part of the history, and found out where it does not fit.
void AcceptedHistory::Take(Partition& partition, const journal::Folded& folded) {
  std::vector<AcceptedCommit>& commits = by_tenant_[std::string(folded.tenant)];
  const std::uint64_t seq = folded.commit->seq();
  std::uint64_t& before = partition.seqs[std::string(folded.tenant)];
  const bool first_here = seq > before;
  before = std::max(before, seq);
  if (first_here && seq <= commits.size() && commits[seq - 1].bytes == folded.commit_bytes) return;
  commits.push_back({*folded.commit, std::string(folded.commit_bytes)});
}

std::uint64_t AcceptedHistory::SeqOf(const std::string& tenant) const {
  const auto found = by_tenant_.find(tenant);
  return found == by_tenant_.end() ? 0 : found->second.back().commit.seq();
}

std::uint64_t AcceptedHistory::records() const {
  std::uint64_t sum = 0;
  for (const Partition& partition : partitions_) sum += partition.folded;
  return sum;
}

std::vector<std::uint32_t> AcceptedHistory::OpenIn(const std::string& tenant) const {
  const auto count = static_cast<std::uint32_t>(partitions_.size());
  std::vector<std::uint32_t> open;
  for (std::uint32_t i = 0; i < count; ++i) {
    const eventsourcing::PartitionFold& fold = partitions_[i].fold;
    const bool home = journal::PartitionOf(tenant, count) == i;
    if ((home || fold.Knows(tenant)) && !fold.whole().HeadOf(tenant).receiving) open.push_back(i);
  }
  return open;
}

}  // namespace holdfast::simulation
