#include "directory/views/agreement_list.h"

#include <string>

namespace holdfast::directory {

void AgreementList::Apply(Row& row, const v1::AgreementRegistered& event, const EventMeta& meta) {
  row.set_agreement_id(std::string(meta.stream_id));
  row.set_title(event.title());
  row.set_from(event.from());
  row.set_to(event.to());
  *row.mutable_terms() = event.terms();
  row.set_life(Row::TO_SIGN);
}

void AgreementList::Apply(Row& row, const v1::AgreementSigned& event, const EventMeta&) {
  row.add_signatories(event.agency());
  if (event.completes()) row.set_life(Row::ACTIVE);
}

void AgreementList::Apply(Row& row, const v1::AgreementAmended& event, const EventMeta&) {
  *row.mutable_terms() = event.terms();
  row.clear_signatories();
  row.set_expiring(false);
  row.set_life(Row::TO_SIGN);
}

void AgreementList::Apply(Row& row, const v1::AgreementEnded&, const EventMeta&) {
  row.set_life(Row::ENDED);
  row.set_expiring(false);
}

void AgreementList::Apply(Row& row, const v1::AgreementCorrected& event, const EventMeta&) {
  row.set_title(event.title());
}

void AgreementList::Apply(Row& row, const v1::AgreementExpiring&, const EventMeta&) {
  row.set_expiring(true);
}

void AgreementList::Apply(Row& row, const v1::AgreementExpired&, const EventMeta&) {
  row.set_life(Row::EXPIRED);
  row.set_expiring(false);
}

}  // namespace holdfast::directory
