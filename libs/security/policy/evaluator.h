// The policy as a value: a table of cells, a table of rules, and how the two combine. Production
// has one, by the shipped tables; tests make others, to show that a wrong one is found out.
#pragma once

#include <vector>

#include "security/policy/policy.h"
#include "security/policy/question.h"
#include "security/policy/role_class_table.h"
#include "security/policy/rules.h"

namespace holdfast::security::policy {

struct Evaluator {
  RoleClassTable table;
  std::vector<Rule> rules;  // what is unknown, what forbids

  // Promises that only a planted fault breaks.
  bool forbid_overrides_permit = true;
  void (*bend)(Question&) = nullptr;  // of what follows from the inputs, before anything is decided

  static Evaluator Shipped();
  Decision Decide(const Principal& principal, Verb verb, const Resource& resource,
                  const Context& context) const;
};

// Of a permit.
Obligations Owed(const Question& question);

// docs/methods/policy.md, "Digest". For ever: what an audit record names must be found again.
Hash DigestOf(const Question& question, const Decision& decision);

}  // namespace holdfast::security::policy
