#include "directory/views/contact_point_list.h"

#include <string>

namespace holdfast::directory {

void ContactPointList::Apply(Row& row, const v1::ContactPointSet& event, const EventMeta& meta) {
  row.set_contact_point_id(std::string(meta.stream_id));
  row.set_level(event.level());
  row.set_duty(event.duty());
  row.set_channel(event.channel());
  *row.mutable_address() = event.address();
  *row.mutable_label() = event.label();
  row.set_retired(false);
}

void ContactPointList::Apply(Row& row, const v1::ContactPointRetired&, const EventMeta&) {
  row.set_retired(true);
}

void ContactPointList::Apply(Row& row, const v1::ContactPointCorrected& event, const EventMeta&) {
  *row.mutable_address() = event.address();
  *row.mutable_label() = event.label();
}

}  // namespace holdfast::directory
