#include "eventsourcing/tenant_receiver.h"

#include <utility>

#include "base/status_macros.h"

namespace holdfast::eventsourcing {
namespace {

constexpr std::size_t kRecordsPerRead = 1'024;
// Of one step, where the others of the partition have many commits and the tenant few.
constexpr int kReads = 64;
// Of one batch: what is in flight at once.
constexpr std::size_t kMaxCommits = 256;
constexpr std::size_t kMaxBytes = 1U << 20U;

}  // namespace

absl::StatusOr<std::unique_ptr<TenantReceiver>> TenantReceiver::Open(
    journal::Journal& journal, const journal::PartitionId& target, const std::string& tenant,
    const Protocol& protocol) {
  ASSIGN_OR_RETURN(std::unique_ptr<TenantTrail> trail,
                   TenantTrail::Open(journal, target.context, tenant, protocol));
  return std::unique_ptr<TenantReceiver>(
      new TenantReceiver(std::move(trail), target.partition, protocol));
}

absl::StatusOr<TenantReceiver::Step> TenantReceiver::Next(const TenantStanding& standing) {
  Step step;
  if (standing.here) {
    step.kind = Step::Kind::kIsOpen;
    step.head = standing.head;
    step.source = target_;
    return step;
  }
  if (trail_->head().seq > standing.head.seq) {
    return absl::FailedPreconditionError(
        "the copies that were made here are not accepted: begin the move again");
  }
  std::size_t bytes = 0;
  for (int reads = 0; !Arrived(standing); ++reads) {
    ASSIGN_OR_RETURN(const std::size_t read,
                     trail_->Advance(kRecordsPerRead, [&](const journal::v1::Commit& commit,
                                                          std::string_view stored) {
                       if (commit.seq() <= standing.head.seq) return true;
                       step.commits.emplace_back(stored);
                       bytes += stored.size();
                       return step.commits.size() < kMaxCommits && bytes < kMaxBytes;
                     }));
    step.head = trail_->head();
    step.source = trail_->partition();
    if (read == 0 && step.commits.empty()) return AtEnd();
    const bool full = step.commits.size() >= kMaxCommits || bytes >= kMaxBytes;
    if (read == 0 || full || reads == kReads) return step;
  }
  return step.commits.empty() ? AtEnd() : step;
}

// The target itself says that the trail does not lead on from there: what stands in its log need
// not be read for that, while the tenant is closed.
bool TenantReceiver::Arrived(const TenantStanding& standing) const {
  return trail_->partition() == target_ && (target_ != trail_->home() || standing.closings > 0) &&
         trail_->ClosingsOf(target_) == standing.closings;
}

// Everything that stands was read, and the target has it.
TenantReceiver::Step TenantReceiver::AtEnd() const {
  Step step;
  step.head = trail_->head();
  step.source = trail_->partition();
  step.closings = trail_->ClosingsOf(target_);
  const bool closed_towards = step.source == target_;
  step.kind =
      closed_towards || !protocol_.open_after_closing ? Step::Kind::kOpen : Step::Kind::kCaughtUp;
  return step;
}

void TenantReceiver::Do(const Step& step, const std::string& tenant, PartitionActor& target,
                        MoveDone done) {
  switch (step.kind) {
    case Step::Kind::kCopy:
      return target.ReceiveCopies(tenant, step.commits, std::move(done));
    case Step::Kind::kOpen:
      return target.OpenTenant(tenant, step.head, step.closings, std::move(done));
    case Step::Kind::kCaughtUp:
    case Step::Kind::kIsOpen:
      return std::move(done)(absl::OkStatus());
  }
}

}  // namespace holdfast::eventsourcing
