#include "directory/views/client_list.h"

#include <string>

namespace holdfast::directory {

void ClientList::Apply(Row& row, const v1::ClientRegistered& event, const EventMeta& meta) {
  row.set_client_id(std::string(meta.stream_id));
  row.set_title(event.title());
  row.set_agency(event.agency());
  row.set_life(Row::ACTIVE);
  *row.mutable_roles() = event.roles();
  *row.mutable_areas() = event.areas();
}

void ClientList::Apply(Row& row, const v1::ClientChanged& event, const EventMeta&) {
  *row.mutable_roles() = event.roles();
  *row.mutable_areas() = event.areas();
}

void ClientList::Apply(Row& row, const v1::WebhookSet& event, const EventMeta&) {
  row.set_webhook_url(event.url());
  *row.mutable_webhook_types() = event.types();
}

void ClientList::Apply(Row& row, const v1::WebhookDisabled&, const EventMeta&) {
  row.clear_webhook_url();
  row.clear_webhook_types();
}

void ClientList::Apply(Row& row, const v1::ClientSuspended&, const EventMeta&) {
  row.set_life(Row::SUSPENDED);
}

void ClientList::Apply(Row& row, const v1::ClientResumed&, const EventMeta&) {
  row.set_life(Row::ACTIVE);
}

void ClientList::Apply(Row& row, const v1::ClientRetired&, const EventMeta&) {
  row.set_life(Row::RETIRED);
  row.clear_webhook_url();
  row.clear_webhook_types();
}

void ClientList::Apply(Row& row, const v1::ClientCorrected& event, const EventMeta&) {
  row.set_title(event.title());
}

}  // namespace holdfast::directory
