// Questions for the tests of the policy: one that is permitted, to be bent by each test.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>

#include "security/policy/policy.h"

namespace holdfast::security::policy {

inline absl::Time Noon() {
  return absl::FromUnixSeconds(1'790'000'000);
}

inline google::protobuf::Timestamp Stamp(absl::Time time) {
  google::protobuf::Timestamp stamp;
  stamp.set_seconds(absl::ToUnixSeconds(time));
  return stamp;
}

struct Asked {
  Principal principal;
  Verb verb = options::v1::Audit::CONSULT;
  Resource resource;
  Context context;

  Decision Decide() const { return policy::Decide(principal, verb, resource, context); }
  type::v1::Label& label() { return resource.label; }
  type::v1::HandlingConditions& conditions() { return *resource.label.mutable_conditions(); }
};

inline Principal Person(Role::Code role) {
  Principal person;
  person.kind = PrincipalKind::kPerson;
  person.tenant = "westmoor";
  person.ref = "p1";
  person.agency = "westmoor-police";
  person.agency_type = type::v1::Agency::POLICE;
  person.regime = type::v1::Agency::LED_PART3;
  person.clearance = type::v1::Marking::OFFICIAL_SENSITIVE;
  person.roles = {{role, std::nullopt}};
  person.areas = {"mill-lane"};
  person.signed_in_at = Noon() - absl::Minutes(5);
  return person;
}

inline Resource Record(DataClass::Code of_class) {
  Resource record;
  record.tenant = "westmoor";
  record.stream = "record/r1";
  record.thing = Thing::kRecord;
  record.record_class = of_class;
  record.label.set_class_(of_class);
  record.label.set_handling(type::v1::Handling::P);
  record.label.set_marking(type::v1::Marking::OFFICIAL);
  record.areas = {"mill-lane"};
  record.retention = Retention::kKept;
  return record;
}

inline Context Now() {
  Context context;
  context.purpose = Purpose::SAFEGUARDING;
  context.justified = true;
  context.justification = Justification::kRequired;
  context.time = Noon();
  return context;
}

inline Asked Ask(Role::Code role, DataClass::Code of_class,
                 Verb verb = options::v1::Audit::CONSULT) {
  return {Person(role), verb, Record(of_class), Now()};
}

inline Asked OfficerReads() {
  return Ask(Role::OFFICER, DataClass::COMMUNITY);
}

// A partner's, in an agency of its own.
inline Asked PartnerAsks(DataClass::Code of_class) {
  Asked asked = Ask(Role::PARTNER, of_class);
  asked.principal.agency = "westmoor-homes";
  asked.principal.agency_type = type::v1::Agency::HOUSING;
  asked.principal.regime = type::v1::Agency::UK_GDPR;
  return asked;
}

inline Asked HandlerAsks() {
  Asked asked = Ask(Role::SOURCE_HANDLER, DataClass::SOURCE);
  asked.principal.compartments = {"c1"};
  asked.resource.compartment = "c1";
  return asked;
}

inline Asked AuditorAsks() {
  Asked asked = Ask(Role::AUDITOR, DataClass::AUDIT);
  asked.context.purpose = Purpose::LAWFULNESS_CHECK;
  return asked;
}

// A report with conditions, asked for by intelligence.
inline Asked ConditionalReport() {
  Asked asked = Ask(Role::INTELLIGENCE, DataClass::INTEL);
  asked.label().set_handling(type::v1::Handling::C);
  asked.conditions().add_named_recipients("p1");
  return asked;
}

// What the housing association passed to the police, by an agreement.
inline Agreement HomesToPolice() {
  Agreement agreement;
  agreement.from = "westmoor-homes";
  agreement.to = "westmoor-police";
  agreement.classes = {DataClass::PARTNERSHIP};
  agreement.purposes = {Purpose::SAFEGUARDING};
  agreement.areas = {"mill-lane"};
  agreement.is_signed = true;
  agreement.expires_at = Noon() + absl::Hours(24);
  return agreement;
}
inline Asked PackageReceived() {
  Asked asked = Ask(Role::OFFICER, DataClass::PARTNERSHIP);
  asked.resource.thing = Thing::kPackage;
  asked.resource.from_agency = "westmoor-homes";
  asked.principal.agreements = {HomesToPolice()};
  return asked;
}

inline Asked BrokenGlass() {
  Asked asked = Ask(Role::OFFICER, DataClass::INTEL);
  asked.context.purpose = Purpose::THREAT_TO_LIFE;
  asked.context.break_glass_at = Noon() - absl::Minutes(1);
  return asked;
}

inline bool Names(const Decision& decision, std::string_view rule) {
  return std::ranges::find(decision.rule_ids, rule) != decision.rule_ids.end();
}

}  // namespace holdfast::security::policy
