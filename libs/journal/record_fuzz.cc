#include "journal/record_fuzz.h"

#include <string>

#include "base/check.h"
#include "journal/acceptance.h"
#include "journal/journal.h"

namespace holdfast::journal {
namespace {

void Fold(AcceptanceFold& fold, std::string_view record) {
  const PartitionState before = fold.state();
  const std::size_t tenants = fold.heads().size();
  const absl::StatusOr<Folded> folded = fold.Apply(before.next_offset, record);
  if (!folded.ok()) {
    // What cannot be read changes nothing.
    HOLDFAST_CHECK(folded.status().code() == absl::StatusCode::kDataLoss);
    HOLDFAST_CHECK(fold.state() == before);
    HOLDFAST_CHECK(fold.heads().size() == tenants);
    return;
  }
  HOLDFAST_CHECK(fold.state().next_offset == before.next_offset + 1);
  HOLDFAST_CHECK(fold.state().digest != before.digest);
  if (folded->kind != RecordKind::kCommit || !folded->accepted()) return;
  const TenantHead head = fold.HeadOf(folded->tenant);
  HOLDFAST_CHECK(head.hash == folded->hash);
  HOLDFAST_CHECK(head.receiving == folded->copied);
}

}  // namespace

void FuzzRecord(std::string_view bytes) {
  WriterId owner;
  owner.epoch = 1;
  AcceptanceFold fold;
  HOLDFAST_CHECK(fold.Apply(0, EncodeBarrier(owner))->accepted());
  Fold(fold, bytes);
  if (bytes.size() < kMaxRecordBytes) Fold(fold, EncodeCopy(fold.state().owner, bytes));
  Fold(fold, bytes);

  // What parses is written as it was, but for flags, whose byte may have been any.
  if (const auto state = ParsePartitionState(bytes))
    HOLDFAST_CHECK(ParsePartitionState(Serialise(*state)) == state);
  if (const auto head = ParseTenantHead(bytes))
    HOLDFAST_CHECK(ParseTenantHead(Serialise(*head)) == head);
}

}  // namespace holdfast::journal
