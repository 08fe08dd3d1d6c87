#include "projection/views/metrics/data_quality.h"

#include <algorithm>

#include "base/month_number.h"

namespace holdfast::projection {
namespace {

namespace v1 = metrics::v1;
using Row = board::v1::DatasetMonths;

// The month's entry, in its place; a new one where there is none.
Row::Month& MonthOf(Row& row, const type::v1::Month& month) {
  int at = 0;
  while (at < row.months_size() && MonthNumber(row.months(at).month()) < MonthNumber(month)) ++at;
  if (at < row.months_size() && MonthNumber(row.months(at).month()) == MonthNumber(month)) {
    return *row.mutable_months(at);
  }
  *row.add_months()->mutable_month() = month;
  for (int i = row.months_size() - 1; i > at; --i) row.mutable_months()->SwapElements(i, i - 1);
  return *row.mutable_months(at);
}

Row::Revision* Find(Row::Month& month, std::uint32_t revision) {
  const auto found =
      std::find_if(month.mutable_revisions()->begin(), month.mutable_revisions()->end(),
                   [revision](const auto& one) { return one.revision() == revision; });
  return found == month.mutable_revisions()->end() ? nullptr : &*found;
}

}  // namespace

void DataQuality::Apply(Row& row, const v1::DatasetRegistered& event, const EventMeta& meta) {
  row.set_dataset_id(std::string(meta.stream_id));
  row.set_title(event.title());
  row.set_agency(event.agency());
  row.set_territorial(event.territorial());
}

void DataQuality::Apply(Row& row, const v1::NoDataHeldDeclared&, const EventMeta& meta) {
  row.set_dataset_id(std::string(meta.stream_id));
  row.set_no_data_held(true);
}

void DataQuality::Apply(Row& row, const v1::DatasetGapDeclared& event, const EventMeta&) {
  auto* gap = row.add_gaps();
  *gap->mutable_from() = event.from();
  *gap->mutable_to() = event.to();
  gap->set_reason(event.reason());
}

void DataQuality::Apply(Row& row, const v1::ExtractOpened& event, const EventMeta&) {
  row.set_dataset_id(event.dataset_id());
  auto* revision = MonthOf(row, event.month()).add_revisions();
  revision->set_revision(event.revision());
  revision->set_base(event.base());
  revision->set_rows(event.rows());
  revision->set_rejected(event.rejected());
  revision->set_with_point(event.with_point());
  revision->set_digest(event.digest());
  revision->set_partial(event.has_through());
}

void DataQuality::Apply(Row& row, const v1::ExtractAccepted& event, const EventMeta&) {
  Row::Month& month = MonthOf(row, event.month());
  month.set_current(event.revision());
  if (auto* revision = Find(month, event.revision())) {
    revision->set_accepted(true);
    revision->set_quarantined(false);
  }
}

void DataQuality::Apply(Row& row, const v1::ExtractQuarantined& event, const EventMeta&) {
  if (auto* revision = Find(MonthOf(row, event.month()), event.revision())) {
    revision->set_quarantined(true);
  }
}

void DataQuality::Apply(Row& row, const v1::ExtractAbandoned& event, const EventMeta&) {
  auto& revisions = *MonthOf(row, event.month()).mutable_revisions();
  revisions.erase(
      std::remove_if(revisions.begin(), revisions.end(),
                     [&event](const auto& one) { return one.revision() == event.revision(); }),
      revisions.end());
}

void DataQuality::Apply(Row& row, const v1::ExtractReverted& event, const EventMeta&) {
  Row::Month& month = MonthOf(row, event.month());
  month.set_current(event.to_revision());
  if (auto* revision = Find(month, event.revision())) revision->set_accepted(false);
}

}  // namespace holdfast::projection
