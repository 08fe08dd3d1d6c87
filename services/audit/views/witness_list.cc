#include "audit/views/witness_list.h"

namespace holdfast::audit {

void WitnessList::Apply(Row& row, const v1::WitnessRegistered& event, const EventMeta&) {
  row.set_name(event.name());
  row.set_public_key(event.public_key());
}

void WitnessList::Apply(Row& row, const v1::WitnessRetired&, const EventMeta&) {
  row.set_retired(true);
}

}  // namespace holdfast::audit
