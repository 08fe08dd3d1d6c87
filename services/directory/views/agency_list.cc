#include "directory/views/agency_list.h"

#include <string>

namespace holdfast::directory {

void AgencyList::Apply(Row& row, const v1::AgencyRegistered& event, const EventMeta& meta) {
  row.set_agency_id(std::string(meta.stream_id));
  row.set_name(event.name());
  row.set_type(event.type());
  row.set_regime(event.regime());
}

void AgencyList::Apply(Row& row, const v1::AgencyChanged& event, const EventMeta&) {
  row.set_name(event.name());
  row.set_type(event.type());
  row.set_regime(event.regime());
}

void AgencyList::Apply(Row& row, const v1::AgencyRetired&, const EventMeta&) {
  row.set_retired(true);
}

void AgencyList::Apply(Row& row, const v1::AgencyCorrected& event, const EventMeta&) {
  row.set_name(event.name());
}

}  // namespace holdfast::directory
