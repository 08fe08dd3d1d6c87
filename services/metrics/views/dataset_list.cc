#include "metrics/views/dataset_list.h"

namespace holdfast::metrics {

void DatasetList::Apply(Row& row, const v1::DatasetRegistered& event, const EventMeta&) {
  *row.mutable_dataset() = event;
}

void DatasetList::Apply(Row& row, const v1::NoDataHeldDeclared& event, const EventMeta&) {
  row.set_no_data_held(true);
  row.mutable_dataset()->set_agency(event.agency());
  row.set_no_data_reason(event.reason());
}

void DatasetList::Apply(Row& row, const v1::DatasetGapDeclared& event, const EventMeta&) {
  *row.add_gaps() = event;
}

}  // namespace holdfast::metrics
