#include <array>

#include "security/policy/evaluator.h"

namespace holdfast::security::policy {
namespace {

using options::v1::Audit;
using type::v1::Handling;
using type::v1::Marking;

struct Duty {
  Obligation obligation;
  bool (*owed)(const Question&);
};

bool IsHidden(const Question& q) {
  return q.Concerns(DataClass::SOURCE) || q.Concerns(DataClass::AUDIT);
}

// Some role that permits has a cell for persons at all.
bool SeesPersons(const Question& q) {
  for (int code = Role::Code_MIN + 1; code <= Role::Code_MAX; ++code) {
    if (q.permitting.Has(code) &&
        q.table.At(DataClass::PERSON, static_cast<Role::Code>(code)) != 0) {
      return true;
    }
  }
  return false;
}

bool IsGuarded(const Question& q) {
  return q.label().marking() == Marking::OFFICIAL_SENSITIVE || q.label().handling() == Handling::C;
}

bool TakesTwo(const Question& q) {
  const bool source = q.Concerns(DataClass::SOURCE);
  return q.verb == Audit::ERASE ||
         (q.verb == Audit::DISCLOSE && (source || q.Concerns(DataClass::INTEL))) ||
         (q.verb == Audit::COMBINE && source);
}

constexpr std::array kDuties = {
    Duty{Obligation::kRedact,
         [](const Question& q) {
           return q.reading && q.personal && !IsHidden(q) && !SeesPersons(q);
         }},
    Duty{
        Obligation::kWatermark,
        [](const Question& q) { return q.verb == Audit::DISCLOSE || (q.reading && IsGuarded(q)); }},
    // Data Protection Act 2018 s.62(1).
    Duty{Obligation::kLog,
         [](const Question& q) {
           return q.personal || q.Concerns(DataClass::INTEL) || IsHidden(q) || q.break_glass;
         }},
    Duty{Obligation::kSecondPerson, TakesTwo},
    Duty{Obligation::kRowCap, [](const Question& q) { return q.reading && q.personal; }},
    Duty{Obligation::kNoLocalCopy,
         [](const Question& q) {
           return q.reading && q.label().handling() == Handling::C &&
                  q.conditions().no_local_copy();
         }},
    Duty{Obligation::kPage, [](const Question& q) { return q.break_glass; }},
};

}  // namespace

Obligations Owed(const Question& question) {
  Obligations owed;
  for (const Duty& duty : kDuties) {
    if (duty.owed(question)) owed.Add(duty.obligation);
  }
  return owed;
}

}  // namespace holdfast::security::policy
