#include "accepted_history.h"

#include "base/check.h"

namespace holdfast::simulation {

void AcceptedHistory::Follow(const journal::SimulatedRecords& records) {
  const auto found = records.partitions.find({context_, 0});
  if (found == records.partitions.end()) return;
  for (; folded_ < found->second.size(); ++folded_) {
    const journal::StoredRecord& record = found->second[folded_];
    const auto folded = fold_.Apply(record.offset, record.bytes);
    HOLDFAST_CHECK(folded.ok());
    digests_[record.offset + 1] = std::string(AsBytes(fold_.state().digest));
    if (folded->kind == journal::RecordKind::kBarrier) ++barriers_;
    if (folded->kind != journal::RecordKind::kCommit || !folded->accepted()) continue;
    by_tenant_[std::string(folded->tenant)].push_back(
        {*folded->commit, std::string(folded->commit_bytes)});
  }
}

std::uint64_t AcceptedHistory::SeqOf(const std::string& tenant) const {
  const auto found = by_tenant_.find(tenant);
  return found == by_tenant_.end() ? 0 : found->second.back().commit.seq();
}

}  // namespace holdfast::simulation
