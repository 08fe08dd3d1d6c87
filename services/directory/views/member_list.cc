#include "directory/views/member_list.h"

#include <algorithm>
#include <string>

#include "base/civil_time.h"

namespace holdfast::directory {
namespace {

template <class List, class Same>
void Remove(List& list, Same same) {
  list.erase(std::remove_if(list.begin(), list.end(), same), list.end());
}

type::v1::Day ToMessage(absl::CivilDay day) {
  type::v1::Day message;
  message.set_year(static_cast<std::int32_t>(day.year()));
  message.set_month(day.month());
  message.set_day(day.day());
  return message;
}

}  // namespace

void MemberList::Apply(Row& row, const v1::MemberEnrolled& event, const EventMeta& meta) {
  row.set_member_id(std::string(meta.stream_id));
  row.set_agency(event.agency());
  row.set_life(Row::ACTIVE);
  if (event.has_name()) *row.mutable_name() = event.name();
  if (event.has_label()) *row.mutable_label() = event.label();
  *row.mutable_enrolled_on() = ToMessage(LondonDay(meta.recorded_at));
}

void MemberList::Apply(Row& row, const v1::RoleGranted& event, const EventMeta&) {
  Remove(*row.mutable_roles(), [&](const Row::Role& role) { return role.role() == event.role(); });
  Row::Role& role = *row.add_roles();
  role.set_role(event.role());
  if (event.has_until()) *role.mutable_until() = event.until();
}

void MemberList::Apply(Row& row, const v1::RoleRevoked& event, const EventMeta&) {
  Remove(*row.mutable_roles(), [&](const Row::Role& role) { return role.role() == event.role(); });
}

void MemberList::Apply(Row& row, const v1::AreasSet& event, const EventMeta&) {
  *row.mutable_areas() = event.areas();
}

void MemberList::Apply(Row& row, const v1::ClearanceSet& event, const EventMeta&) {
  row.set_clearance(event.clearance());
}

void MemberList::Apply(Row& row, const v1::CompartmentProposed& event, const EventMeta&) {
  Row::Compartment& proposed = *row.add_compartments();
  proposed.set_compartment(event.compartment());
  proposed.set_proposed_by(event.proposed_by());
}

void MemberList::Apply(Row& row, const v1::CompartmentJoined& event, const EventMeta&) {
  for (Row::Compartment& known : *row.mutable_compartments()) {
    if (known.compartment() == event.compartment()) known.set_joined(true);
  }
}

void MemberList::Apply(Row& row, const v1::CompartmentLeft& event, const EventMeta&) {
  Remove(*row.mutable_compartments(),
         [&](const Row::Compartment& known) { return known.compartment() == event.compartment(); });
}

void MemberList::Apply(Row& row, const v1::TrainingRecorded& event, const EventMeta&) {
  Remove(*row.mutable_trainings(),
         [&](const Row::Training& known) { return known.course() == event.course(); });
  Row::Training& training = *row.add_trainings();
  training.set_course(event.course());
  *training.mutable_valid_to() = event.valid_to();
}

void MemberList::Apply(Row& row, const v1::MemberSuspended&, const EventMeta&) {
  row.set_life(Row::SUSPENDED);
}

void MemberList::Apply(Row& row, const v1::MemberResumed&, const EventMeta&) {
  row.set_life(Row::ACTIVE);
}

void MemberList::Apply(Row& row, const v1::MemberLeft&, const EventMeta&) {
  row.set_life(Row::LEFT);
}

void MemberList::Apply(Row& row, const v1::MemberCorrected& event, const EventMeta&) {
  if (!event.agency().empty()) row.set_agency(event.agency());
  if (event.has_name()) *row.mutable_name() = event.name();
  if (event.has_label()) *row.mutable_label() = event.label();
}

}  // namespace holdfast::directory
