#include "metrics/intake/resolve_areas.h"

#include <algorithm>
#include <optional>
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

bool Names(const AreaSets& sets, const type::v1::AreaSet& set) {
  return std::ranges::any_of(
      sets, [&](const type::v1::AreaSet& named) { return SetKey(named) == SetKey(set); });
}

// What is to be sent for a month, or nothing.
std::optional<MonthChange> ChangeOf(const v1::ExtractListRow& row, const AreaResolver& resolver) {
  const auto* current = CurrentRevision(row);
  const auto* open = OpenRevision(row);
  if (current == nullptr) return std::nullopt;
  const bool resume = open != nullptr && open->opened().mode() == v1::Extract::RELOCATION;
  if (open != nullptr && !resume) return std::nullopt;  // its import resolves the month itself
  MonthChange change;
  for (const auto& set : resolver.sets()) {
    const bool wanted = !resume || Names(open->opened().area_sets(), set);
    if (wanted) *change.open.add_area_sets() = set;
  }
  if (change.open.area_sets_size() == current->opened().area_sets_size()) return std::nullopt;
  const v1::ExtractOpened& counted = current->opened();
  change.open.set_extract_id(ExtractId(row.dataset_id(), row.month()));
  change.open.set_dataset_id(row.dataset_id());
  *change.open.mutable_month() = row.month();
  change.open.set_mode(v1::Extract::RELOCATION);
  change.open.set_revision(resume ? open->opened().revision()
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
  if (resume) change.first_seq = open->next_seq();
  return change;
}

std::vector<std::size_t> IndexesOf(const AreaResolver& resolver, const AreaSets& wanted,
                                   const AreaSets& but) {
  std::vector<std::size_t> indexes;
  for (std::size_t i = 0; i < resolver.sets().size(); ++i) {
    if (Names(wanted, resolver.sets()[i]) && !Names(but, resolver.sets()[i])) indexes.push_back(i);
  }
  return indexes;
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
    std::optional<MonthChange> change = ChangeOf(row, *resolver);
    if (!change) continue;
    Delivery delivery;
    delivery.dataset.id = row.dataset_id();
    delivery.dataset.kind = dataset->dataset().kind();
    delivery.month = absl::CivilMonth(row.month().year(), row.month().month());
    ASSIGN_OR_RETURN(const auto held, ReadHeldRows(reader, row, reader.tenant(), delivery));
    const AreaSets& before = CurrentRevision(row)->opened().area_sets();
    SendMonth(call, delivery, *resolver, *change, held, {},
              IndexesOf(*resolver, change->open.area_sets(), {}),
              IndexesOf(*resolver, change->open.area_sets(), before));
    response.set_extracts(response.extracts() + 1);
    response.set_rows(response.rows() + held.size());
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
