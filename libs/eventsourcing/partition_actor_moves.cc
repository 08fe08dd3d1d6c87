// What a partition's actor does where a tenant leaves it, or comes to it: records of a move, in the
// same pipeline as its commits.
#include <algorithm>
#include <utility>

#include "holdfast/journal/v1/journal.pb.h"

#include "absl/strings/str_cat.h"
#include "base/check.h"
#include "base/status_macros.h"
#include "eventsourcing/actor_metrics.h"
#include "eventsourcing/partition_actor.h"
#include "eventsourcing/refusals.h"
#include "observability/log.h"

namespace holdfast::eventsourcing {
namespace {

// The same hash where the bytes are those of a hash; else none.
std::optional<Hash> HashIn(std::string_view bytes) {
  Hash hash{};
  if (bytes.size() != hash.size()) return std::nullopt;
  std::copy(bytes.begin(), bytes.end(), hash.begin());
  return hash;
}

absl::Status DoesNotContinue(std::uint64_t seq) {
  return absl::DataLossError(
      absl::StrCat("the commits to be copied do not continue what stands here of the tenant up to ",
                   seq, ": compare both partitions with holdfast journal verify"));
}

}  // namespace

TenantStanding PartitionActor::StandingOf(const std::string& name) {
  const TenantEntry& tenant = book_.Tenant(name);
  TenantStanding standing;
  standing.phase = phase_;
  standing.here = book_.IsHere(tenant);
  standing.head = book_.fold().HeadOf(name);
  standing.closings = tenant.closings;
  standing.moved_to = tenant.moved_to;
  standing.frozen = tenant.frozen;
  return standing;
}

absl::Status PartitionActor::MayMove(TenantEntry& tenant) const {
  RETURN_IF_ERROR(MayAnswer());
  if (phase_ != Phase::kServing) return NotOwner(OwnersDoor());
  RETURN_IF_ERROR(tenant.frozen);
  return tenant.moving > 0 ? MoveUnderWay() : absl::OkStatus();
}

void PartitionActor::CloseTenant(const std::string& name, std::uint32_t to_partition,
                                 MoveDone done) {
  TenantEntry& tenant = book_.Tenant(name);
  if (absl::Status may = MayMove(tenant); !may.ok()) return std::move(done)(std::move(may));
  if (!book_.IsHere(tenant)) {
    const bool closed = tenant.closings > 0 && tenant.moved_to == to_partition;
    return std::move(done)(closed ? absl::OkStatus() : TenantElsewhere());
  }
  tenant.receiving = true;  // what comes behind it in the journal would be void
  AppendOfMove(tenant, journal::EncodeTenantClosed(self_, name, to_partition), std::move(done));
}

void PartitionActor::ReceiveCopies(const std::string& name, const std::vector<std::string>& commits,
                                   MoveDone done) {
  TenantEntry& tenant = book_.Tenant(name);
  if (absl::Status may = MayMove(tenant); !may.ok()) return std::move(done)(std::move(may));
  if (book_.IsHere(tenant)) return std::move(done)(TenantElsewhere());
  if (absl::Status fits = Continues(tenant, commits); !fits.ok())
    return std::move(done)(std::move(fits));
  if (commits.empty()) return std::move(done)(absl::OkStatus());
  for (std::size_t i = 0; i < commits.size(); ++i) {
    const bool last = i + 1 == commits.size();
    AppendOfMove(tenant, journal::EncodeCopy(self_, commits[i]), last ? std::move(done) : nullptr);
  }
}

// A copy that the fold would find void, or could not read, is never written.
absl::Status PartitionActor::Continues(const TenantEntry& tenant,
                                       const std::vector<std::string>& commits) const {
  const journal::TenantHead head = book_.fold().HeadOf(tenant.name);
  std::uint64_t seq = head.seq;
  Hash hash = head.hash;
  journal::v1::Commit commit;
  for (const std::string& stored : commits) {
    const bool read = commit.ParseFromString(stored) && commit.tenant() == tenant.name &&
                      commit.format() == journal::kCommitFormat;
    if (!read || commit.seq() != seq + 1 || HashIn(commit.prev_hash()) != hash)
      return DoesNotContinue(head.seq);
    ++seq;
    hash = journal::ChainHash(hash, stored);
  }
  return absl::OkStatus();
}

void PartitionActor::OpenTenant(const std::string& name, const journal::TenantHead& head,
                                std::uint32_t closings, MoveDone done) {
  TenantEntry& tenant = book_.Tenant(name);
  if (absl::Status may = MayMove(tenant); !may.ok()) return std::move(done)(std::move(may));
  if (book_.IsHere(tenant)) return std::move(done)(absl::OkStatus());
  if (tenant.closings != closings) return std::move(done)(NotReady());
  const journal::TenantHead reached = book_.fold().HeadOf(name);
  if (reached.seq != head.seq || reached.hash != head.hash)
    return std::move(done)(DoesNotContinue(reached.seq));
  // One that has no commits yet is unknown here: nothing of it could be copied.
  if (!book_.fold().Knows(name))
    AppendOfMove(tenant, journal::EncodeTenantClosed(self_, name), nullptr);
  AppendOfMove(tenant, journal::EncodeTenantOpened(self_, name, reached), std::move(done));
}

void PartitionActor::AppendOfMove(TenantEntry& tenant, std::string record, MoveDone done) {
  InFlight& one = in_flight_.emplace_back();
  one.own.tenant = &tenant;
  one.own.ticket = next_ticket_++;
  one.record = record;
  one.moved = std::move(done);
  one.appended_at = appended_at_ = options_.clock->SinceBoot();
  ++tenant.moving;
  tail_.reset();
  writer_->Append(std::move(record),
                  [this, handle = handle_](absl::StatusOr<journal::Offset> offset) {
                    inbox_.Push({handle, std::move(offset)});
                  });
}

void PartitionActor::LogMove(const journal::Folded& folded) const {
  if (folded.kind == journal::RecordKind::kCommit) return;
  const auto say = [&](auto event) {
    log::Info(event, log::Context(options_.partition.context),
              log::Partition(options_.partition.partition), log::Tenant(folded.tenant),
              log::Seq(book_.fold().HeadOf(folded.tenant).seq));
  };
  if (folded.kind == journal::RecordKind::kTenantClosed) return say(log::Event("tenant_closed"));
  say(log::Event("tenant_opened"));
}

// The oldest in flight is of a move, and stands at that offset. False where it is void, and we are
// no owner any more.
bool PartitionActor::AcceptOfMove(journal::Offset offset) {
  InFlight& one = in_flight_.front();
  TenantEntry& tenant = *one.own.tenant;
  const absl::StatusOr<journal::Folded> folded = book_.Apply(offset, one.record);
  if (!folded.ok()) {
    Freeze(folded.status());
    return false;
  }
  public_next_offset_ = offset + 1;
  public_frozen_tenants_ = book_.frozen_tenants();
  if (!folded->accepted()) {
    metrics_->Void(folded->outcome);
    if (options_.protocol.step_down) {
      StepDown("own_void", true);
      return false;
    }
  } else {
    LogMove(*folded);
  }
  if (tenant.moving > 0) --tenant.moving;
  MoveDone done = std::move(one.moved);
  in_flight_.pop_front();
  if (done) std::move(done)(tenant.frozen);
  return true;
}

}  // namespace holdfast::eventsourcing
