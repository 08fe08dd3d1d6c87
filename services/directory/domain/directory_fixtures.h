// Facts of an invented partnership, for the sentences about its directory.
#pragma once

#include <string>

#include "holdfast/directory/v1/administration.pb.h"
#include "holdfast/directory/v1/events.pb.h"
#include "holdfast/directory/v1/operator.pb.h"

#include "directory/domain/agency.h"
#include "directory/domain/member.h"
#include "testing/scenario.h"

namespace holdfast::directory {

using options::v1::Role;
using testing::Text;

inline constexpr char kPolice[] = "westmoor-police";
inline constexpr char kCouncil[] = "westmoor-council";

inline type::v1::Day On(int year, int month, int day) {
  type::v1::Day date;
  date.set_year(year);
  date.set_month(month);
  date.set_day(day);
  return date;
}

inline std::string Mac(char of) {
  return std::string(32, of);
}

inline v1::AgencyRegistered PoliceRegistered() {
  return Text(
      R"pb(agency_id: "westmoor-police" name: "Westmoor Police" type: POLICE regime: LED_PART3)pb");
}

inline v1::AgencyRegistered CouncilRegistered() {
  return Text(R"pb(agency_id: "westmoor-council"
                   name: "Westmoor Council"
                   type: COUNCIL
                   regime: UK_GDPR)pb");
}

inline v1::MemberEnrolled Enrolled(const std::string& id = "ann", char mac = 'a') {
  v1::MemberEnrolled enrolled;
  enrolled.set_member_id(id);
  enrolled.set_agency(kPolice);
  enrolled.set_subject_mac(Mac(mac));
  return enrolled;
}

inline v1::RoleGranted Granted(Role::Code role) {
  v1::RoleGranted granted;
  granted.set_role(role);
  return granted;
}

inline v1::TenantRegistered WestmoorRegistered() {
  return Text(R"pb(slug: "westmoor" name: "Westmoor")pb");
}

}  // namespace holdfast::directory
