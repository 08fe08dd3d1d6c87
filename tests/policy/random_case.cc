#include "random_case.h"

#include <array>

#include <google/protobuf/message.h>
#include <google/protobuf/unknown_field_set.h>

namespace holdfast::security::policy {
namespace {

namespace pb = google::protobuf;
using options::v1::Audit;
using options::v1::Sensitivity;
using type::v1::Agency;
using type::v1::Handling;
using type::v1::Label;
using type::v1::Marking;
using type::v1::SubjectCategory;

const std::vector<std::string>& Areas() {
  static const std::vector<std::string> areas = {"a1", "a2", "a3"};
  return areas;
}
const std::vector<std::string>& People() {
  static const std::vector<std::string> people = {"p1", "p2", "p3"};
  return people;
}
const std::vector<std::string>& Agencies() {
  static const std::vector<std::string> agencies = {"police", "council", "homes"};
  return agencies;
}

absl::Time Now() {
  return absl::FromUnixSeconds(1'790'000'000);
}

google::protobuf::Timestamp StampOf(absl::Time time) {
  google::protobuf::Timestamp stamp;
  stamp.set_seconds(absl::ToUnixSeconds(time));
  stamp.set_nanos(static_cast<std::int32_t>(
      absl::ToInt64Nanoseconds(time - absl::FromUnixSeconds(stamp.seconds()))));
  return stamp;
}

// A number that nobody listed, or none.
template <class Code>
Code Unlisted(CaseMaker& make) {
  return static_cast<Code>(std::array{0, 99, 24}[make.Below(3)]);
}

google::protobuf::Timestamp NoInstant(CaseMaker& make) {
  google::protobuf::Timestamp stamp;
  stamp.set_seconds(make.Chance(50) ? 253'402'300'800 : 1'800'000'000);
  stamp.set_nanos(make.Chance(50) ? 1'000'000'000 : -1);
  return stamp;
}

void AddFieldToCome(pb::Message& message) {
  message.GetReflection()->MutableUnknownFields(&message)->AddVarint(99, 1);
}

using Corruption = void (*)(Case&, CaseMaker&);
constexpr std::array<Corruption, 35> kCorruptions = {
    [](Case& c, CaseMaker& m) { c.principal.kind = Unlisted<PrincipalKind>(m); },
    [](Case& c, CaseMaker&) { c.principal.tenant.clear(); },
    [](Case& c, CaseMaker& m) { c.principal.ref = m.Chance(50) ? "-" : ""; },
    [](Case& c, CaseMaker& m) { c.principal.agency = m.Chance(50) ? "-" : ""; },
    [](Case& c, CaseMaker& m) { c.principal.agency_type = Unlisted<Agency::Type>(m); },
    [](Case& c, CaseMaker& m) { c.principal.regime = Unlisted<Agency::Regime>(m); },
    [](Case& c, CaseMaker& m) { c.principal.clearance = Unlisted<Marking::Code>(m); },
    [](Case& c, CaseMaker& m) {
      c.principal.roles.push_back({Unlisted<Role::Code>(m), std::nullopt});
    },
    [](Case& c, CaseMaker&) { c.principal.roles.clear(); },
    [](Case& c, CaseMaker&) { c.principal.areas.clear(); },
    [](Case& c, CaseMaker& m) {
      c.verb = m.Chance(50) ? Audit::NO_PERSONAL_DATA : Unlisted<Verb>(m);
    },
    [](Case& c, CaseMaker&) { c.resource.tenant.clear(); },
    [](Case& c, CaseMaker&) { c.resource.stream.clear(); },
    [](Case& c, CaseMaker& m) { c.resource.thing = Unlisted<Thing>(m); },
    [](Case& c, CaseMaker& m) { c.resource.record_class = Unlisted<DataClass::Code>(m); },
    [](Case& c, CaseMaker&) { c.resource.areas.clear(); },
    [](Case& c, CaseMaker&) { c.resource.from_agency.clear(); },
    [](Case& c, CaseMaker&) { c.resource.compartment.clear(); },
    [](Case& c, CaseMaker& m) { c.resource.retention = Unlisted<Retention>(m); },
    [](Case& c, CaseMaker& m) { c.resource.label.set_class_(Unlisted<DataClass::Code>(m)); },
    [](Case& c, CaseMaker& m) {
      c.resource.label.set_sensitivity(static_cast<Sensitivity::Code>(m.Chance(50) ? 3 : -1));
    },
    [](Case& c, CaseMaker& m) { c.resource.label.set_handling(Unlisted<Handling::Code>(m)); },
    [](Case& c, CaseMaker& m) { c.resource.label.set_marking(Unlisted<Marking::Code>(m)); },
    [](Case& c, CaseMaker&) { c.resource.label.set_source_evaluation(4); },
    [](Case& c, CaseMaker&) { c.resource.label.set_intelligence_assessment(4'000'000'000); },
    [](Case& c, CaseMaker& m) {
      c.resource.label.set_category(static_cast<SubjectCategory::Code>(m.Chance(50) ? 6 : -2));
    },
    [](Case& c, CaseMaker& m) {
      c.resource.label.set_sensitivity(Sensitivity::SENSITIVE);
      c.resource.label.set_condition_ref(m.Chance(50) ? "-" : "");
    },
    [](Case& c, CaseMaker& m) {
      *c.resource.label.mutable_conditions()->mutable_expires_at() = NoInstant(m);
    },
    [](Case& c, CaseMaker& m) {
      *c.resource.label.mutable_conditions()->mutable_consent_until() = NoInstant(m);
    },
    [](Case& c, CaseMaker&) { c.resource.label.clear_conditions(); },
    // A field of a version to come.
    [](Case& c, CaseMaker& m) {
      type::v1::Label& label = c.resource.label;
      if (m.Chance(50)) return AddFieldToCome(label);
      AddFieldToCome(*label.mutable_conditions());
    },
    [](Case& c, CaseMaker& m) { c.context.purpose = Unlisted<Purpose::Code>(m); },
    [](Case& c, CaseMaker& m) { c.context.justification = Unlisted<Justification>(m); },
    [](Case& c, CaseMaker&) { c.context.time.reset(); },
    [](Case& c, CaseMaker&) { c.context.recipient.clear(); },
};

}  // namespace

std::vector<std::string> CaseMaker::Some(const std::vector<std::string>& list,
                                         std::uint64_t percent) {
  std::vector<std::string> some;
  for (const std::string& member : list) {
    if (Chance(percent)) some.push_back(member);
  }
  return some;
}

// Past, future, now and a microsecond beside it; or none.
std::optional<absl::Time> CaseMaker::AroundNow() {
  static const std::vector<absl::Duration> around = {
      absl::Hours(-2), absl::Microseconds(-1), absl::ZeroDuration(), absl::Microseconds(1),
      absl::Hours(1),  absl::Hours(24),        absl::Hours(48)};
  if (Chance(30)) return std::nullopt;
  return Now() + OneOf(around);
}

Agreement CaseMaker::MakeAgreement() {
  Agreement made;
  made.from = OneOf(Agencies());
  made.to = OneOf(Agencies());
  for (int code = DataClass::Code_MIN + 1; code <= DataClass::Code_MAX; ++code) {
    if (Chance(70)) made.classes.push_back(static_cast<DataClass::Code>(code));
  }
  for (int code = Purpose::Code_MIN + 1; code <= Purpose::Code_MAX; ++code) {
    if (Chance(70)) made.purposes.push_back(static_cast<Purpose::Code>(code));
  }
  made.areas = Chance(40) ? std::vector<std::string>{"*"} : Some(Areas(), 70);
  made.is_signed = Chance(85);
  made.expires_at = AroundNow();
  return made;
}

Principal CaseMaker::MakePrincipal() {
  static const std::vector<absl::Duration> sign_ins = {
      absl::Seconds(10), absl::Minutes(5),
      absl::Minutes(15), absl::Minutes(15) + absl::Microseconds(1),
      absl::Minutes(60), absl::Minutes(60) + absl::Microseconds(1),
      absl::Seconds(-1)};
  Principal made;
  made.kind = Chance(85) ? PrincipalKind::kPerson : static_cast<PrincipalKind>(1 + Below(4));
  made.tenant = "westmoor";
  made.ref = OneOf(People());
  made.agency = OneOf(Agencies());
  made.agency_type = static_cast<Agency::Type>(Chance(60) ? 1 + Below(2) : 1 + Below(23));
  made.regime = Chance(75) ? Agency::LED_PART3 : Agency::UK_GDPR;
  made.clearance =
      Chance(75) ? Marking::OFFICIAL_SENSITIVE : static_cast<Marking::Code>(1 + Below(4));
  const std::uint64_t roles = Chance(60) ? 1 : 2 + Below(2);
  for (std::uint64_t i = 0; i < roles; ++i) {
    made.roles.push_back(
        {static_cast<Role::Code>(1 + Below(15)), Chance(75) ? std::nullopt : AroundNow()});
  }
  made.areas = Chance(15) ? std::vector<std::string>{"*"} : Some(Areas(), 75);
  made.compartments = Some({"c1", "c2"}, 60);
  for (std::uint64_t i = Below(4); i > 0; --i) made.agreements.push_back(MakeAgreement());
  if (Chance(95)) made.signed_in_at = Now() - OneOf(sign_ins);
  return made;
}

void CaseMaker::MakeConditions(type::v1::HandlingConditions& conditions) {
  if (Chance(40)) {
    for (const std::string& ref : Some(People(), 70)) conditions.add_named_recipients(ref);
  }
  if (Chance(30)) {
    for (const std::string& agency : Some(Agencies(), 75)) conditions.add_agencies(agency);
  }
  conditions.set_intelligence_unit_only(Chance(15));
  conditions.set_originator_consent(Chance(20));
  conditions.set_no_onward(Chance(20));
  conditions.set_no_local_copy(Chance(20));
  const std::optional<absl::Time> expires_at = AroundNow();
  if (Chance(25) && expires_at) *conditions.mutable_expires_at() = StampOf(*expires_at);
  const std::optional<absl::Time> consent_until = AroundNow();
  if (Chance(50) && consent_until) *conditions.mutable_consent_until() = StampOf(*consent_until);
}

Label CaseMaker::MakeLabel() {
  Label made;
  made.set_class_(static_cast<DataClass::Code>(1 + Below(7)));
  made.set_sensitivity(static_cast<Sensitivity::Code>(Below(3)));
  made.set_handling(Chance(65) ? Handling::P : Handling::C);
  if (made.handling() == Handling::C || Chance(10)) MakeConditions(*made.mutable_conditions());
  made.set_marking(Chance(90) ? static_cast<Marking::Code>(1 + Below(2))
                              : static_cast<Marking::Code>(1 + Below(4)));
  made.set_source_evaluation(static_cast<std::uint32_t>(Below(4)));
  made.set_intelligence_assessment(static_cast<std::uint32_t>(Below(6)));
  made.set_category(static_cast<SubjectCategory::Code>(Below(6)));
  if (made.sensitivity() == Sensitivity::SENSITIVE || Chance(10)) {
    made.set_condition_ref(Chance(50) ? "schedule-8-1" : "schedule-8-2");
  }
  if (Chance(60)) made.add_owners(OneOf(Agencies()));
  if (Chance(15)) made.add_owners(OneOf(Agencies()));
  for (const std::string& agency : Some(Agencies(), 40)) made.add_shared_with(agency);
  made.set_sanitised(Chance(50));
  made.set_released(Chance(15));
  return made;
}

Resource CaseMaker::MakeResource() {
  Resource made;
  made.tenant = Chance(95) ? "westmoor" : "eastvale";
  made.stream = Chance(92) ? "record/r1" : "influencer/i1";
  made.thing = Chance(50) ? Thing::kRecord : static_cast<Thing>(1 + Below(6));
  made.label = MakeLabel();
  made.record_class = made.label.class_();
  if (Chance(15)) made.label.set_class_(DataClass::PERSON);
  if (Chance(10)) made.record_class = static_cast<DataClass::Code>(1 + Below(7));
  made.areas = Chance(15) ? std::vector<std::string>{"*"} : Some(Areas(), 50);
  if (made.areas.empty()) made.areas.push_back(OneOf(Areas()));
  made.assignees = Some(People(), 40);
  made.from_agency = OneOf(Agencies());
  made.compartment = Chance(50) ? "c1" : "c2";
  if (Chance(15)) made.phases = {"CLEAR", "HOLD"};
  if (Chance(15)) made.operation = "op1";
  made.restricted = Chance(8);
  made.retention = Chance(90) ? Retention::kKept : static_cast<Retention>(1 + Below(3));
  if (Chance(30)) made.min_policy_epoch = {Below(3), Below(3)};
  return made;
}

Context CaseMaker::MakeContext() {
  static const std::vector<absl::Duration> broken = {absl::ZeroDuration(), absl::Minutes(30),
                                                     absl::Minutes(60) - absl::Microseconds(1),
                                                     absl::Minutes(60), absl::Seconds(-1)};
  Context made;
  made.purpose = static_cast<Purpose::Code>(Chance(85) ? 1 + Below(9) : 1 + Below(13));
  made.justified = Chance(80);
  made.justification = static_cast<Justification>(1 + Below(3));
  made.phase = Chance(60) ? "CLEAR" : (Chance(50) ? "BUILD" : "");
  made.operation = Chance(60) ? "op1" : (Chance(50) ? "op2" : "");
  made.recipient = Chance(80) ? OneOf(Agencies()) : "";
  made.method_granted = Chance(50);
  if (Chance(20)) {
    made.break_glass_at = Now() - OneOf(broken);
    if (Chance(70)) made.purpose = Purpose::THREAT_TO_LIFE;
  }
  made.time = Now();
  made.policy_epoch = {1 + Below(3), 1 + Below(3)};
  return made;
}

void CaseMaker::Corrupt(Case& made) {
  for (std::uint64_t faults = 1 + Below(2); faults > 0; --faults) {
    kCorruptions[Below(kCorruptions.size())](made, *this);
  }
}

Case CaseMaker::Make() {
  static const std::vector<Verb> verbs = {
      Audit::CONSULT, Audit::CONSULT, Audit::CONSULT, Audit::CONSULT, Audit::DISCLOSE,
      Audit::COMBINE, Audit::COLLECT, Audit::COLLECT, Audit::ALTER,   Audit::ERASE};
  Case made;
  made.principal = MakePrincipal();
  made.resource = MakeResource();
  made.context = MakeContext();
  made.verb = OneOf(verbs);
  // Sources and the log are closed to all but one role, and would hardly ever be opened.
  if (made.resource.record_class == DataClass::SOURCE && Chance(50)) {
    made.principal.roles[0].role = Role::SOURCE_HANDLER;
  }
  if (made.resource.record_class == DataClass::AUDIT && Chance(50)) {
    made.principal.roles[0].role = Role::AUDITOR;
    if (Chance(60)) made.context.purpose = static_cast<Purpose::Code>(10 + Below(4));
  }
  if (Chance(15)) Corrupt(made);
  return made;
}

}  // namespace holdfast::security::policy
