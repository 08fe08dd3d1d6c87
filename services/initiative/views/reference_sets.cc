#include "initiative/views/reference_sets.h"

namespace holdfast::initiative {

void ReferenceSets::Apply(Row& row, const v1::GateCriteriaPublished& event, const EventMeta& meta) {
  row.set_set(std::string(meta.stream_id));
  *row.add_criteria() = event.criteria();
}

void ReferenceSets::Apply(Row& row, const v1::PoliceTermsPublished& event, const EventMeta& meta) {
  row.set_set(std::string(meta.stream_id));
  *row.add_terms() = event.terms();
}

}  // namespace holdfast::initiative
