#include "directory/views/tenant_list.h"

#include <algorithm>
#include <string>

namespace holdfast::directory {
namespace {

void Put(google::protobuf::RepeatedPtrField<v1::Placement>& placements, const v1::Placement& put) {
  for (v1::Placement& known : placements) {
    if (known.context() != put.context()) continue;
    known = put;
    return;
  }
  *placements.Add() = put;
}

}  // namespace

void TenantList::Apply(Row& row, const v1::TenantRegistered& event, const EventMeta& meta) {
  row.set_slug(std::string(meta.stream_id));
  row.set_name(event.name());
  row.set_life(Row::OPEN);
  *row.mutable_placement() = event.placement();
  if (event.has_first_administrator())
    *row.mutable_first_administrator() = event.first_administrator();
}

void TenantList::Apply(Row& row, const v1::TenantSettingChanged& event, const EventMeta&) {
  for (v1::TenantSetting& setting : *row.mutable_settings()) {
    if (setting.to_case() != event.setting().to_case()) continue;
    setting = event.setting();
    return;
  }
  *row.add_settings() = event.setting();
}

void TenantList::Apply(Row& row, const v1::TenantMoveStarted& event, const EventMeta&) {
  Put(*row.mutable_moving(), event.to());
}

void TenantList::Apply(Row& row, const v1::TenantMoved& event, const EventMeta&) {
  auto& moving = *row.mutable_moving();
  moving.erase(std::remove_if(moving.begin(), moving.end(),
                              [&](const v1::Placement& placement) {
                                return placement.context() == event.to().context();
                              }),
               moving.end());
  Put(*row.mutable_placement(), event.to());
}

void TenantList::Apply(Row& row, const v1::PublicSlugSet& event, const EventMeta&) {
  for (Row::PublicSlug& slug : *row.mutable_public_slugs()) {
    if (slug.slug() != event.slug()) continue;
    slug.set_site_id(event.site_id());
    return;
  }
  Row::PublicSlug& slug = *row.add_public_slugs();
  slug.set_slug(event.slug());
  slug.set_site_id(event.site_id());
}

void TenantList::Apply(Row& row, const v1::TenantSuspended& event, const EventMeta&) {
  row.set_life(Row::SUSPENDED);
  row.set_reason(event.reason());
}

void TenantList::Apply(Row& row, const v1::TenantResumed& event, const EventMeta&) {
  row.set_life(Row::OPEN);
  row.set_reason(event.reason());
  row.clear_exported_sha256();
}

void TenantList::Apply(Row& row, const v1::TenantExported& event, const EventMeta&) {
  row.set_exported_sha256(event.sha256());
}

void TenantList::Apply(Row& row, const v1::TenantClosed& event, const EventMeta&) {
  row.set_life(Row::CLOSED);
  row.set_reason(event.reason());
}

void TenantList::Apply(Row& row, const v1::TenantCorrected& event, const EventMeta&) {
  row.set_name(event.name());
}

void TenantList::Apply(Row& row, const v1::QuotaSet& event, const EventMeta&) {
  *row.mutable_quota() = event.figures();
}

void TenantList::Apply(Row& row, const v1::QuotaCorrected& event, const EventMeta&) {
  *row.mutable_quota() = event.figures();
}

}  // namespace holdfast::directory
