#include "eventsourcing/accepted_feed.h"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/hash.h"
#include "base/status_macros.h"

namespace holdfast::eventsourcing {

absl::StatusOr<std::unique_ptr<AcceptedFeed>> AcceptedFeed::Open(
    journal::Journal& journal, const journal::PartitionId& partition, std::string_view saved,
    const Protocol& protocol, DigestReader digests) {
  std::unique_ptr<AcceptedFeed> feed(new AcceptedFeed(protocol, std::move(digests)));
  if (!feed->Restore(saved)) {
    feed->fold_ = PartitionFold(feed->digests_.compared(), protocol.fold);
  }
  feed->digests_.Follow(feed->fold_.state());
  ASSIGN_OR_RETURN(feed->reader_, journal.OpenReader(partition, feed->fold_.state().next_offset));
  return feed;
}

absl::StatusOr<std::size_t> AcceptedFeed::Advance(
    std::size_t max_records, absl::FunctionRef<bool(const journal::v1::Commit&)> each) {
  return AdvanceRecords(max_records, [&each](const journal::Folded& folded) {
    return folded.kind != journal::RecordKind::kCommit || each(*folded.commit);
  });
}

absl::StatusOr<std::size_t> AcceptedFeed::AdvanceRecords(
    std::size_t max_records, absl::FunctionRef<bool(const journal::Folded&)> each) {
  if (at_ == read_.size()) {
    ASSIGN_OR_RETURN(read_, reader_->Read(max_records));
    at_ = 0;
  }
  std::size_t folded = 0;
  while (at_ < read_.size()) {
    const journal::StoredRecord& record = read_[at_];
    const absl::StatusOr<journal::Folded> result = fold_.Apply(record.offset, record.bytes);
    if (!result.ok()) {
      return absl::DataLossError(
          absl::StrCat("offset ", record.offset, ": ", result.status().message()));
    }
    digests_.Follow(fold_.state());
    ++at_;
    ++folded;
    const bool is_commit = result->kind == journal::RecordKind::kCommit;
    const bool applied = result->accepted() || (is_commit && !protocol_.skip_void);
    if (applied && !each(*result)) break;
  }
  return folded;
}

// u32be length, partition state; then per tenant u32be length, slug, u32be length, head.
std::string AcceptedFeed::Save() const {
  std::string out;
  const auto add = [&out](std::string_view bytes) {
    AppendBigEndian32(out, static_cast<std::uint32_t>(bytes.size()));
    out.append(bytes);
  };
  add(journal::Serialise(fold_.state()));
  const std::map<std::string_view, journal::TenantHead> heads(fold_.whole().heads().begin(),
                                                              fold_.whole().heads().end());
  for (const auto& [tenant, head] : heads) {
    add(tenant);
    add(journal::Serialise(head));
  }
  return out;
}

bool AcceptedFeed::Restore(std::string_view saved) {
  const auto take = [&saved]() -> std::optional<std::string_view> {
    if (saved.size() < 4) return std::nullopt;
    const std::size_t length = ReadBigEndian32(saved);
    if (saved.size() - 4 < length) return std::nullopt;
    const std::string_view bytes = saved.substr(4, length);
    saved.remove_prefix(4 + length);
    return bytes;
  };
  const std::optional<std::string_view> bytes = take();
  if (!bytes) return false;
  const std::optional<journal::PartitionState> state = journal::ParsePartitionState(*bytes);
  if (!state || !fold_.Restore(*state).ok()) return false;
  while (!saved.empty()) {
    const std::optional<std::string_view> tenant = take();
    const std::optional<std::string_view> stored = take();
    if (!tenant || !stored) return false;
    const std::optional<journal::TenantHead> head = journal::ParseTenantHead(*stored);
    if (!head) return false;
    fold_.RestoreHead(*tenant, *head);
  }
  return true;
}

}  // namespace holdfast::eventsourcing
