#include "readmodel/accepted_log.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/hash.h"
#include "base/status_macros.h"

namespace holdfast::readmodel {
namespace {

// On disk, derived: u64be next offset, u64be epoch, 16 bytes instance; then per tenant u32be
// length, slug, u64be seq, 32 bytes hash, one byte receiving. A change of this form is seen as
// damage, and the partition is folded anew.
constexpr std::size_t kFixedBytes = 8 + 8 + 16;

struct Saved {
  journal::PartitionState state;
  std::vector<std::pair<std::string, journal::TenantHead>> heads;
};

std::optional<Saved> Decode(std::string_view bytes) {
  if (bytes.size() < kFixedBytes) return std::nullopt;
  Saved saved;
  saved.state.has_digest = false;
  saved.state.next_offset = ReadBigEndian64(bytes);
  saved.state.owner.epoch = ReadBigEndian64(bytes.substr(8));
  const std::optional<Uuid> instance = UuidFromBytes(bytes.substr(16, 16));
  saved.state.owner.instance = *instance;
  bytes.remove_prefix(kFixedBytes);
  while (!bytes.empty()) {
    if (bytes.size() < 4) return std::nullopt;
    const std::size_t length = ReadBigEndian32(bytes);
    if (bytes.size() < 4 + length + 8 + 32 + 1) return std::nullopt;
    journal::TenantHead head;
    std::string tenant(bytes.substr(4, length));
    bytes.remove_prefix(4 + length);
    head.seq = ReadBigEndian64(bytes);
    const std::string_view hash = bytes.substr(8, 32);
    std::transform(hash.begin(), hash.end(), head.hash.begin(),
                   [](char c) { return static_cast<std::uint8_t>(c); });
    head.receiving = bytes[40] != 0;
    bytes.remove_prefix(41);
    saved.heads.emplace_back(std::move(tenant), head);
  }
  return saved;
}

}  // namespace

absl::StatusOr<std::unique_ptr<AcceptedLog>> AcceptedLog::Open(
    journal::Journal& journal, const journal::PartitionId& partition) {
  ASSIGN_OR_RETURN(std::unique_ptr<journal::Reader> reader, journal.OpenReader(partition, 0));
  return std::unique_ptr<AcceptedLog>(new AcceptedLog(std::move(reader)));
}

absl::StatusOr<std::unique_ptr<AcceptedLog>> AcceptedLog::Resume(
    journal::Journal& journal, const journal::PartitionId& partition, std::string_view saved) {
  std::optional<Saved> decoded = Decode(saved);
  if (!decoded) return Open(journal, partition);
  ASSIGN_OR_RETURN(std::unique_ptr<journal::Reader> reader,
                   journal.OpenReader(partition, decoded->state.next_offset));
  std::unique_ptr<AcceptedLog> log(new AcceptedLog(std::move(reader)));
  RETURN_IF_ERROR(log->fold_.Restore(decoded->state));
  for (auto& [tenant, head] : decoded->heads) log->fold_.RestoreHead(std::move(tenant), head);
  return log;
}

absl::StatusOr<std::size_t> AcceptedLog::Advance(
    std::size_t max_records, absl::FunctionRef<bool(const journal::v1::Commit&)> each) {
  if (at_ == read_.size()) {
    ASSIGN_OR_RETURN(read_, reader_->Read(max_records));
    at_ = 0;
  }
  std::size_t folded = 0;
  while (at_ < read_.size()) {
    const journal::StoredRecord& record = read_[at_++];
    ++folded;
    ASSIGN_OR_RETURN(const journal::Folded result, fold_.Apply(record.offset, record.bytes));
    if (result.accepted() && result.kind == journal::RecordKind::kCommit && !each(*result.commit)) {
      break;
    }
  }
  return folded;
}

std::string AcceptedLog::Save() const {
  const journal::PartitionState& state = fold_.state();
  std::string bytes;
  AppendBigEndian64(bytes, state.next_offset);
  AppendBigEndian64(bytes, state.owner.epoch);
  bytes += AsBytes(state.owner.instance);
  for (const auto& [tenant, head] : fold_.heads()) {
    AppendBigEndian32(bytes, static_cast<std::uint32_t>(tenant.size()));
    bytes += tenant;
    AppendBigEndian64(bytes, head.seq);
    bytes += AsBytes(head.hash);
    bytes.push_back(head.receiving ? '\1' : '\0');
  }
  return bytes;
}

}  // namespace holdfast::readmodel
