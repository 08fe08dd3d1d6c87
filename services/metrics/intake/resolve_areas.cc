#include "metrics/intake/resolve_areas.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "base/status_macros.h"
#include "metrics/domain/extract.h"
#include "metrics/intake/area_resolver.h"
#include "metrics/intake/delivery.h"
#include "metrics/intake/import_job.h"
#include "metrics/views/dataset_list.h"
#include "metrics/views/extract_list.h"
#include "metrics/views/set_tally.h"

namespace holdfast::metrics {
namespace {

// What is to be sent for a month that counts; `resume`: from where it was interrupted.
MonthChange ChangeOf(const v1::ExtractListRow& row, const v1::ExtractListRow::Revision* resume) {
  MonthChange change;
  const v1::ExtractOpened& counted = CurrentRevision(row)->opened();
  change.open.set_extract_id(ExtractId(row.dataset_id(), row.month()));
  change.open.set_dataset_id(row.dataset_id());
  *change.open.mutable_month() = row.month();
  change.open.set_mode(v1::Extract::RELOCATION);
  change.open.set_revision(resume != nullptr ? resume->opened().revision()
                                             : row.revisions().rbegin()->opened().revision() + 1);
  change.open.set_base(counted.revision());
  change.open.set_file_sha256(counted.file_sha256());
  change.open.set_file_name(counted.file_name());
  change.open.set_rows(counted.rows());
  change.open.set_rejected(counted.rejected());
  change.open.set_digest(counted.digest());
  if (counted.has_through()) *change.open.mutable_through() = counted.through();
  change.open.set_import_id(counted.import_id());
  change.open.set_with_point(counted.with_point());
  if (resume != nullptr) change.first_seq = resume->next_seq();
  return change;
}

std::vector<std::size_t> AllSets(const AreaResolver& resolver) {
  std::vector<std::size_t> all(resolver.sets().size());
  for (std::size_t i = 0; i < all.size(); ++i) all[i] = i;
  return all;
}

std::vector<std::size_t> Missing(const AreaResolver& resolver, const AreaSets& before) {
  std::vector<std::size_t> missing;
  for (std::size_t i = 0; i < resolver.sets().size(); ++i) {
    const bool named = std::ranges::any_of(before, [&](const type::v1::AreaSet& set) {
      return SetKey(set) == SetKey(resolver.sets()[i]);
    });
    if (!named) missing.push_back(i);
  }
  return missing;
}

// Sends what places the crimes of a month by the resolver, if any lies elsewhere than it counts.
absl::Status ResolveMonth(const v1::ExtractListRow& row, AreaResolver& resolver,
                          const readmodel::Reader& reader, app::CallContext& call,
                          v1::ResolveAreasResponse& response) {
  const auto* current = CurrentRevision(row);
  const auto* open = OpenRevision(row);
  if (current == nullptr) return absl::OkStatus();
  const bool relocation = open != nullptr && open->opened().mode() == v1::Extract::RELOCATION;
  if (open != nullptr && !relocation) return absl::OkStatus();  // resolved once it counts, or not
  const std::vector<std::size_t> sets = AllSets(resolver);
  if (open == nullptr && ResolvedBy(current->opened(), resolver, sets)) return absl::OkStatus();
  const bool resume = relocation && ResolvedBy(open->opened(), resolver, sets);
  if (relocation && !resume) SendAbandon(call, open->opened());
  MonthChange change = ChangeOf(row, resume ? open : nullptr);
  NameSets(resolver, sets, change.open);
  Delivery delivery;
  delivery.dataset.id = row.dataset_id();
  delivery.dataset.kind = v1::DatasetKind::POLICE_UK_STREET;
  delivery.month = absl::CivilMonth(row.month().year(), row.month().month());
  ASSIGN_OR_RETURN(const auto held, ReadHeldRows(reader, row, reader.tenant(), delivery));
  const std::size_t placed = SendMonth(call, delivery, resolver, change, held, {}, sets,
                                       Missing(resolver, current->opened().area_sets()));
  if (placed > 0) response.set_extracts(response.extracts() + 1);
  response.set_rows(response.rows() + placed);
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<v1::ResolveAreasResponse> ResolveCrimes(const readmodel::Reader& reader,
                                                       app::CallContext& call) {
  v1::ResolveAreasResponse response;
  ASSIGN_OR_RETURN(const auto resolver, AreaResolver::Load(reader));
  std::vector<v1::ExtractListRow> rows;
  RETURN_IF_ERROR(
      reader.Scan<ExtractList>("", "", 0, [&](std::string_view, const v1::ExtractListRow& row) {
        rows.push_back(row);
        return true;
      }));
  for (const auto& row : rows) {
    if (call.cancelled()) return absl::CancelledError("the caller went away");
    ASSIGN_OR_RETURN(const auto dataset, reader.Get<DatasetList>(row.dataset_id()));
    // An agency's series names its areas itself.
    if (!dataset || dataset->dataset().kind() != v1::DatasetKind::POLICE_UK_STREET) continue;
    RETURN_IF_ERROR(ResolveMonth(row, *resolver, reader, call, response));
  }
  ASSIGN_OR_RETURN(const auto receipts, call.AwaitStarted());
  for (const auto& receipt : receipts) {
    if (receipt.position().seq() >= response.receipt().position().seq()) {
      *response.mutable_receipt() = receipt;
    }
  }
  // Whoever has this answer sees what it says.
  if (response.has_receipt()) RETURN_IF_ERROR(call.ReadAfter(response.receipt()).status());
  return response;
}

}  // namespace holdfast::metrics
