#include "archive/restore.h"

#include <algorithm>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include <google/protobuf/util/message_differencer.h>

#include "holdfast/journal/v1/journal.pb.h"

#include "absl/strings/str_cat.h"
#include "archive/bulk_writer.h"
#include "archive/causes.h"
#include "archive/durable_file.h"
#include "archive/manifest.h"
#include "base/status_macros.h"
#include "base/timestamps.h"
#include "journal/verification.h"

namespace holdfast::archive {
namespace {

using google::protobuf::util::MessageDifferencer;
using journal::AcceptanceFold;
using journal::Folded;
using journal::Offset;
using journal::PartitionId;
using journal::RecordKind;
using journal::StoredRecord;

// Every cause of what is brought back is brought back.
absl::Status CheckCauses(const RestorePlan& plan, const Causes& causes) {
  Chains cut;
  for (const PartitionPlan& partition : plan.partitions) {
    for (const v1::Head& head : partition.restored.heads())
      cut.Reach(partition.restored.context(), head.tenant(), head.seq());
  }
  const std::optional<std::string> missing = causes.MissingIn(cut);
  if (!missing) return absl::OkStatus();
  return absl::FailedPreconditionError(
      absl::StrCat("a commit up to that moment answers to ", *missing,
                   ", which would be left out: choose an earlier moment"));
}

// No tenant is brought back open where it went, and still open where it was.
absl::Status CheckMoves(const RestorePlan& plan) {
  OpenTenants open;
  for (const PartitionPlan& partition : plan.partitions) {
    for (const v1::Head& head : partition.restored.heads())
      open.Add(partition.restored.context(), head.tenant(), head.receiving());
  }
  const std::optional<std::string> torn = open.InTwoPartitions();
  if (!torn) return absl::OkStatus();
  return absl::FailedPreconditionError(
      absl::StrCat(*torn,
                   " was moved to another partition about that moment, and only half of its "
                   "move would be brought back: choose a moment some minutes later, or "
                   "before the move"));
}

// The records of one partition up to the moment.
class PartitionPlanner {
 public:
  PartitionPlanner(const v1::Partition& partition, std::optional<absl::Time> until, Causes& causes)
      : until_(until), causes_(causes) {
    plan_.restored.set_context(partition.context());
    plan_.restored.set_partition(partition.partition());
  }

  absl::Status Add(const StoredRecord& record, const Folded& folded) {
    const bool commits = folded.accepted() && folded.kind == RecordKind::kCommit;
    const absl::Time at = commits ? ToTime(folded.commit->recorded_at()) : absl::InfinitePast();
    cut_ = cut_ || (until_ && at > *until_);
    if (cut_) {
      ++plan_.left_out;
      return absl::OkStatus();
    }
    if (commits) {
      plan_.last_recorded = std::max(plan_.last_recorded, at);
      causes_.Add(*folded.commit);
    }
    plan_.restored.set_records(plan_.restored.records() + 1);
    if (folded.accepted()) plan_.restored.set_accepted(plan_.restored.accepted() + 1);
    return fold_.Apply(record.offset, record.bytes).status();
  }

  PartitionPlan Finish() {
    Record(fold_, plan_.restored);
    return std::move(plan_);
  }

 private:
  const std::optional<absl::Time> until_;
  Causes& causes_;
  AcceptanceFold fold_;
  bool cut_ = false;
  PartitionPlan plan_;
};

// Offsets of a journal that skips some come back without the gaps: the digest, which covers them,
// is then another, and the heads are compared alone.
absl::Status CheckRestored(const v1::Partition& planned, journal::Journal& to) {
  ASSIGN_OR_RETURN(const journal::VerifiedPartition verified,
                   journal::VerifyPartition(to, IdOf(planned)));
  RETURN_IF_ERROR(verified.damage);
  v1::Partition restored;
  restored.set_context(planned.context());
  restored.set_partition(planned.partition());
  restored.set_records(verified.records());
  restored.set_accepted(verified.Count(journal::Outcome::kAccepted));
  Record(verified.fold, restored);
  if (planned.next_offset() != planned.records()) {
    restored.set_next_offset(planned.next_offset());
    restored.set_digest(planned.digest());
  }
  if (MessageDifferencer::Equals(planned, restored)) return absl::OkStatus();
  return absl::DataLossError(absl::StrCat("what was restored of ", NameOf(planned),
                                          " does not come to the heads of the backup: do not use "
                                          "it, and restore again"));
}

}  // namespace

absl::StatusOr<RestorePlan> PlanRestore(const Backup& backup, std::optional<absl::Time> until,
                                        const CountRecords& progress) {
  for (const v1::File& file : backup.manifest().files()) RETURN_IF_ERROR(backup.CheckFile(file));
  RestorePlan plan;
  Causes causes;
  std::uint64_t done = 0;
  for (const v1::Partition& partition : backup.manifest().partitions()) {
    PartitionPlanner planner(partition, until, causes);
    RETURN_IF_ERROR(backup.Read(partition, [&](const StoredRecord& record, const Folded& folded) {
      if (progress) progress(++done);
      return planner.Add(record, folded);
    }));
    plan.partitions.push_back(planner.Finish());
  }
  RETURN_IF_ERROR(CheckCauses(plan, causes));
  RETURN_IF_ERROR(CheckMoves(plan));
  return plan;
}

absl::Status CheckTarget(const RestorePlan& plan, journal::Journal& to) {
  std::map<std::string, std::uint32_t> wanted;
  for (const PartitionPlan& partition : plan.partitions) ++wanted[partition.restored.context()];
  for (const auto& [context, partitions] : wanted) {
    ASSIGN_OR_RETURN(const std::uint32_t there, to.Partitions(context));
    if (there != partitions) {
      return absl::FailedPreconditionError(
          absl::StrCat("context ", context, " has ", partitions, " partitions in the backup and ",
                       there, " in the journal: a restore needs as many; a migration does not"));
    }
  }
  for (const PartitionPlan& partition : plan.partitions)
    RETURN_IF_ERROR(CheckEmpty(to, IdOf(partition.restored)));
  return absl::OkStatus();
}

absl::Status RestoreJournal(const Backup& backup, const RestorePlan& plan, journal::Journal& to,
                            const CountRecords& progress) {
  RETURN_IF_ERROR(CheckTarget(plan, to));
  std::uint64_t done = 0;
  for (std::size_t i = 0; i < plan.partitions.size(); ++i) {
    const v1::Partition& planned = plan.partitions[i].restored;
    ASSIGN_OR_RETURN(std::unique_ptr<journal::Writer> opened, to.OpenWriter(IdOf(planned)));
    BulkWriter writer(std::move(opened));
    RETURN_IF_ERROR(backup.Read(backup.manifest().partitions(static_cast<int>(i)),
                                [&](const StoredRecord& record, const Folded&) {
                                  if (record.offset >= planned.next_offset())
                                    return absl::OkStatus();
                                  if (progress) progress(++done);
                                  return writer.Append(record.bytes);
                                }));
    RETURN_IF_ERROR(writer.Finish());
    RETURN_IF_ERROR(CheckRestored(planned, to));
  }
  return absl::OkStatus();
}

absl::Status RestoreFiles(const Backup& backup, const std::string& folder) {
  for (const v1::File& file : backup.manifest().files()) {
    RETURN_IF_ERROR(backup.CheckFile(file));
    const std::string to = absl::StrCat(folder, "/", file.path());
    RETURN_IF_ERROR(MakeFolder(std::filesystem::path(to).parent_path().string()));
    RETURN_IF_ERROR(CopyDurably(backup.PathOf(file), to).status());
  }
  return absl::OkStatus();
}

absl::Status CheckEmpty(journal::Journal& journal, const PartitionId& partition) {
  ASSIGN_OR_RETURN(const std::unique_ptr<journal::Reader> reader, journal.OpenReader(partition, 0));
  ASSIGN_OR_RETURN(const std::vector<StoredRecord> records, reader->Read(1));
  if (records.empty()) return absl::OkStatus();
  return absl::FailedPreconditionError(absl::StrCat(
      "partition ", partition.context, "/", partition.partition, " is not empty: it holds record ",
      records.front().offset, ". Nothing was written; choose an empty journal"));
}

}  // namespace holdfast::archive
