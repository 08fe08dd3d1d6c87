#include <algorithm>
#include <array>

#include "security/policy/rules.h"

namespace holdfast::security::policy {
namespace {

using options::v1::Audit;
using type::v1::Agency;
using type::v1::Handling;
using type::v1::Marking;

bool IsPurposeOfTheLog(Purpose::Code purpose) {
  return purpose == Purpose::LAWFULNESS_CHECK || purpose == Purpose::SELF_MONITORING ||
         purpose == Purpose::SYSTEM_INTEGRITY || purpose == Purpose::CRIMINAL_PROCEEDINGS;
}

// The role is live, and no other one permits.
bool ActsOnlyAs(const Question& q, Role::Code role) {
  return q.live.Has(role) && q.permitting.HoldsOnly(role);
}

bool GivesOrEndsOwn(const Question& q) {
  return q.given || (q.writing && q.own_action);
}

// Data Protection Act 2018 s.47: a restricted record is kept for evidence, a legal claim or the
// protection of the person, and used for nothing else.
bool F1Restricted(const Question& q) {
  return q.resource.restricted && q.context.purpose != Purpose::EVIDENCE &&
         q.context.purpose != Purpose::LEGAL_CLAIM &&
         q.context.purpose != Purpose::SUBJECT_PROTECTION;
}

// Data Protection Act 2018 s.36: each controller for itself; between agencies by agreement.
bool F2NotOurs(const Question& q) {
  return q.principal.tenant != q.resource.tenant || q.cover == Cover::kNone ||
         q.cover == Cover::kExpired;
}

// Covert Human Intelligence Sources, Code of Practice: who a source is, only its handlers know.
bool F3Source(const Question& q) {
  return q.Concerns(DataClass::SOURCE) &&
         (q.principal.tenant != q.resource.tenant || q.resource.compartment.empty() ||
          !Names(q.principal.compartments, q.resource.compartment));
}

// College of Policing, 3x5x2: C is shared under its conditions, and without one it is not finished.
bool F4Conditions(const Question& q) {
  if (q.label().handling() != Handling::C || q.break_glass || q.given || q.verb == Audit::ERASE) {
    return false;
  }
  const ConditionTally tally = TallyConditions(q);
  return tally.asked == 0 || tally.broken > 0;
}

bool F5Community(const Question& q) {
  const bool community =
      q.label().class_() == DataClass::COMMUNITY && q.resource.record_class == DataClass::COMMUNITY;
  return ActsOnlyAs(q, Role::COMMUNITY) && !community && !q.label().released() &&
         !GivesOrEndsOwn(q);
}

bool F6Partner(const Question& q) {
  const bool intel = q.Concerns(DataClass::INTEL);
  const bool unshared = (intel || q.Concerns(DataClass::OPERATIONAL)) && !q.shared;
  return ActsOnlyAs(q, Role::PARTNER) && !GivesOrEndsOwn(q) &&
         (unshared || (intel && !q.label().sanitised()));
}

bool F7Behind(const Question& q) {
  return q.context.policy_epoch.tenant_seq < q.resource.min_policy_epoch.tenant_seq ||
         q.context.policy_epoch.operator_seq < q.resource.min_policy_epoch.operator_seq;
}

// Data Protection Act 2018 s.62(4): the log serves four purposes only.
bool F8Log(const Question& q) {
  return q.Concerns(DataClass::AUDIT) && !IsPurposeOfTheLog(q.context.purpose);
}

// Government Security Classifications (Cabinet Office): the house stops at OFFICIAL-SENSITIVE.
bool F9Marking(const Question& q) {
  return q.label().marking() > Marking::OFFICIAL_SENSITIVE ||
         q.label().marking() > q.principal.clearance;
}

bool F10Expired(const Question& q) {
  const bool condition =
      q.expires_at.has_value() && q.Passed(*q.expires_at) && q.verb != Audit::ERASE && !q.given;
  const bool grant = q.permitting.empty() && q.ever_permitted;
  return condition || q.cover == Cover::kExpired || grant;
}

// Who speaks for a neighbourhood is not for those who police it to know.
bool F11Influencer(const Question& q) {
  const CodeSet closed_to({Role::OFFICER, Role::ANALYST, Role::INTELLIGENCE, Role::SOURCE_HANDLER});
  return q.resource.stream.starts_with("influencer/") &&
         (q.live.Meets(closed_to) || q.context.purpose == Purpose::LAW_ENFORCEMENT ||
          q.context.purpose == Purpose::CRIMINAL_PROCEEDINGS);
}

bool N1Areas(const Question& q) {
  return !q.break_glass && !AreasMeet(q.principal.areas, q.resource.areas);
}

bool N2Phases(const Question& q) {
  return !q.break_glass && !q.resource.phases.empty() && !Names(q.resource.phases, q.context.phase);
}

bool N3Operation(const Question& q) {
  return !q.break_glass && !q.resource.operation.empty() &&
         q.resource.operation != q.context.operation;
}

// Data Protection Act 2018 s.30, s.31: law enforcement is the purpose of competent authorities.
bool N4Regime(const Question& q) {
  return q.context.purpose == Purpose::LAW_ENFORCEMENT && q.principal.regime != Agency::LED_PART3;
}

bool N5OnlyForTheLog(const Question& q) {
  return IsPurposeOfTheLog(q.context.purpose) && !q.Concerns(DataClass::AUDIT);
}

bool IsStale(const Question& q, DataClass::Code of_class) {
  const std::optional<absl::Duration> limit = q.table.SignInAge(of_class);
  if (!limit.has_value()) return false;
  if (!q.principal.signed_in_at.has_value()) return true;
  const absl::Duration age = q.now - *q.principal.signed_in_at;
  return age < absl::ZeroDuration() || age > *limit;
}

bool N6SignIn(const Question& q) {
  return q.principal.kind == PrincipalKind::kPerson && !q.given &&
         (IsStale(q, q.label().class_()) || IsStale(q, q.resource.record_class));
}

bool N7Justification(const Question& q) {
  const bool guarded = !q.given && (q.Concerns(DataClass::INTEL) || q.Concerns(DataClass::SOURCE));
  return !q.context.justified && q.context.justification == Justification::kRequired &&
         (guarded || q.verb == Audit::DISCLOSE);
}

bool N8Retention(const Question& q) {
  return q.resource.retention == Retention::kDisposed ||
         (q.resource.retention == Retention::kHeld && q.verb == Audit::ERASE);
}

constexpr std::array kForbids = {
    Rule{"F1", F1Restricted},    Rule{"F2", F2NotOurs},      Rule{"F3", F3Source},
    Rule{"F4", F4Conditions},    Rule{"F5", F5Community},    Rule{"F6", F6Partner},
    Rule{"F7", F7Behind},        Rule{"F8", F8Log},          Rule{"F9", F9Marking},
    Rule{"F10", F10Expired},     Rule{"F11", F11Influencer}, Rule{"N1", N1Areas},
    Rule{"N2", N2Phases},        Rule{"N3", N3Operation},    Rule{"N4", N4Regime},
    Rule{"N5", N5OnlyForTheLog}, Rule{"N6", N6SignIn},       Rule{"N7", N7Justification},
    Rule{"N8", N8Retention},
};

// A condition of handling C: whether the label asks for it, and whether it holds.
struct Condition {
  bool (*asked)(const Question&);
  bool (*holds)(const Question&);
};
bool InAnIntelligenceUnit(const Question& q) {
  return q.live.Has(Role::INTELLIGENCE) &&
         (q.principal.agency_type == Agency::POLICE || q.principal.agency_type == Agency::NCA_ROCU);
}
bool StaysHere(const Question& q) {
  return q.verb != Audit::DISCLOSE;
}
constexpr std::array kConditions = {
    Condition{[](const Question& q) { return !q.conditions().named_recipients().empty(); },
              [](const Question& q) {
                return std::ranges::count(q.conditions().named_recipients(), q.principal.ref) > 0;
              }},
    Condition{[](const Question& q) { return !q.conditions().agencies().empty(); },
              [](const Question& q) {
                return std::ranges::count(q.conditions().agencies(), q.principal.agency) > 0;
              }},
    Condition{[](const Question& q) { return q.conditions().intelligence_unit_only(); },
              InAnIntelligenceUnit},
    Condition{[](const Question& q) { return q.conditions().originator_consent(); },
              [](const Question& q) {
                return q.consent_until.has_value() && !q.Passed(*q.consent_until);
              }},
    Condition{[](const Question& q) { return q.conditions().no_onward(); }, StaysHere},
    Condition{[](const Question& q) { return q.conditions().no_local_copy(); }, StaysHere},
    Condition{[](const Question& q) { return q.expires_at.has_value(); },
              [](const Question& q) { return !q.Passed(*q.expires_at); }},
};

}  // namespace

std::span<const Rule> Forbids() {
  return kForbids;
}

ConditionTally TallyConditions(const Question& question) {
  ConditionTally tally;
  for (const Condition& condition : kConditions) {
    if (!condition.asked(question)) continue;
    ++tally.asked;
    if (!condition.holds(question)) ++tally.broken;
  }
  return tally;
}

}  // namespace holdfast::security::policy
