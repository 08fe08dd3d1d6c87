// What is not known forbids: a number that nobody listed, a text or list that is empty where
// something must stand.
#include <array>

#include "security/policy/label_join.h"
#include "security/policy/rules.h"

namespace holdfast::security::policy {
namespace {

using options::v1::Audit;
using options::v1::Sensitivity;
using type::v1::Agency;
using type::v1::Handling;
using type::v1::Marking;
using type::v1::SubjectCategory;

template <class Enum>
bool IsListed(Enum value, Enum last) {
  return value != Enum{} && value <= last;
}

bool IsName(const std::string& text) {
  return !text.empty() && text != kNobody;
}

bool HasUnknownRole(const Question& q) {
  for (const RoleGrant& grant : q.principal.roles) {
    if (grant.role == Role::CODE_UNSPECIFIED || !Role::Code_IsValid(grant.role)) return true;
  }
  return false;
}

bool IsVerb(Verb verb) {
  return Audit::Verb_IsValid(verb) && verb != Audit::VERB_UNSPECIFIED &&
         verb != Audit::NO_PERSONAL_DATA;
}

constexpr std::array kUnknown = {
    Rule{"U:principal.kind",
         [](const Question& q) { return !IsListed(q.principal.kind, PrincipalKind::kJob); }},
    Rule{"U:principal.tenant", [](const Question& q) { return q.principal.tenant.empty(); }},
    Rule{"U:principal.ref", [](const Question& q) { return !IsName(q.principal.ref); }},
    Rule{"U:principal.agency", [](const Question& q) { return !IsName(q.principal.agency); }},
    Rule{"U:principal.agency_type",
         [](const Question& q) {
           return q.principal.agency_type == Agency::TYPE_UNSPECIFIED ||
                  !Agency::Type_IsValid(q.principal.agency_type);
         }},
    Rule{"U:principal.regime",
         [](const Question& q) {
           return q.principal.regime == Agency::REGIME_UNSPECIFIED ||
                  !Agency::Regime_IsValid(q.principal.regime);
         }},
    Rule{"U:principal.clearance",
         [](const Question& q) {
           return q.principal.clearance == Marking::CODE_UNSPECIFIED ||
                  !Marking::Code_IsValid(q.principal.clearance);
         }},
    Rule{"U:principal.roles", HasUnknownRole},
    Rule{"U:verb", [](const Question& q) { return !IsVerb(q.verb); }},
    Rule{"U:resource.tenant", [](const Question& q) { return q.resource.tenant.empty(); }},
    Rule{"U:resource.stream", [](const Question& q) { return q.resource.stream.empty(); }},
    Rule{"U:resource.thing",
         [](const Question& q) { return !IsListed(q.resource.thing, Thing::kPackage); }},
    Rule{"U:resource.record_class",
         [](const Question& q) {
           return q.resource.record_class == DataClass::CODE_UNSPECIFIED ||
                  !DataClass::Code_IsValid(q.resource.record_class);
         }},
    Rule{"U:label.class",
         [](const Question& q) {
           return q.label().class_() == DataClass::CODE_UNSPECIFIED ||
                  !DataClass::Code_IsValid(q.label().class_());
         }},
    Rule{"U:label.sensitivity",
         [](const Question& q) { return !Sensitivity::Code_IsValid(q.label().sensitivity()); }},
    Rule{"U:label.handling",
         [](const Question& q) {
           return q.label().handling() != Handling::P && q.label().handling() != Handling::C;
         }},
    Rule{"U:label.conditions.expires_at",
         [](const Question& q) {
           return q.conditions().has_expires_at() && !IsInstant(q.conditions().expires_at());
         }},
    Rule{"U:label.conditions.consent_until",
         [](const Question& q) {
           return q.conditions().has_consent_until() && !IsInstant(q.conditions().consent_until());
         }},
    Rule{"U:label.marking",
         [](const Question& q) {
           return q.label().marking() == Marking::CODE_UNSPECIFIED ||
                  !Marking::Code_IsValid(q.label().marking());
         }},
    Rule{"U:label.source_evaluation",
         [](const Question& q) { return q.label().source_evaluation() > 3; }},
    Rule{"U:label.intelligence_assessment",
         [](const Question& q) { return q.label().intelligence_assessment() > 5; }},
    Rule{"U:label.category",
         [](const Question& q) { return !SubjectCategory::Code_IsValid(q.label().category()); }},
    // DPA 2018 s.35(8), s.42: sensitive processing rests on a condition of schedule 8.
    Rule{"U:label.condition_ref",
         [](const Question& q) {
           return q.label().sensitivity() == Sensitivity::SENSITIVE &&
                  !IsName(q.label().condition_ref());
         }},
    Rule{"U:label.fields", [](const Question& q) { return HoldsUnreadFields(q.label()); }},
    Rule{"U:resource.areas", [](const Question& q) { return q.resource.areas.empty(); }},
    Rule{"U:resource.retention",
         [](const Question& q) { return !IsListed(q.resource.retention, Retention::kDisposed); }},
    Rule{"U:context.purpose",
         [](const Question& q) {
           return q.context.purpose == Purpose::CODE_UNSPECIFIED ||
                  !Purpose::Code_IsValid(q.context.purpose);
         }},
    Rule{"U:context.justification",
         [](const Question& q) { return !IsListed(q.context.justification, Justification::kOff); }},
    Rule{"U:context.time", [](const Question& q) { return !q.context.time.has_value(); }},
};

}  // namespace

std::span<const Rule> UnknownAttributes() {
  return kUnknown;
}

}  // namespace holdfast::security::policy
