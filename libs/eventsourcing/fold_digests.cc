#include "eventsourcing/fold_digests.h"

#include <algorithm>
#include <cstddef>
#include <string>

#include "holdfast/journal/v1/journal.pb.h"

#include "observability/log.h"
#include "observability/metrics.h"

namespace holdfast::eventsourcing {
namespace {

// Of each fold, and of what was told: 65,536 records. A reader that is further behind is compared
// when it has come nearer.
constexpr std::size_t kKept = 256;

// False where it is older than all that is kept.
template <class ByOffset>
bool HasRoom(const ByOffset& by_offset, journal::Offset offset) {
  return by_offset.size() < kKept || offset >= by_offset.begin()->first;
}

template <class ByOffset>
void DropOldest(ByOffset& by_offset) {
  if (by_offset.size() > kKept) by_offset.erase(by_offset.begin());
}

std::optional<Hash> HashFrom(const std::string& bytes) {
  Hash hash{};
  if (bytes.size() != hash.size()) return std::nullopt;
  std::copy(bytes.begin(), bytes.end(), hash.begin());
  return hash;
}

}  // namespace

void FoldDigests::Differ(const journal::PartitionId& partition, Compared& compared,
                         journal::Offset offset, bool both_decide) {
  metrics::Process().GetCounter(metrics::kFoldDigestMismatch, {partition.context}).Increment();
  log::Error("fold_digests_differ", log::Context(partition.context),
             log::Partition(partition.partition), log::Offset(offset));
  if (both_decide && !compared.disputed_at) compared.disputed_at = offset;
}

void FoldDigests::Passed(const journal::PartitionId& partition, FoldReader reader,
                         journal::Offset offset, const Hash& digest) {
  const absl::MutexLock lock(&mutex_);
  Compared& compared = partitions_[partition];
  for (const auto& [other, digests] : compared.own) {
    const auto at = digests.find(offset);
    if (other != reader && at != digests.end() && at->second != digest)
      Differ(partition, compared, offset, false);
  }
  if (const auto told = compared.told.find(offset); told != compared.told.end()) {
    for (const auto& [teller, theirs] : told->second) {
      const bool both_decide = reader == FoldReader::kDecides && teller.second == reader;
      if (theirs != digest) Differ(partition, compared, offset, both_decide);
    }
  }
  Digests& own = compared.own[reader];
  own[offset] = digest;
  DropOldest(own);
}

void FoldDigests::AddTo(journal::v1::Heartbeats& beat) const {
  const absl::MutexLock lock(&mutex_);
  for (const auto& [partition, compared] : partitions_) {
    for (const auto& [reader, digests] : compared.own) {
      const auto& [offset, digest] = *digests.rbegin();
      journal::v1::FoldDigest& said = *beat.add_digests();
      said.set_context(partition.context);
      said.set_partition(partition.partition);
      said.set_offset(offset);
      said.set_digest(std::string(AsBytes(digest)));
      said.set_decides(reader == FoldReader::kDecides);
    }
  }
}

void FoldDigests::Hear(const Uuid& process, const journal::v1::Heartbeats& beat) {
  const absl::MutexLock lock(&mutex_);
  for (const journal::v1::FoldDigest& said : beat.digests()) {
    const journal::PartitionId partition{said.context(), said.partition()};
    const std::optional<Hash> theirs = HashFrom(said.digest());
    const auto found = partitions_.find(partition);
    if (!theirs || found == partitions_.end()) continue;  // not folded here
    Compared& compared = found->second;
    if (!HasRoom(compared.told, said.offset())) continue;
    const FoldReader by = said.decides() ? FoldReader::kDecides : FoldReader::kShows;
    // Said again with every heartbeat, until the next one is reached.
    if (!compared.told[said.offset()].emplace(Teller(process, by), *theirs).second) continue;
    DropOldest(compared.told);
    for (const auto& [reader, digests] : compared.own) {
      const auto at = digests.find(said.offset());
      if (at == digests.end() || at->second == *theirs) continue;
      Differ(partition, compared, said.offset(), said.decides() && reader == FoldReader::kDecides);
    }
  }
}

std::optional<journal::Offset> FoldDigests::DisputedAt(
    const journal::PartitionId& partition) const {
  const absl::MutexLock lock(&mutex_);
  const auto found = partitions_.find(partition);
  return found == partitions_.end() ? std::nullopt : found->second.disputed_at;
}

}  // namespace holdfast::eventsourcing
