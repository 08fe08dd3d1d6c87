#include "app/journal_report.h"

#include <algorithm>
#include <filesystem>
#include <memory>

#include "app/folder_lock.h"
#include "app/journal_folder.h"
#include "base/hash.h"
#include "base/status_macros.h"
#include "journal/embedded_journal.h"
#include "journal/verification.h"

namespace holdfast::app {
namespace {

namespace v1 = operations::v1;

}  // namespace

void AddToReport(const journal::VerifiedPartition& verified, const std::string& tenant,
                 v1::VerifyJournalResponse& report) {
  auto* partition = report.add_partitions();
  partition->set_context(verified.id.context);
  partition->set_partition(verified.id.partition);
  partition->set_records(verified.records());
  partition->set_accepted(verified.Count(journal::Outcome::kAccepted));
  partition->set_fenced(verified.Count(journal::Outcome::kFenced));
  partition->set_closed(verified.Count(journal::Outcome::kClosed));
  partition->set_conflicts(verified.Count(journal::Outcome::kConflict));
  partition->set_digest(std::string(AsBytes(verified.fold.digest())));
  partition->set_damage(std::string(verified.damage.message()));
  const journal::TenantHead head = verified.fold.HeadOf(tenant);
  if (head.seq == 0) return;
  // A tenant that moved stands in several partitions: the longest is where it is.
  const auto same =
      std::find_if(report.mutable_heads()->begin(), report.mutable_heads()->end(),
                   [&](const auto& other) { return other.context() == verified.id.context; });
  if (same != report.mutable_heads()->end() && same->seq() >= head.seq) return;
  auto* own = same == report.mutable_heads()->end() ? report.add_heads() : &*same;
  own->set_context(verified.id.context);
  own->set_seq(head.seq);
  own->set_hash(std::string(AsBytes(head.hash)));
}

absl::StatusOr<std::optional<v1::VerifyJournalResponse>> VerifyStoppedJournal(
    const std::string& data, const std::string& tenant) {
  if (absl::Status found = RequireJournal(data); !found.ok()) {
    // A deployment's journal is its brokers'; its folder says where it answers.
    std::error_code error;
    if (std::filesystem::exists(data + "/run/holdfast.json", error)) return std::nullopt;
    return found;
  }
  const FolderLock lock(data);
  if (!lock.held()) return std::nullopt;
  ASSIGN_OR_RETURN(const std::unique_ptr<journal::EmbeddedJournal> journal, OpenToRead(data));
  v1::VerifyJournalResponse report;
  for (const journal::PartitionId& partition : journal->AllPartitions()) {
    ASSIGN_OR_RETURN(const journal::VerifiedPartition verified,
                     journal::VerifyPartition(*journal, partition));
    AddToReport(verified, tenant, report);
  }
  return report;
}

}  // namespace holdfast::app
