#include "metrics/views/extract_list.h"

#include <string>

#include "base/timestamps.h"
#include "metrics/views/month_tally.h"

namespace holdfast::metrics {
namespace {

using Revision = v1::ExtractListRow::Revision;

Revision& RevisionOf(v1::ExtractListRow& row, std::uint32_t number) {
  for (int i = row.revisions_size(); i-- > 0;) {
    if (row.revisions(i).opened().revision() == number) return *row.mutable_revisions(i);
  }
  Revision& revision = *row.add_revisions();
  revision.mutable_opened()->set_revision(number);
  return revision;
}

}  // namespace

const Revision* CurrentRevision(const v1::ExtractListRow& row) {
  for (int i = row.revisions_size(); i-- > 0;) {
    if (row.revisions(i).accepted() && !row.revisions(i).reverted()) return &row.revisions(i);
  }
  return nullptr;
}

const Revision* OpenRevision(const v1::ExtractListRow& row) {
  if (row.revisions().empty()) return nullptr;
  const Revision& last = *row.revisions().rbegin();
  return last.accepted() || last.abandoned() ? nullptr : &last;
}

RowKeys ExtractList::KeyOf(std::string_view dataset, const type::v1::Month& month) {
  return MonthKey(dataset, month);
}

void ExtractList::Apply(Row& row, const v1::ExtractOpened& event, const EventMeta& meta) {
  row.set_dataset_id(event.dataset_id());
  *row.mutable_month() = event.month();
  Revision& revision = RevisionOf(row, event.revision());
  *revision.mutable_opened() = event;
  *revision.mutable_opened_at() = ToTimestamp(meta.recorded_at);
  revision.set_opened_seq(meta.seq);
  revision.set_actor(std::string(meta.actor));
}

void ExtractList::Apply(Row& row, const v1::RowsStaged& event, const EventMeta&) {
  Revision& revision = RevisionOf(row, event.revision());
  revision.set_next_seq(event.seq() + 1);
  revision.set_recorded(revision.recorded() + event.recorded().rows());
  revision.set_cancelled(revision.cancelled() + event.cancelled().rows());
  revision.set_reclassified(revision.reclassified() + event.reclassified().to().rows());
  revision.set_outcome_changed(revision.outcome_changed() + event.outcome_changed().to().rows());
  revision.set_relocated(revision.relocated() + event.relocated().to().rows());
  revision.set_resolved(revision.resolved() + event.resolved().rows());
}

void ExtractList::Apply(Row& row, const v1::ExtractAccepted& event, const EventMeta& meta) {
  Revision& revision = RevisionOf(row, event.revision());
  revision.set_accepted(true);
  revision.set_quarantined(false);
  *revision.mutable_accepted_at() = ToTimestamp(meta.recorded_at);
  revision.set_accepted_seq(meta.seq);
  if (!event.reason().empty()) revision.set_reason(event.reason());
}

void ExtractList::Apply(Row& row, const v1::ExtractQuarantined& event, const EventMeta&) {
  Revision& revision = RevisionOf(row, event.revision());
  revision.set_quarantined(true);
  *revision.mutable_reasons() = event.reasons();
}

void ExtractList::Apply(Row& row, const v1::ExtractAbandoned& event, const EventMeta&) {
  Revision& revision = RevisionOf(row, event.revision());
  revision.set_abandoned(true);
  revision.set_quarantined(false);
  revision.set_reason(event.reason());
}

void ExtractList::Apply(Row& row, const v1::ExtractReverted& event, const EventMeta&) {
  Revision& revision = RevisionOf(row, event.revision());
  revision.set_reverted(true);
  revision.set_reason(event.reason());
}

}  // namespace holdfast::metrics
