#include "metrics/views/measure_list.h"

#include "base/timestamps.h"

namespace holdfast::metrics {

void MeasureList::Apply(Row& row, const v1::MeasureDefined& event, const EventMeta& meta) {
  row.set_measure_id(event.measure_id());
  Row::Version& version = *row.add_versions();
  version.set_version(1);
  *version.mutable_definition() = event.definition();
  *version.mutable_defined_at() = ToTimestamp(meta.recorded_at);
}

void MeasureList::Apply(Row& row, const v1::MeasureVersioned& event, const EventMeta& meta) {
  Row::Version& version = *row.add_versions();
  version.set_version(event.version());
  *version.mutable_definition() = event.definition();
  *version.mutable_defined_at() = ToTimestamp(meta.recorded_at);
  version.set_reason(event.reason());
}

void MeasureList::Apply(Row& row, const v1::MeasureRetired&, const EventMeta&) {
  row.set_retired(true);
}

}  // namespace holdfast::metrics
