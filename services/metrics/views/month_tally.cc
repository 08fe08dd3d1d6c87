#include "metrics/views/month_tally.h"

#include <string>

#include "base/civil_time.h"
#include "metrics/domain/row_block.h"
#include "metrics/views/set_tally.h"

namespace holdfast::metrics {
namespace {

using Row = v1::MonthTallyRow;

Row::Revision& RevisionOf(Row& row, std::uint32_t number) {
  for (int i = row.revisions_size(); i-- > 0;) {
    if (row.revisions(i).revision() == number) return *row.mutable_revisions(i);
  }
  Row::Revision& revision = *row.add_revisions();
  revision.set_revision(number);
  revision.set_standing(Row::STAGED);
  return revision;
}

void AddChanges(SetTallies& tallies, const v1::RowChanges& changes, const AreaSets& sets) {
  AddBlock(tallies, changes.from(), sets, -1);
  AddEverywhere(tallies, changes.from(), -1);
  AddBlock(tallies, changes.to(), sets, 1);
  AddEverywhere(tallies, changes.to(), 1);
}

}  // namespace

std::string MonthKey(std::string_view dataset, const type::v1::Month& month) {
  return RowKey({dataset, FormatMonth(absl::CivilMonth(month.year(), month.month()))});
}

RowKeys MonthTally::Key(const v1::ExtractOpened& event, const EventMeta&) {
  return MonthKey(event.dataset_id(), event.month());
}
RowKeys MonthTally::Key(const v1::RowsStaged& event, const EventMeta&) {
  return MonthKey(event.dataset_id(), event.month());
}
RowKeys MonthTally::Key(const v1::ExtractAccepted& event, const EventMeta&) {
  return MonthKey(event.dataset_id(), event.month());
}
RowKeys MonthTally::Key(const v1::ExtractAbandoned& event, const EventMeta&) {
  return MonthKey(event.dataset_id(), event.month());
}
RowKeys MonthTally::Key(const v1::ExtractReverted& event, const EventMeta&) {
  return MonthKey(event.dataset_id(), event.month());
}

void MonthTally::Apply(Row& row, const v1::ExtractOpened& event, const EventMeta&) {
  row.set_dataset_id(event.dataset_id());
  *row.mutable_month() = event.month();
  Row::Revision& revision = RevisionOf(row, event.revision());
  revision.set_base(event.base());
  revision.set_rows(event.rows());
  revision.set_digest(event.digest());
  if (event.has_through()) *revision.mutable_through() = event.through();
}

Fit MonthTally::Apply(Row& row, const v1::RowsStaged& event, const EventMeta&) {
  if (!IsWellFormed(event)) return Unfit("MALFORMED_BLOCK");
  SetTallies& tallies = *RevisionOf(row, event.revision()).mutable_sets();
  AddBlock(tallies, event.recorded(), event.area_sets(), 1);
  AddEverywhere(tallies, event.recorded(), 1);
  AddBlock(tallies, event.cancelled(), event.area_sets(), -1);
  AddEverywhere(tallies, event.cancelled(), -1);
  AddChanges(tallies, event.reclassified(), event.area_sets());
  AddChanges(tallies, event.outcome_changed(), event.area_sets());
  AddChanges(tallies, event.relocated(), event.area_sets());
  AddBlock(tallies, event.resolved(), event.resolved_sets(), 1);
  return {};
}

void MonthTally::Apply(Row& row, const v1::ExtractAccepted& event, const EventMeta& meta) {
  Row::Revision& revision = RevisionOf(row, event.revision());
  revision.set_standing(Row::ACCEPTED);
  revision.set_accepted_seq(meta.seq);
}

void MonthTally::Apply(Row& row, const v1::ExtractAbandoned& event, const EventMeta&) {
  auto& revisions = *row.mutable_revisions();
  for (int i = 0; i < revisions.size(); ++i) {
    if (revisions.Get(i).revision() != event.revision()) continue;
    revisions.DeleteSubrange(i, 1);
    return;
  }
}

void MonthTally::Apply(Row& row, const v1::ExtractReverted& event, const EventMeta&) {
  RevisionOf(row, event.revision()).set_standing(Row::REVERTED);
}

}  // namespace holdfast::metrics
