#include "archive/migration.h"

#include <functional>
#include <memory>
#include <set>
#include <utility>
#include <vector>

#include "holdfast/journal/v1/journal.pb.h"

#include "absl/strings/str_cat.h"
#include "archive/bulk_writer.h"
#include "archive/manifest.h"
#include "base/random.h"
#include "base/status_macros.h"
#include "base/uuid.h"

namespace holdfast::archive {
namespace {

using journal::AcceptanceFold;
using journal::Folded;
using journal::Journal;
using journal::Outcome;
using journal::PartitionId;
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
void AddPlaces(const AcceptanceFold& fold, std::uint32_t partition, Places& places) {
  for (const auto& [tenant, head] : fold.heads()) {
    if (head.seq == 0) continue;
    const auto [place, first] = places.try_emplace(tenant, Place{partition, head});
    if (first) continue;
    const TenantHead& known = place->second.head;
    if (head.seq > known.seq || (head.seq == known.seq && known.receiving))
      place->second = {partition, head};
  }
}

using EachAccepted = std::function<absl::Status(const Folded&)>;

// The fold of a partition; `each` sees every accepted record.
absl::StatusOr<AcceptanceFold> Fold(Journal& journal, const PartitionId& partition,
                                    const EachAccepted& each) {
  AcceptanceFold fold(/*with_digest=*/false);
  ASSIGN_OR_RETURN(const std::unique_ptr<journal::Reader> reader, journal.OpenReader(partition, 0));
  while (true) {
    ASSIGN_OR_RETURN(const std::vector<StoredRecord> records, reader->Read(kRecordsPerRead));
    if (records.empty()) return fold;
    for (const StoredRecord& record : records) {
      const absl::StatusOr<Folded> folded = fold.Apply(record.offset, record.bytes);
      RETURN_IF_ERROR(WithContext(
          folded.status(), absl::StrCat("record ", record.offset, " of ", NameOf(partition))));
      if (folded->accepted()) RETURN_IF_ERROR(each(*folded));
    }
  }
}

absl::Status IsNoPart(const PartitionId& partition, const std::string& what) {
  return absl::FailedPreconditionError(
      absl::StrCat("partition ", NameOf(partition), " is not empty: it holds ", what,
                   ", which is no part of a migration from here. Nothing was written; choose an "
                   "empty journal"));
}

class Migration {
 public:
  Migration(Journal& from, Journal& to, std::string context, Random& random, MigrationMode mode,
            const CountRecords& progress)
      : from_(from),
        to_(to),
        context_(std::move(context)),
        random_(random),
        mode_(mode),
        progress_(progress) {}

  absl::StatusOr<Migrated> Run() {
    RETURN_IF_ERROR(ReadTarget());
    RETURN_IF_ERROR(ReadSource());
    for (const auto& [tenant, begun] : begun_) RETURN_IF_ERROR(CheckBegun(tenant, begun));
    Migrated migrated;
    for (const auto& [tenant, place] : places_) {
      migrated.heads.emplace(tenant, place.head);
      migrated.commits += place.head.seq;
    }
    for (const auto& [tenant, begun] : begun_) migrated.there_before += begun.head.seq;
    if (mode_ == MigrationMode::kDryRun) return migrated;
    RETURN_IF_ERROR(Copy());
    RETURN_IF_ERROR(CheckHeads(migrated.heads));
    return migrated;
  }

 private:
  struct Target {
    std::uint64_t epoch = 0;              // of the last barrier that stands there
    WriterId writer;                      // once there is something to write
    std::unique_ptr<BulkWriter> records;  // the same
  };

  // What one that was interrupted left there: copies alone.
  absl::Status ReadTarget() {
    const absl::StatusOr<std::uint32_t> partitions = to_.Partitions(context_);
    if (absl::IsNotFound(partitions.status()) && mode_ == MigrationMode::kDryRun)
      return absl::OkStatus();
    RETURN_IF_ERROR(partitions.status());
    for (std::uint32_t p = 0; p < *partitions; ++p) {
      const PartitionId id{context_, p};
      ASSIGN_OR_RETURN(const AcceptanceFold fold, Fold(to_, id, [&id](const Folded& folded) {
                         if (folded.kind != RecordKind::kCommit || folded.copied)
                           return absl::OkStatus();
                         return IsNoPart(id, absl::StrCat("commit ", folded.commit->seq(), " of ",
                                                          std::string(folded.tenant)));
                       }));
      targets_.push_back({fold.state().owner.epoch, {}, nullptr});
      AddPlaces(fold, p, begun_);
    }
    return absl::OkStatus();
  }

  absl::Status ReadSource() {
    ASSIGN_OR_RETURN(sources_, from_.Partitions(context_));
    for (std::uint32_t p = 0; p < sources_; ++p) {
      ASSIGN_OR_RETURN(const AcceptanceFold fold,
                       Fold(from_, {context_, p}, [this](const Folded& f) {
                         NoteMatch(f);
                         return absl::OkStatus();
                       }));
      AddPlaces(fold, p, places_);
    }
    return absl::OkStatus();
  }

  // The last copy of a tenant in the target is the commit that the source has there.
  void NoteMatch(const Folded& folded) {
    if (folded.kind != RecordKind::kCommit) return;
    const auto begun = begun_.find(std::string(folded.tenant));
    if (begun == begun_.end() || begun->second.head.seq != folded.commit->seq()) return;
    if (begun->second.head.hash == folded.hash) matched_.insert(begun->first);
  }

  absl::Status CheckBegun(const std::string& tenant, const Place& begun) const {
    const PartitionId id{context_, begun.partition};
    const std::string what = absl::StrCat("commits of ", tenant, " up to ", begun.head.seq);
    if (!matched_.contains(tenant) || begun.partition != HomeOf(tenant)) return IsNoPart(id, what);
    const TenantHead& wanted = places_.at(tenant).head;
    if (begun.head.receiving || begun.head == wanted) return absl::OkStatus();
    return absl::FailedPreconditionError(absl::StrCat(
        "tenant ", tenant, " was opened in ", NameOf(id), " at commit ", begun.head.seq,
        " and the source has gone on to ", wanted.seq,
        " since: both cannot be true. Nothing was written; empty the target and migrate again"));
  }

  std::uint32_t HomeOf(const std::string& tenant) const {
    return journal::PartitionOf(tenant, static_cast<std::uint32_t>(targets_.size()));
  }

  absl::Status Copy() {
    for (std::uint32_t p = 0; p < sources_; ++p) {
      RETURN_IF_ERROR(Fold(from_, {context_, p}, [this, p](const Folded& folded) {
                        return folded.kind == RecordKind::kCommit ? CopyCommit(p, folded)
                                                                  : absl::OkStatus();
                      }).status());
    }
    for (const auto& [tenant, place] : places_) RETURN_IF_ERROR(OpenTenant(tenant, place.head));
    for (const Target& target : targets_) {
      if (target.records != nullptr) RETURN_IF_ERROR(target.records->Finish());
    }
    return absl::OkStatus();
  }

  absl::Status CopyCommit(std::uint32_t partition, const Folded& folded) {
    const std::string tenant(folded.tenant);
    const auto place = places_.find(tenant);
    if (place == places_.end() || place->second.partition != partition) return absl::OkStatus();
    const auto begun = begun_.find(tenant);
    if (begun != begun_.end() && folded.commit->seq() <= begun->second.head.seq)
      return absl::OkStatus();
    ASSIGN_OR_RETURN(Target * target, OwnedTarget(HomeOf(tenant)));
    if (progress_) progress_(++done_);
    return target->records->Append(journal::EncodeCopy(target->writer, folded.commit_bytes));
  }

  // A tenant that is closed in the source stays closed: it was on its way to somewhere else.
  absl::Status OpenTenant(const std::string& tenant, const TenantHead& head) {
    const auto begun = begun_.find(tenant);
    const bool is_open = begun != begun_.end() && !begun->second.head.receiving;
    if (head.receiving || is_open) return absl::OkStatus();
    ASSIGN_OR_RETURN(Target * target, OwnedTarget(HomeOf(tenant)));
    return target->records->Append(journal::EncodeTenantOpened(target->writer, tenant, head));
  }

  // Behind an own barrier: what a killed migration still had on its way is void from there on.
  absl::StatusOr<Target*> OwnedTarget(std::uint32_t partition) {
    Target& target = targets_[partition];
    if (target.records != nullptr) return &target;
    ASSIGN_OR_RETURN(std::unique_ptr<journal::Writer> writer,
                     to_.OpenWriter({context_, partition}));
    target.writer = {target.epoch + 1, NewUuidV4(random_)};
    target.records = std::make_unique<BulkWriter>(std::move(writer));
    RETURN_IF_ERROR(target.records->Append(journal::EncodeBarrier(target.writer)));
    return &target;
  }

  absl::Status CheckHeads(const MigratedHeads& wanted) {
    Places copied;
    for (std::uint32_t p = 0; p < targets_.size(); ++p) {
      ASSIGN_OR_RETURN(const AcceptanceFold fold,
                       Fold(to_, {context_, p}, [](const Folded&) { return absl::OkStatus(); }));
      AddPlaces(fold, p, copied);
    }
    MigratedHeads heads;
    for (const auto& [tenant, place] : copied) heads.emplace(tenant, place.head);
    if (heads == wanted) return absl::OkStatus();
    return absl::DataLossError(absl::StrCat(
        "what was copied of ", context_,
        " does not come to the heads of the source: do not use it. If anything else runs on the "
        "target, stop it, empty the target, and migrate again"));
  }

  Journal& from_;
  Journal& to_;
  const std::string context_;
  Random& random_;
  const MigrationMode mode_;
  const CountRecords& progress_;
  std::uint32_t sources_ = 0;
  std::uint64_t done_ = 0;
  Places places_;                  // in the source
  Places begun_;                   // in the target, before this began
  std::set<std::string> matched_;  // of these, those whose history is the source's
  std::vector<Target> targets_;
};

}  // namespace

absl::StatusOr<Migrated> MigrateContext(Journal& from, Journal& to, const std::string& context,
                                        Random& random, MigrationMode mode,
                                        const CountRecords& progress) {
  return Migration(from, to, context, random, mode, progress).Run();
}

}  // namespace holdfast::archive
