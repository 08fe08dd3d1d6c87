#include "eventsourcing/tenant_trail.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "eventsourcing/accepted_feed.h"

namespace holdfast::eventsourcing {

TenantTrail::TenantTrail(journal::Journal& journal, std::string context, std::string tenant,
                         const Protocol& protocol)
    : journal_(journal),
      context_(std::move(context)),
      tenant_(std::move(tenant)),
      protocol_(protocol) {}
TenantTrail::~TenantTrail() = default;

absl::StatusOr<std::unique_ptr<TenantTrail>> TenantTrail::Open(journal::Journal& journal,
                                                               std::string context,
                                                               std::string tenant,
                                                               const Protocol& protocol) {
  std::unique_ptr<TenantTrail> trail(
      new TenantTrail(journal, std::move(context), std::move(tenant), protocol));
  ASSIGN_OR_RETURN(trail->partitions_, journal.Partitions(trail->context_));
  trail->home_ = trail->at_ = journal::PartitionOf(trail->tenant_, trail->partitions_);
  RETURN_IF_ERROR(trail->FeedHere().status());
  return trail;
}

absl::StatusOr<AcceptedFeed*> TenantTrail::FeedHere() {
  Stop& stop = stops_[at_];
  if (stop.feed == nullptr) {
    ASSIGN_OR_RETURN(stop.feed, AcceptedFeed::Open(journal_, {context_, at_}, "", protocol_));
  }
  return stop.feed.get();
}

absl::StatusOr<std::size_t> TenantTrail::Advance(std::size_t max_records, Each each) {
  const std::uint32_t from = at_;
  ASSIGN_OR_RETURN(AcceptedFeed* const feed, FeedHere());
  ASSIGN_OR_RETURN(const std::size_t read,
                   feed->AdvanceRecords(max_records, [&](const journal::Folded& folded) {
                     return folded.tenant != tenant_ || Take(folded, each);
                   }));
  if (gap_) {
    return absl::DataLossError(absl::StrCat("partition ", from, " of ", context_,
                                            " does not go on behind commit ", head_.seq,
                                            " of the tenant: the journal is not whole"));
  }
  return read;
}

bool TenantTrail::Take(const journal::Folded& folded, Each each) {
  if (folded.kind == journal::RecordKind::kTenantClosed && folded.to_partition &&
      *folded.to_partition < partitions_) {
    ++stops_[at_].closings;
    at_ = *folded.to_partition;
    return false;
  }
  if (folded.kind != journal::RecordKind::kCommit) return true;
  const std::uint64_t seq = folded.commit->seq();
  if (seq <= head_.seq && protocol_.skip_void) return true;  // a copy of what was seen
  gap_ = seq != head_.seq + 1 && protocol_.skip_void;
  if (gap_) return false;
  head_.seq = seq;
  head_.hash = folded.hash;
  return each(*folded.commit, folded.commit_bytes);
}

std::uint32_t TenantTrail::ClosingsOf(std::uint32_t partition) const {
  const auto stop = stops_.find(partition);
  return stop == stops_.end() ? 0 : stop->second.closings;
}

}  // namespace holdfast::eventsourcing
