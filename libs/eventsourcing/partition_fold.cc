#include "eventsourcing/partition_fold.h"

#include <utility>

#include "holdfast/journal/v1/journal.pb.h"

#include "base/status_macros.h"

namespace holdfast::eventsourcing {

using journal::Outcome;

// What a weaker rule remembers instead. Only simulations come here.
struct PartitionFold::Weak {
  FoldRule rule;
  std::map<std::string, journal::TenantHead, std::less<>> heads;
  std::map<std::string, std::uint64_t> versions;  // by tenant and stream

  Outcome Decide(Outcome whole, std::string_view tenant, std::string_view stream, std::uint64_t seq,
                 std::uint64_t version, const Hash& hash) {
    std::uint64_t& last = versions[std::string(tenant) + "/" + std::string(stream)];
    const bool fenced_is_void = rule == FoldRule::kStreamsAlone;
    const bool number_counts = rule != FoldRule::kAnything;
    if (whole == Outcome::kClosed || (fenced_is_void && whole == Outcome::kFenced)) return whole;
    // 0: not seen since the start, so anything follows.
    if (number_counts && last != 0 && version != last + 1) return Outcome::kConflict;
    last = version;
    heads[std::string(tenant)] = {seq, hash, false};
    return Outcome::kAccepted;
  }
};

PartitionFold::PartitionFold(bool digests, FoldRule rule) : fold_(digests) {
  if (rule == FoldRule::kWhole) return;
  weak_ = std::make_unique<Weak>();
  weak_->rule = rule;
}
PartitionFold::~PartitionFold() = default;
PartitionFold::PartitionFold(PartitionFold&&) noexcept = default;
PartitionFold& PartitionFold::operator=(PartitionFold&&) noexcept = default;

absl::StatusOr<journal::Folded> PartitionFold::Apply(journal::Offset offset,
                                                     std::string_view record) {
  if (weak_ == nullptr) return fold_.Apply(offset, record);
  ASSIGN_OR_RETURN(journal::Folded folded, fold_.Apply(offset, record));
  if (folded.kind != journal::RecordKind::kCommit) return folded;
  const journal::v1::Commit& commit = *folded.commit;
  Hash prev_hash{};
  std::copy_n(commit.prev_hash().begin(), prev_hash.size(), prev_hash.begin());
  folded.hash = journal::ChainHash(prev_hash, folded.commit_bytes);
  folded.outcome = weak_->Decide(folded.outcome, commit.tenant(), commit.stream(), commit.seq(),
                                 commit.version(), folded.hash);
  return folded;
}

Outcome PartitionFold::ApplyOwn(journal::Offset offset, std::string_view record,
                                const journal::OwnCommit& commit, std::string_view stream,
                                std::uint64_t version) {
  const Outcome outcome = fold_.ApplyOwn(offset, record, commit);
  if (weak_ == nullptr) return outcome;
  return weak_->Decide(outcome, commit.tenant, stream, commit.seq, version, commit.hash);
}

journal::TenantHead PartitionFold::HeadOf(std::string_view tenant) const {
  if (weak_ == nullptr) return fold_.HeadOf(tenant);
  const auto found = weak_->heads.find(tenant);
  journal::TenantHead head = found == weak_->heads.end() ? journal::TenantHead{} : found->second;
  head.receiving = fold_.HeadOf(tenant).receiving;
  return head;
}

void PartitionFold::RestoreHead(std::string_view tenant, const journal::TenantHead& head) {
  fold_.RestoreHead(std::string(tenant), head);
  if (weak_ != nullptr) weak_->heads[std::string(tenant)] = head;
}

}  // namespace holdfast::eventsourcing
