#include "journal/acceptance.h"

#include <algorithm>
#include <utility>

#include "holdfast/journal/v1/journal.pb.h"

#include "base/check.h"
#include "base/status_macros.h"

namespace holdfast::journal {
namespace {

constexpr Offset kReportEvery = 256;

absl::string_view View(std::string_view bytes) {
  return {bytes.data(), bytes.size()};
}

absl::Status Unreadable(std::string_view why) {
  return absl::DataLossError(
      absl::StrCat("a record cannot be read (", View(why),
                   "): the partition is frozen; restore it from a copy, or run the version that "
                   "wrote it"));
}

}  // namespace

std::string_view OutcomeName(Outcome outcome) {
  constexpr std::string_view kNames[] = {"accepted", "fenced", "closed", "conflict"};
  return kNames[static_cast<std::size_t>(outcome)];
}

// Kept from record to record, so that decoding and hashing allocate little.
struct AcceptanceFold::Decoded {
  v1::Record record;
  v1::Commit commit;
  Sha256 sha256;
};

AcceptanceFold::AcceptanceFold(bool with_digest) : decoded_(std::make_unique<Decoded>()) {
  state_.has_digest = with_digest;
}
AcceptanceFold::~AcceptanceFold() = default;
AcceptanceFold::AcceptanceFold(AcceptanceFold&&) noexcept = default;
AcceptanceFold& AcceptanceFold::operator=(AcceptanceFold&&) noexcept = default;

absl::StatusOr<Folded> AcceptanceFold::Apply(Offset offset, std::string_view record_bytes) {
  HOLDFAST_CHECK(offset >= state_.next_offset);
  v1::Record& record = decoded_->record;
  if (!record.ParseFromArray(record_bytes.data(), static_cast<int>(record_bytes.size())))
    return Unreadable("its bytes are no Record");
  Folded folded;
  const std::optional<Uuid> instance = UuidFromBytes(record.writer().instance());
  if (!instance) return Unreadable("its writer has no instance");
  folded.writer = {record.writer().epoch(), *instance};
  folded.copied = record.copied();
  switch (record.content_case()) {
    case v1::Record::kCommit: {
      folded.kind = RecordKind::kCommit;
      folded.commit_bytes = record.commit();
      ASSIGN_OR_RETURN(folded, ApplyCommit(folded));
      break;
    }
    case v1::Record::kBarrier:
      folded.kind = RecordKind::kBarrier;
      folded.outcome = DecideBarrier(folded.writer);
      break;
    case v1::Record::kTenantClosed:
      folded.kind = RecordKind::kTenantClosed;
      folded.tenant = record.tenant_closed().tenant();
      if (folded.tenant.empty()) return Unreadable("it names no tenant");
      if (record.tenant_closed().has_to_partition())
        folded.to_partition = record.tenant_closed().to_partition();
      folded.outcome = DecideTenantClosed(folded.writer, folded.tenant);
      break;
    case v1::Record::kTenantOpened:
      folded.kind = RecordKind::kTenantOpened;
      folded.tenant = record.tenant_opened().tenant();
      if (folded.tenant.empty()) return Unreadable("it names no tenant");
      folded.outcome =
          DecideTenantOpened(folded.writer, folded.tenant, record.tenant_opened().seq(),
                             record.tenant_opened().head());
      break;
    case v1::Record::CONTENT_NOT_SET:
      return Unreadable("its content is of no known kind");
  }
  Advance(offset, record_bytes, folded.outcome);
  return folded;
}

absl::StatusOr<Folded> AcceptanceFold::ApplyCommit(Folded folded) {
  v1::Commit& commit = decoded_->commit;
  if (!commit.ParseFromArray(folded.commit_bytes.data(),
                             static_cast<int>(folded.commit_bytes.size())))
    return Unreadable("its bytes are no Commit");
  if (commit.format() != kCommitFormat) return Unreadable("its format is not known");
  if (commit.tenant().empty()) return Unreadable("it names no tenant");
  folded.commit = &commit;
  folded.tenant = commit.tenant();
  Hash prev_hash{};
  if (commit.prev_hash().size() != prev_hash.size()) return Unreadable("prev_hash is no hash");
  std::copy(commit.prev_hash().begin(), commit.prev_hash().end(), prev_hash.begin());
  if (folded.writer == state_.owner) {
    folded.hash = decoded_->sha256.Update(AsBytes(prev_hash)).Update(folded.commit_bytes).Finish();
  }
  folded.outcome = DecideCommit(
      {folded.writer, folded.tenant, commit.seq(), prev_hash, folded.hash}, folded.copied);
  return folded;
}

Outcome AcceptanceFold::ApplyOwn(Offset offset, std::string_view record, const OwnCommit& commit) {
  HOLDFAST_CHECK(offset >= state_.next_offset);
  const Outcome outcome = DecideCommit(commit, false);
  Advance(offset, record, outcome);
  return outcome;
}

Outcome AcceptanceFold::DecideBarrier(const WriterId& writer) {
  if (writer.epoch != state_.owner.epoch + 1) return Outcome::kFenced;
  state_.owner = writer;
  return Outcome::kAccepted;
}

Outcome AcceptanceFold::DecideCommit(const OwnCommit& commit, bool copied) {
  if (commit.writer != state_.owner || state_.owner.epoch == 0) return Outcome::kFenced;
  const auto found = heads_.find(View(commit.tenant));
  if (found == heads_.end()) {
    if (commit.seq != 1 || commit.prev_hash != Hash{}) return Outcome::kConflict;
    heads_.emplace(View(commit.tenant), TenantHead{1, commit.hash, copied});
    return Outcome::kAccepted;
  }
  TenantHead& head = found->second;
  if (head.receiving != copied) return Outcome::kClosed;
  if (commit.seq != head.seq + 1 || commit.prev_hash != head.hash) return Outcome::kConflict;
  head.seq = commit.seq;
  head.hash = commit.hash;
  return Outcome::kAccepted;
}

Outcome AcceptanceFold::DecideTenantClosed(const WriterId& writer, std::string_view tenant) {
  if (writer != state_.owner || state_.owner.epoch == 0) return Outcome::kFenced;
  TenantHead& head = heads_[View(tenant)];
  if (head.receiving) return Outcome::kClosed;
  head.receiving = true;
  return Outcome::kAccepted;
}

Outcome AcceptanceFold::DecideTenantOpened(const WriterId& writer, std::string_view tenant,
                                           std::uint64_t seq, std::string_view hash) {
  if (writer != state_.owner || state_.owner.epoch == 0) return Outcome::kFenced;
  const auto found = heads_.find(View(tenant));
  if (found == heads_.end() || !found->second.receiving) return Outcome::kClosed;
  if (seq != found->second.seq || hash != AsBytes(found->second.hash)) return Outcome::kConflict;
  found->second.receiving = false;
  return Outcome::kAccepted;
}

void AcceptanceFold::Advance(Offset offset, std::string_view record, Outcome outcome) {
  const Offset passed = offset - offset % kReportEvery;
  if (passed > state_.reported_at) {
    state_.reported_at = passed;
    state_.reported = state_.digest;
  }
  if (state_.has_digest) {
    Sha256& sha256 = decoded_->sha256;
    const Hash record_hash = sha256.Update(record).Finish();
    std::string tail;
    tail.reserve(9);
    AppendBigEndian64(tail, offset);
    tail.push_back(static_cast<char>(outcome));
    state_.digest =
        sha256.Update(AsBytes(state_.digest)).Update(tail).Update(AsBytes(record_hash)).Finish();
  }
  state_.next_offset = offset + 1;
  if (state_.next_offset % kReportEvery == 0) {
    state_.reported_at = state_.next_offset;
    state_.reported = state_.digest;
  }
}

TenantHead AcceptanceFold::HeadOf(std::string_view tenant) const {
  const auto found = heads_.find(View(tenant));
  return found == heads_.end() ? TenantHead{} : found->second;
}

bool AcceptanceFold::Knows(std::string_view tenant) const {
  return heads_.contains(View(tenant));
}

absl::Status AcceptanceFold::Restore(const PartitionState& state) {
  if (state_.has_digest && !state.has_digest)
    return absl::FailedPreconditionError("the saved fold has no digests: fold the log again");
  const bool with_digest = state_.has_digest;
  state_ = state;
  state_.has_digest = with_digest;
  heads_.clear();
  return absl::OkStatus();
}

void AcceptanceFold::RestoreHead(std::string tenant, const TenantHead& head) {
  heads_.insert_or_assign(std::move(tenant), head);
}

Hash ChainHash(const Hash& prev_hash, std::string_view commit_bytes) {
  thread_local Sha256 sha256;
  return sha256.Update(AsBytes(prev_hash)).Update(commit_bytes).Finish();
}

}  // namespace holdfast::journal
