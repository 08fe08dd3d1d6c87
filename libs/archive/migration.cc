#include "archive/migration.h"

#include <memory>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "archive/bulk_writer.h"
#include "archive/restore.h"
#include "base/random.h"
#include "base/status_macros.h"
#include "base/uuid.h"
#include "journal/verification.h"

namespace holdfast::archive {
namespace {

using journal::AcceptanceFold;
using journal::Folded;
using journal::Journal;
using journal::RecordKind;
using journal::StoredRecord;
using journal::TenantHead;
using journal::WriterId;

constexpr std::size_t kRecordsPerRead = 1'024;

// Where a tenant stands in a journal.
struct Place {
  std::uint32_t partition = 0;
  TenantHead head;
};
using Places = std::map<std::string, Place>;

// A tenant that moved stands in two partitions: in one it is open, and that is the longer one.
absl::StatusOr<Places> PlacesIn(Journal& journal, const std::string& context,
                                std::uint32_t partitions) {
  Places places;
  for (std::uint32_t p = 0; p < partitions; ++p) {
    ASSIGN_OR_RETURN(const journal::VerifiedPartition verified,
                     journal::VerifyPartition(journal, {context, p}));
    RETURN_IF_ERROR(verified.damage);
    for (const auto& [tenant, head] : verified.fold.heads()) {
      if (head.seq == 0) continue;
      const auto [place, first] = places.try_emplace(tenant, Place{p, head});
      if (first) continue;
      const TenantHead& known = place->second.head;
      if (head.seq > known.seq || (head.seq == known.seq && known.receiving))
        place->second = {p, head};
    }
  }
  return places;
}

class Migration {
 public:
  Migration(Journal& from, Journal& to, std::string context, Random& random,
            const CountRecords& progress)
      : from_(from), to_(to), context_(std::move(context)), random_(random), progress_(progress) {}

  absl::StatusOr<MigratedHeads> Run() {
    ASSIGN_OR_RETURN(const std::uint32_t sources, from_.Partitions(context_));
    ASSIGN_OR_RETURN(const std::uint32_t targets, to_.Partitions(context_));
    for (std::uint32_t p = 0; p < targets; ++p) RETURN_IF_ERROR(CheckEmpty(to_, {context_, p}));
    ASSIGN_OR_RETURN(places_, PlacesIn(from_, context_, sources));
    RETURN_IF_ERROR(OpenTargets(targets));
    for (std::uint32_t p = 0; p < sources; ++p) RETURN_IF_ERROR(CopyPartition(p));
    RETURN_IF_ERROR(OpenTenants());
    return Compared(targets);
  }

 private:
  struct Target {
    WriterId writer;
    std::unique_ptr<BulkWriter> records;
  };

  absl::Status OpenTargets(std::uint32_t partitions) {
    for (std::uint32_t p = 0; p < partitions; ++p) {
      ASSIGN_OR_RETURN(std::unique_ptr<journal::Writer> writer, to_.OpenWriter({context_, p}));
      targets_.push_back(
          {{1, NewUuidV4(random_)}, std::make_unique<BulkWriter>(std::move(writer))});
      RETURN_IF_ERROR(
          targets_.back().records->Append(journal::EncodeBarrier(targets_.back().writer)));
    }
    return absl::OkStatus();
  }

  Target& TargetOf(const std::string& tenant) {
    return targets_[journal::PartitionOf(tenant, static_cast<std::uint32_t>(targets_.size()))];
  }

  absl::Status CopyPartition(std::uint32_t partition) {
    ASSIGN_OR_RETURN(const std::unique_ptr<journal::Reader> reader,
                     from_.OpenReader({context_, partition}, 0));
    AcceptanceFold fold(/*with_digest=*/false);
    while (true) {
      ASSIGN_OR_RETURN(const std::vector<StoredRecord> records, reader->Read(kRecordsPerRead));
      if (records.empty()) return absl::OkStatus();
      for (const StoredRecord& record : records) {
        ASSIGN_OR_RETURN(const Folded folded, fold.Apply(record.offset, record.bytes));
        if (!folded.accepted() || folded.kind != RecordKind::kCommit) continue;
        RETURN_IF_ERROR(CopyCommit(partition, folded));
      }
    }
  }

  absl::Status CopyCommit(std::uint32_t partition, const Folded& folded) {
    const std::string tenant(folded.tenant);
    const auto place = places_.find(tenant);
    if (place == places_.end() || place->second.partition != partition) return absl::OkStatus();
    Target& target = TargetOf(tenant);
    if (progress_) progress_(++done_);
    return target.records->Append(journal::EncodeCopy(target.writer, folded.commit_bytes));
  }

  // A tenant that is closed in the source stays closed: it was on its way to somewhere else.
  absl::Status OpenTenants() {
    for (const auto& [tenant, place] : places_) {
      if (place.head.receiving) continue;
      Target& target = TargetOf(tenant);
      RETURN_IF_ERROR(
          target.records->Append(journal::EncodeTenantOpened(target.writer, tenant, place.head)));
    }
    for (const Target& target : targets_) RETURN_IF_ERROR(target.records->Finish());
    return absl::OkStatus();
  }

  absl::StatusOr<MigratedHeads> Compared(std::uint32_t partitions) {
    ASSIGN_OR_RETURN(const Places copied, PlacesIn(to_, context_, partitions));
    MigratedHeads wanted;
    MigratedHeads heads;
    for (const auto& [tenant, place] : places_) wanted.emplace(tenant, place.head);
    for (const auto& [tenant, place] : copied) heads.emplace(tenant, place.head);
    if (heads == wanted) return heads;
    return absl::DataLossError(absl::StrCat("what was copied of ", context_,
                                            " does not come to the heads of the source: do not "
                                            "use it; empty the target and migrate again"));
  }

  Journal& from_;
  Journal& to_;
  const std::string context_;
  Random& random_;
  const CountRecords& progress_;
  std::uint64_t done_ = 0;
  Places places_;
  std::vector<Target> targets_;
};

}  // namespace

absl::StatusOr<MigratedHeads> MigrateContext(Journal& from, Journal& to, const std::string& context,
                                             Random& random, const CountRecords& progress) {
  return Migration(from, to, context, random, progress).Run();
}

}  // namespace holdfast::archive
